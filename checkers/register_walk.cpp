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
  null_chains_.resize(subject.views.views.size());
  if (reads) find_nulls();
  for (std::size_t view = 0; view < subject.views.views.size(); ++view) {
    chains_.emplace_back().events = writes ? &subject.views.views[view].written : &nothing;
    chains_.emplace_back().events = reads ? &subject.views.views[view].read : &nothing;
    chains_.emplace_back().events = &null_chains_[view];
  }
  for (std::size_t chain = 0; chain < chains_.size(); ++chain) {
    if (chain % chains_a_view == nulls) continue;
    const auto& events = chains_[chain].events->events;
    for (std::size_t i = 0; i < events.size(); ++i) chains_[chain].first.emplace(events[i].version, i);
  }
  for (const Assumptions& tier : tiers) add_layer(tier);
}

/// Those that may turn out to be of one delete alone.
void RegisterWalk::find_nulls() {
  for (std::size_t place = 0; place < subject_.key.operations.size(); ++place) {
    if (subject_.key.sights[place] != Sight::ambiguous_null || !judged(place)) continue;
    const OperationIndex index = subject_.key.operations[place];
    const Owed event{index, initial_version, subject_.history.operations[index].complete};
    const std::uint32_t whole = subject_.views.of[place];
    const std::uint32_t own = subject_.views.own[place];
    null_chains_[whole].several = subject_.views.views[whole].read.several;
    null_chains_[whole].events.push_back(event);
    if (own != whole) null_chains_[own].events.push_back(event);
  }
}

void RegisterWalk::add_layer(const Assumptions& tier) {
  Layer layer{tier, subject_.order.graph(tier), {}};
  layer.covered.resize(chains_.size());
  layer.nulls.resize(subject_.views.views.size());
  // Only where an arc leaves a version does its operation matter; the kind that counts is that of the arc which leaves the joints.
  for (std::size_t chain = 0; chain < chains_.size(); ++chain) {
    const bool of_nulls = chain % chains_a_view == nulls;
    auto& joints = layer.joints.emplace_back();
    std::uint64_t rank = 0;
    for (const Owed& owed : chains_[chain].events->events) {
      rank = std::max(rank, of_nulls ? std::uint64_t{1} + owed.operation : subject_.order.rank(owed.version));
      const Node joint = layer.graph.add_joint(rank);
      if (!joints.empty()) layer.graph.add_base_arc(joints.back(), joint, {EdgeKind::read_your_writes});
      if (!of_nulls) layer.graph.add_base_arc(owed.version, joint, {EdgeKind::read_your_writes, owed.operation});
      joints.push_back(joint);
    }
    if (of_nulls && !joints.empty()) layer.settled_events.emplace(chain, *chains_[chain].events);
  }
  const bool acyclic = layer.graph.seal();
  assert(acyclic && "a tier that contradicts itself was to be dropped");
  static_cast<void>(acyclic);
  layers_.push_back(std::move(layer));
}

const OwedChain& RegisterWalk::events(const Layer& layer, std::size_t chain) const {
  const auto settled = layer.settled_events.find(chain);
  return settled == layer.settled_events.end() ? *chains_[chain].events : settled->second;
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
    const std::size_t first = chains_a_view * view;
    const Guarantee of_reads = writes ? Guarantee::writes_follow_reads : Guarantee::monotonic_reads;
    add(writes ? Guarantee::monotonic_writes : Guarantee::read_your_writes, first + written, slot + written);
    add(of_reads, first + read, slot + read);
    add(of_reads, first + nulls, slot + nulls);
  };
  add_view(subject_.views.of[place], 0);
  if (subject_.views.own[place] != subject_.views.of[place]) add_view(subject_.views.own[place], chains_a_view);
  return all;
}

std::size_t RegisterWalk::shared_events(const Layer& layer, const Demand& demand, VersionIndex met) const {
  const auto settled = layer.settled.find(demand.chain);
  const auto& first = settled == layer.settled.end() ? chains_[demand.chain].first : settled->second.first;
  const auto found = first.find(met);
  return found == first.end() ? demand.owed : std::min(found->second, demand.owed);
}

/// Where the demand may run into a cycle, newest first, since that is where a stale read shows.
std::vector<RegisterWalk::Goal> RegisterWalk::goals(const Layer& layer, const Demand& demand,
                                                    VersionIndex met) const {
  const OwedChain& chain = events(layer, demand.chain);
  const std::size_t shared = shared_events(layer, demand, met);
  const auto& known = layer.covered[demand.chain];
  const auto covered = known.find(met);
  const std::size_t done = std::max(shared, covered == known.end() ? 0 : covered->second);
  std::vector<Goal> all;
  for (std::size_t i = demand.owed; i > done; --i) {
    const VersionIndex owed = chain.events[i - 1].version;
    if (owed != met && owed != initial_version) all.push_back({owed, i - 1});
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
  const auto& owed_events = events(layer, demand.chain).events;
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
    recent.owed = owed_events[*goal->event];
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
    const OwedChain& chain = events(layer, demand.chain);
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

void RegisterWalk::accept(Layer& layer, const std::vector<Demand>& all, VersionIndex met, OperationIndex operation) {
  for (const Demand& demand : all) {
    const EdgeKind kind = edge_kind(demand.guarantee);
    const std::size_t shared = shared_events(layer, demand, met);
    std::size_t& covered = layer.covered[demand.chain][met];
    if (shared > 0) {
      layer.graph.add_arc(layer.joints[demand.chain][shared - 1], met, {kind, no_operation, operation});
    }
    const OwedChain& chain = events(layer, demand.chain);
    for (std::size_t i = std::max(shared, covered); i < demand.owed; ++i) {
      const Owed& owed = chain.events[i];
      if (owed.version == met || owed.version == initial_version) continue;
      layer.graph.add_arc(owed.version, met, {kind, owed.operation, operation});
    }
    covered = std::max(covered, demand.owed);
  }
}

/// What is left of the states that a null read may have met, up to two: those that close no cycle. Likely to do so are the newest deletes,
/// and those that did last time; then each is asked that has not been seen to close one already.
RegisterWalk::Left RegisterWalk::left_for_null(Layer& layer, const std::vector<Demand>& all, std::size_t place) const {
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
    if (cycle) known.closed[one] = owed;
    return cycle;
  };
  Left left;
  const auto several = [&](VersionIndex one) {
    if (left.count > 0 && left.one == one) return false;
    if (closes(one)) return false;
    if (left.count > 0) known.open = {one, left.one};
    left = {left.count + 1, one};
    return left.count > 1;
  };
  if (several(initial_version)) return left;
  for (const auto& run : seen.runs) {
    if (!run.empty() && seen.contains(run.back()) && several(run.back())) return left;
  }
  for (const VersionIndex one : known.open) {
    if (one != initial_version && seen.contains(one) && several(one)) return left;
  }
  const bool all_before = no_less_than(known.all_closed_with);
  std::vector<std::size_t> all_closed;
  for (std::size_t i = 0; i < seen.runs.size(); ++i) {
    const auto& run = seen.runs[i];
    const std::size_t done = all_before && i < known.all_closed.size() ? std::min(known.all_closed[i], run.size()) : 0;
    all_closed.push_back(run.size());
    for (std::size_t k = run.size(); k > done; --k) {
      if (!seen.contains(run[k - 1])) {
        all_closed[i] = k - 1;  // later reads may see it
        continue;
      }
      if (several(run[k - 1])) return left;
      if (left.count > 0 && left.one == run[k - 1]) all_closed[i] = k - 1;
    }
  }
  if (left.count > 0) known.open[0] = left.one;
  known.all_closed_with = owed;
  known.all_closed = std::move(all_closed);
  return left;
}

/// Only one delete can be what this null read saw.
void RegisterWalk::settle(Layer& layer, const std::vector<Demand>& all, std::size_t place, VersionIndex one,
                          bool with_evidence) {
  const OperationIndex index = subject_.key.operations[place];
  if (one == initial_version) return;  // nothing is older
  if (with_evidence) {
    const SeenRemovals seen = seen_removals(subject_.history, subject_.key, place, subject_.rules);
    const Violation others = violation_at(layer, all, place, one);
    layer.evidence[index] = {{index, subject_.key.versions[one].write, seen.count() - 1}, others.settled, others.operations,
                             others.assumptions};
  }
  accept(layer, all, one, index);
  const std::uint32_t whole = subject_.views.of[place];
  const std::uint32_t own = subject_.views.own[place];
  for (const std::uint32_t view : {whole, own}) {
    const std::size_t chain = chains_a_view * view + nulls;
    const auto found = layer.settled_events.find(chain);
    if (found == layer.settled_events.end()) continue;
    auto& events = found->second.events;
    const auto event = std::lower_bound(events.begin(), events.end(), index,
                                        [](const Owed& owed, OperationIndex other) { return owed.operation < other; });
    if (event->version == one) continue;
    event->version = one;
    const auto at = static_cast<std::size_t>(event - events.begin());
    layer.settled[chain].first.emplace(one, at);
    layer.graph.add_arc(one, layer.joints[chain][at], {EdgeKind::read_your_writes, index});
  }
}

bool RegisterWalk::breaks_at(Layer& layer, const std::vector<Demand>& all, std::size_t place) const {
  return subject_.key.sights[place] == Sight::version ? breaks(layer, all, subject_.key.seen[place])
                                                      : left_for_null(layer, all, place).count == 0;
}

/// Adds what the null reads rest on that the witness goes by.
void RegisterWalk::rest_on_settled(const Layer& layer, Violation& violation) const {
  const auto add = [&](const SettledNull& one) {
    const bool known = std::any_of(violation.settled.begin(), violation.settled.end(),
                                   [&](const SettledNull& other) { return other.read == one.read; });
    if (!known) violation.settled.push_back(one);
  };
  std::vector<std::size_t> more;
  for (const std::size_t index : violation.operations) {
    const auto found = layer.evidence.find(static_cast<OperationIndex>(index));
    if (index == violation.operation || found == layer.evidence.end()) continue;
    for (const SettledNull& other : found->second.others) add(other);
    add(found->second.what);
    more.insert(more.end(), found->second.operations.begin(), found->second.operations.end());
    violation.assumptions |= found->second.assumptions;
  }
  auto& all = violation.operations;
  all.insert(all.end(), more.begin(), more.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
}

/// With a breach for each state that the operation may have met, but for `left`. Of very many deletes only the newest are shown, and all
/// assumptions of the tier are named: the others may need them.
Violation RegisterWalk::violation_at(Layer& layer, const std::vector<Demand>& all, std::size_t place,
                                     std::optional<VersionIndex> left) const {
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
        if (!seen.contains(*one) || *one == left) continue;
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
  rest_on_settled(layer, violation);
  return violation;
}

/// False if the operation breaks the set; `found` then gets the violation, unless it is null.
bool RegisterWalk::take(std::size_t place, std::vector<Violation>* found) {
  const auto all = demands(place);
  const bool certain = subject_.key.sights[place] == Sight::version;
  const OperationIndex index = subject_.key.operations[place];
  if (all.empty()) {
    if (!certain) unsettled_.push_back(index);
    return true;
  }
  if (!breaks_at(layers_.back(), all, place)) {
    // Two demands of one operation enter the same version: together they close no cycle that neither closes alone. What a null read met is
    // known in the tiers that leave one state; while there are several, it draws nothing.
    for (Layer& layer : layers_) {
      if (certain) {
        accept(layer, all, subject_.key.seen[place], index);
        continue;
      }
      const Left left = left_for_null(layer, all, place);
      if (left.count == 1) {
        settle(layer, all, place, left.one, found != nullptr);
      } else if (&layer == &layers_.back()) {
        unsettled_.push_back(index);
      }
    }
    return true;
  }
  if (found == nullptr) return false;
  for (Layer& layer : layers_) {
    if (&layer != &layers_.back() && !breaks_at(layer, all, place)) continue;
    found->push_back(violation_at(layer, all, place, std::nullopt));
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
