#include "checkers/register_walk.hpp"

#include <algorithm>
#include <cassert>
#include <functional>

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
    case Guarantee::causal:
      return EdgeKind::causal_order;
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
  Layer layer{tier, subject_.order.graph(tier), {}, std::vector<Nulls>(subject_.views.views.size())};
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
  std::vector<Demand> all;
  const auto add = [&](Guarantee guarantee, std::size_t chain, std::size_t slot) {
    if (!has(set_, guarantee)) return;
    const std::size_t owed = chains_[chain].events->owed_to(subject_.history, index);
    if (owed > 0) all.push_back({guarantee, chain, owed, slot});
  };
  const auto add_view = [&](std::uint32_t view, std::size_t slot) {
    const std::size_t written = std::size_t{2} * view;
    add(writes ? Guarantee::monotonic_writes : Guarantee::read_your_writes, written, slot);
    add(writes ? Guarantee::writes_follow_reads : Guarantee::monotonic_reads, written + 1, slot + 1);
  };
  add_view(subject_.views.of[place], 0);
  if (subject_.views.own[place] != subject_.views.of[place]) add_view(subject_.views.own[place], 2);
  return all;
}

std::size_t RegisterWalk::shared_events(const Demand& demand, VersionIndex met) const {
  const auto& first = chains_[demand.chain].first;
  const auto found = first.find(met);
  return found == first.end() ? demand.owed : std::min(found->second, demand.owed);
}

/// Where the demand may run into a cycle, newest first, since that is where a stale read shows.
std::vector<RegisterWalk::Goal> RegisterWalk::goals(const Layer& layer, const Demand& demand,
                                                    VersionIndex met) const {
  const Chain& chain = chains_[demand.chain];
  const std::size_t shared = shared_events(demand, met);
  const auto covered = chain.covered.find(met);
  const std::size_t done = std::max(shared, covered == chain.covered.end() ? 0 : covered->second);
  std::vector<Goal> all;
  for (std::size_t i = demand.owed; i > done; --i) {
    const VersionIndex owed = chain.events->events[i - 1].version;
    if (owed != met) all.push_back({owed, i - 1});
  }
  if (shared > 0) all.push_back({layer.joints[demand.chain][shared - 1], std::nullopt});
  return all;
}

bool RegisterWalk::breaks(Layer& layer, const std::vector<Demand>& all, VersionIndex met) const {
  std::vector<Node> nodes;
  for (const Demand& demand : all) {
    for (const Goal& goal : goals(layer, demand, met)) nodes.push_back(goal.node);
  }
  return layer.graph.reaches_any(met, nodes);
}

/// Those that take least to see, of the newest events and of the older ones together.
std::vector<Breach> RegisterWalk::nearest_breaches(Layer& layer, const Demand& demand, const Breach& blank) const {
  constexpr std::size_t compared = 16;
  const auto versions = static_cast<Node>(subject_.key.versions.size());
  const auto& events = chains_[demand.chain].events->events;
  const std::vector<Goal> all = goals(layer, demand, blank.met);
  std::vector<Node> nodes;
  for (const Goal& goal : all) nodes.push_back(goal.node);
  std::vector<Node> reached = layer.graph.reached(blank.met, nodes, compared);
  std::vector<Breach> found;
  if (!reached.empty() && reached.back() >= versions) {
    Breach older = blank;
    older.path = layer.graph.cheapest_path(blank.met, reached.back(), versions);
    const VersionGraph::Step last = older.path.back();
    older.owed = {last.out.older_operation, last.older,
                  subject_.history.operations[last.out.older_operation].complete};
    older.path.pop_back();
    found.push_back(std::move(older));
    reached.pop_back();
  }
  if (!reached.empty()) {
    Breach recent = blank;
    recent.path = layer.graph.cheapest_path(blank.met, reached, versions);
    const Node end = recent.path.back().newer;
    const auto goal = std::find_if(all.begin(), all.end(), [&](const Goal& one) { return one.node == end; });
    recent.owed = events[*goal->event];
    found.insert(found.begin(), std::move(recent));
  }
  return found;
}

/// The breach that takes least to see.
Breach RegisterWalk::breach(Layer& layer, const std::vector<Demand>& all, VersionIndex met) const {
  std::optional<Breach> best;
  const auto offer = [&](Breach offered) {
    if (!best || weight(offered) < weight(*best)) best = std::move(offered);
  };
  for (const Demand& demand : all) {
    const OwedChain& chain = *chains_[demand.chain].events;
    const Breach blank{layer.tier, demand.guarantee, &chain, demand.owed, met, {}, {}};
    if (Breach direct = blank; direct_path(subject_, direct)) {
      offer(std::move(direct));
    } else {
      for (Breach& nearest : nearest_breaches(layer, demand, blank)) offer(std::move(nearest));
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

/// A null read breaks something only if every state that it may have met does. The initial state does wherever anything is owed. Of the
/// deletes the newest is most likely to break nothing, and the one that broke nothing last time; then each is asked that has not
/// been seen to break something already.
bool RegisterWalk::null_breaks(Layer& layer, const std::vector<Demand>& all, std::size_t place) const {
  const SeenRemovals seen = seen_removals(subject_.history, subject_.key, place, subject_.rules);
  Nulls& known = layer.nulls[subject_.views.own[place]];
  OwedCounts owed{};
  for (const Demand& demand : all) owed[demand.slot] = demand.owed;
  const auto no_less_than = [&](const OwedCounts& then) {
    return std::equal(owed.begin(), owed.end(), then.begin(), std::greater_equal<>());
  };
  const auto closes = [&](VersionIndex one) {
    const auto before = known.closed.find(one);
    if (before != known.closed.end() && no_less_than(before->second)) return true;
    const bool cycle = breaks(layer, all, one);
    if (cycle) {
      known.closed[one] = owed;
    } else {
      known.open = one;
    }
    return cycle;
  };
  for (const auto& run : seen.runs) {
    if (!run.empty() && seen.contains(run.back()) && !closes(run.back())) return false;
  }
  if (known.open && seen.contains(*known.open) && !closes(*known.open)) return false;
  const bool all_before = no_less_than(known.all_closed_with);
  std::vector<std::size_t> all_closed;
  for (std::size_t i = 0; i < seen.runs.size(); ++i) {
    const auto& run = seen.runs[i];
    const std::size_t done = all_before && i < known.all_closed.size() ? known.all_closed[i] : 0;
    all_closed.push_back(run.size());
    for (std::size_t k = run.size(); k > done; --k) {
      if (!seen.contains(run[k - 1])) {
        all_closed[i] = k - 1;  // later reads may see it
      } else if (!closes(run[k - 1])) {
        return false;
      }
    }
  }
  known.all_closed_with = owed;
  known.all_closed = std::move(all_closed);
  return true;
}

bool RegisterWalk::breaks_at(Layer& layer, const std::vector<Demand>& all, std::size_t place) const {
  return subject_.key.sights[place] == Sight::version ? breaks(layer, all, subject_.key.seen[place])
                                                      : null_breaks(layer, all, place);
}

/// With a breach for each state that the operation may have met. Of very many deletes only the newest are shown, and all
/// assumptions of the tier are named: the others may need them.
Violation RegisterWalk::violation_at(Layer& layer, const std::vector<Demand>& all, std::size_t place) const {
  constexpr std::size_t shown_deletes = 16;
  const OperationIndex index = subject_.key.operations[place];
  std::vector<VersionIndex> met;
  bool every_one = true;
  if (subject_.key.sights[place] == Sight::version) {
    met.push_back(subject_.key.seen[place]);
  } else {
    met.push_back(initial_version);
    const SeenRemovals seen = seen_removals(subject_.history, subject_.key, place, subject_.rules);
    for (const auto& run : seen.runs) {
      const std::size_t before = met.size();
      for (auto one = run.rbegin(); one != run.rend(); ++one) {
        if (!seen.contains(*one)) continue;
        every_one = every_one && met.size() <= shown_deletes;
        if (!every_one) break;
        met.push_back(*one);
      }
      std::reverse(met.begin() + static_cast<std::ptrdiff_t>(before), met.end());
    }
  }
  std::vector<Breach> breaches;
  for (const VersionIndex one : met) breaches.push_back(breach(layer, all, one));
  spare_writer_order(subject_, breaches);
  Violation violation = make_violation(subject_, set_, index, breaches);
  if (!every_one) {
    violation.assumptions |= layer.tier;
    if (has(layer.tier, Assumption::realtime_writes) || subject_.scoping.scope == Scope::user) {
      violation.assumptions.set(static_cast<std::size_t>(Assumption::one_clock));
    }
  }
  return violation;
}

/// False if the operation breaks the set; `found` then gets the violation, unless it is null.
bool RegisterWalk::take(std::size_t place, std::vector<Violation>* found) {
  const auto all = demands(place);
  if (all.empty()) return true;
  if (!breaks_at(layers_.back(), all, place)) {
    // Two demands of one operation enter the same version: together they close no cycle that neither closes alone. It is never known which of
    // several states a null read met, so it draws nothing.
    if (subject_.key.sights[place] == Sight::version) {
      accept(all, subject_.key.seen[place], subject_.key.operations[place]);
    }
    return true;
  }
  if (found == nullptr) return false;
  for (Layer& layer : layers_) {
    if (&layer != &layers_.back() && !breaks_at(layer, all, place)) continue;
    found->push_back(violation_at(layer, all, place));
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
