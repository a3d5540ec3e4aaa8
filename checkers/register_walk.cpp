#include "checkers/register_walk.hpp"

#include <algorithm>
#include <cassert>

#include "checkers/witness.hpp"

namespace afterwrite {

EdgeKind edge_kind(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::read_your_writes:
      return EdgeKind::read_your_writes;
    case Guarantee::monotonic_reads:
      return EdgeKind::monotonic_reads;
    case Guarantee::monotonic_writes:
      return EdgeKind::monotonic_writes;
    case Guarantee::writes_follow_reads:
      return EdgeKind::writes_follow_reads;
  }
  return EdgeKind::initial;
}

RegisterWalk::RegisterWalk(const RegisterSubject& subject, Guarantees set, const std::vector<Assumptions>& tiers,
                           const Flagged& skip)
    : subject_(subject), set_(set), skip_(skip) {
  static const OwedChain nothing;
  const bool writes = has(set, Guarantee::read_your_writes) || has(set, Guarantee::monotonic_writes);
  const bool reads = has(set, Guarantee::monotonic_reads) || has(set, Guarantee::writes_follow_reads);
  for (const SessionView& view : subject.views.views) {
    chains_.emplace_back().events = writes ? &view.written : &nothing;
    chains_.emplace_back().events = reads ? &view.read : &nothing;
  }
  for (Chain& chain : chains_) {
    const auto& events = chain.events->events;
    for (std::size_t i = 0; i < events.size(); ++i) chain.first.emplace(events[i].version, i);
  }
  for (const Assumptions& tier : tiers) add_layer(tier);
}

void RegisterWalk::add_layer(const Assumptions& tier) {
  Layer layer{tier, subject_.order.graph(tier), {}};
  // Only where an arc leaves a version does its operation matter; the kind that counts is that of the arc which leaves the joints.
  for (const Chain& chain : chains_) {
    auto& joints = layer.joints.emplace_back();
    std::uint64_t rank = 0;
    for (const Owed& owed : chain.events->events) {
      rank = std::max(rank, subject_.order.rank(owed.version));
      const Node joint = layer.graph.add_joint(rank);
      if (!joints.empty()) layer.graph.add_base_arc(joints.back(), joint, {EdgeKind::read_your_writes});
      layer.graph.add_base_arc(owed.version, joint, {EdgeKind::read_your_writes, owed.operation});
      joints.push_back(joint);
    }
  }
  const bool acyclic = layer.graph.seal();
  assert(acyclic && "a tier that contradicts itself was to be dropped");
  static_cast<void>(acyclic);
  layers_.push_back(std::move(layer));
}

bool RegisterWalk::judged(std::size_t place) const {
  const OperationIndex index = subject_.key.operations[place];
  return subject_.key.sights[place] != Sight::none && !skip_.contains(index) &&
         (subject_.in_group.empty() || subject_.in_group[index]);
}

std::vector<RegisterWalk::Demand> RegisterWalk::demands(std::size_t place) const {
  const OperationIndex index = subject_.key.operations[place];
  const bool writes = subject_.history.operations[index].is_write();
  const std::size_t written = std::size_t{2} * subject_.views.of[place];
  std::vector<Demand> all;
  const auto add = [&](Guarantee guarantee, std::size_t chain) {
    if (!has(set_, guarantee)) return;
    const std::size_t owed = chains_[chain].events->owed_to(subject_.history, index);
    if (owed > 0) all.push_back({guarantee, chain, owed});
  };
  add(writes ? Guarantee::monotonic_writes : Guarantee::read_your_writes, written);
  add(writes ? Guarantee::writes_follow_reads : Guarantee::monotonic_reads, written + 1);
  return all;
}

std::size_t RegisterWalk::shared_events(const Demand& demand, VersionIndex met) const {
  const auto& first = chains_[demand.chain].first;
  const auto found = first.find(met);
  return found == first.end() ? demand.owed : std::min(found->second, demand.owed);
}

/// Where the demand runs into a cycle, newest first, since that is where a stale read shows; at most `most` places.
std::vector<RegisterWalk::Goal> RegisterWalk::goals(Layer& layer, const Demand& demand, VersionIndex met,
                                                    std::size_t most) {
  const Chain& chain = chains_[demand.chain];
  const std::size_t shared = shared_events(demand, met);
  const auto covered = chain.covered.find(met);
  const std::size_t done = std::max(shared, covered == chain.covered.end() ? 0 : covered->second);
  std::vector<Goal> found;
  for (std::size_t i = demand.owed; i > done && found.size() < most; --i) {
    const VersionIndex owed = chain.events->events[i - 1].version;
    if (owed != met && layer.graph.reaches(met, owed)) found.push_back({owed, i - 1});
  }
  if (shared == 0 || found.size() >= most) return found;
  const Node joint = layer.joints[demand.chain][shared - 1];
  if (layer.graph.reaches(met, joint)) found.push_back({joint, std::nullopt});
  return found;
}

bool RegisterWalk::breaks(Layer& layer, const std::vector<Demand>& all, VersionIndex met) {
  return std::any_of(all.begin(), all.end(),
                     [&](const Demand& demand) { return !goals(layer, demand, met, 1).empty(); });
}

/// The breach that takes least to see.
Breach RegisterWalk::breach(Layer& layer, const std::vector<Demand>& all, VersionIndex met) {
  constexpr std::size_t compared = 16;
  std::optional<Breach> best;
  const auto offer = [&](Breach offered) {
    if (!best || weight(offered) < weight(*best)) best = std::move(offered);
  };
  for (const Demand& demand : all) {
    const OwedChain& chain = *chains_[demand.chain].events;
    const Breach blank{layer.tier, demand.guarantee, &chain, demand.owed, met, {}, {}};
    if (Breach direct = blank; direct_path(subject_, direct)) {
      offer(std::move(direct));
      continue;
    }
    for (const Goal& goal : goals(layer, demand, met, compared)) {
      Breach found = blank;
      found.path = layer.graph.cheapest_path(met, goal.node, static_cast<Node>(subject_.key.versions.size()));
      assert(!found.path.empty());
      if (goal.event) {
        found.owed = chain.events[*goal.event];
      } else {
        const VersionGraph::Step& last = found.path.back();
        found.owed = {last.out.older_operation, last.older,
                      subject_.history.operations[last.out.older_operation].complete};
        found.path.pop_back();
      }
      offer(std::move(found));
    }
  }
  assert(best && "asked for a breach where there is none");
  return *std::move(best);
}

void RegisterWalk::accept(const std::vector<Demand>& all, VersionIndex met, OperationIndex operation) {
  for (const Demand& demand : all) {
    const EdgeKind kind = edge_kind(demand.guarantee);
    Chain& chain = chains_[demand.chain];
    const std::size_t shared = shared_events(demand, met);
    std::size_t& covered = chain.covered[met];
    for (Layer& layer : layers_) {
      if (shared > 0) {
        layer.graph.add_arc(layer.joints[demand.chain][shared - 1], met, {kind, no_operation, operation});
      }
      for (std::size_t i = std::max(shared, covered); i < demand.owed; ++i) {
        const Owed& owed = chain.events->events[i];
        if (owed.version != met) layer.graph.add_arc(owed.version, met, {kind, owed.operation, operation});
      }
    }
    covered = std::max(covered, demand.owed);
  }
}

std::vector<VersionIndex> RegisterWalk::met_by(std::size_t place) const {
  if (subject_.key.sights[place] == Sight::version) return {subject_.key.seen[place]};
  return null_candidates(subject_.history, subject_.key, subject_.key.operations[place], subject_.rules);
}

/// A breach only if every state that the operation may have met is one.
bool RegisterWalk::breaks(Layer& layer, const std::vector<Demand>& all, const std::vector<VersionIndex>& met) {
  return std::all_of(met.begin(), met.end(), [&](VersionIndex one) { return breaks(layer, all, one); });
}

/// False if the operation breaks the set; `found` then gets the violation, unless it is null.
bool RegisterWalk::take(std::size_t place, std::vector<Violation>* found) {
  const auto all = demands(place);
  if (all.empty()) return true;
  const auto met = met_by(place);
  const OperationIndex index = subject_.key.operations[place];
  if (!breaks(layers_.back(), all, met)) {
    // Two demands of one operation enter the same version: together they close no cycle that neither closes alone. It is never known which of
    // several states a null read met, so it draws nothing.
    if (met.size() == 1) accept(all, met.front(), index);
    return true;
  }
  if (found == nullptr) return false;
  for (Layer& layer : layers_) {
    if (&layer != &layers_.back() && !breaks(layer, all, met)) continue;
    std::vector<Breach> breaches;
    for (const VersionIndex one : met) breaches.push_back(breach(layer, all, one));
    found->push_back(make_violation(subject_, set_, index, breaches));
    break;
  }
  return false;
}

std::vector<Violation> RegisterWalk::run() {
  std::vector<Violation> violations;
  for (std::size_t place = 0; place < subject_.key.operations.size(); ++place) {
    if (judged(place)) take(place, &violations);
  }
  return violations;
}

bool RegisterWalk::sound() {
  for (std::size_t place = 0; place < subject_.key.operations.size(); ++place) {
    if (judged(place) && !take(place, nullptr)) return false;
  }
  return true;
}

}  // namespace afterwrite
