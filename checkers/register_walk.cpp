#include "checkers/register_walk.hpp"

#include <algorithm>
#include <cassert>

namespace afterwrite {

namespace {

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

}  // namespace

RegisterWalk::RegisterWalk(const Subject& subject, Guarantees set, Assumptions tier, const Flagged& skip)
    : subject_(subject), set_(set), tier_(tier), skip_(skip), graph_(subject.order.graph(tier)) {
  const auto& views = subject.views.views;
  written_.resize(views.size());
  read_.resize(views.size());
  const bool writes = has(set, Guarantee::read_your_writes) || has(set, Guarantee::monotonic_writes);
  const bool reads = has(set, Guarantee::monotonic_reads) || has(set, Guarantee::writes_follow_reads);
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (writes) add_chain(views[i].written, written_[i], EdgeKind::read_your_writes);
    if (reads) add_chain(views[i].read, read_[i], EdgeKind::monotonic_reads);
  }
  const bool acyclic = graph_.seal();
  assert(acyclic && "a tier that contradicts itself was to be dropped");
  static_cast<void>(acyclic);
}

void RegisterWalk::add_chain(const OwedChain& chain, ChainNodes& nodes, EdgeKind kind) {
  std::uint64_t rank = 0;
  for (std::size_t i = 0; i < chain.events.size(); ++i) {
    const Owed& owed = chain.events[i];
    nodes.first.emplace(owed.version, i);
    rank = std::max(rank, subject_.order.rank(owed.version));
    const Node joint = graph_.add_joint(rank);
    if (i > 0) graph_.add_base_arc(nodes.joints.back(), joint, {kind});
    graph_.add_base_arc(owed.version, joint, {kind, owed.operation});
    nodes.joints.push_back(joint);
  }
}

bool RegisterWalk::judged(std::size_t place) const {
  const OperationIndex index = subject_.key.operations[place];
  return subject_.key.sights[place] != Sight::none && !skip_.contains(index) &&
         (subject_.in_group.empty() || subject_.in_group[index]);
}

std::vector<RegisterWalk::Demand> RegisterWalk::demands(std::size_t place) {
  const OperationIndex index = subject_.key.operations[place];
  const bool writes = subject_.history.operations[index].is_write();
  const std::uint32_t whose = subject_.views.of[place];
  const SessionView& view = subject_.views.views[whose];
  std::vector<Demand> all;
  const Guarantee of_written = writes ? Guarantee::monotonic_writes : Guarantee::read_your_writes;
  const Guarantee of_read = writes ? Guarantee::writes_follow_reads : Guarantee::monotonic_reads;
  if (has(set_, of_written)) {
    all.push_back({of_written, &view.written, &written_[whose], view.written.owed_to(subject_.history, index)});
  }
  if (has(set_, of_read)) {
    all.push_back({of_read, &view.read, &read_[whose], view.read.owed_to(subject_.history, index)});
  }
  std::erase_if(all, [](const Demand& demand) { return demand.owed == 0; });
  return all;
}

std::optional<RegisterWalk::Breach> RegisterWalk::breach(const Demand& demand, VersionIndex met) {
  const auto first = demand.nodes->first.find(met);
  const bool among = first != demand.nodes->first.end() && first->second < demand.owed;
  const std::size_t before = among ? first->second : demand.owed;
  if (among) {
    // What was met is itself owed: everything else must be older. Newest first, since that is where a stale read shows.
    const auto covered = demand.nodes->covered.find(met);
    const std::size_t done =
        std::max(before + 1, covered == demand.nodes->covered.end() ? 0 : covered->second);
    for (std::size_t i = demand.owed; i > done; --i) {
      const VersionIndex owed = demand.chain->events[i - 1].version;
      if (owed != met && graph_.reaches(met, owed)) return Breach{demand, met, owed, i - 1};
    }
  }
  if (before > 0 && graph_.reaches(met, demand.nodes->joints[before - 1])) {
    return Breach{demand, met, demand.nodes->joints[before - 1], std::nullopt};
  }
  return std::nullopt;
}

std::optional<RegisterWalk::Breach> RegisterWalk::breach_of_any(const std::vector<Demand>& all,
                                                                VersionIndex met) {
  for (const Demand& demand : all) {
    if (auto found = breach(demand, met)) return found;
  }
  return std::nullopt;
}

void RegisterWalk::accept(const Demand& demand, VersionIndex met, OperationIndex operation) {
  const EdgeKind kind = edge_kind(demand.guarantee);
  const auto first = demand.nodes->first.find(met);
  const bool among = first != demand.nodes->first.end() && first->second < demand.owed;
  const std::size_t before = among ? first->second : demand.owed;
  if (before > 0) graph_.add_arc(demand.nodes->joints[before - 1], met, {kind, no_operation, operation});
  if (!among) return;
  std::size_t& covered = demand.nodes->covered[met];
  for (std::size_t i = std::max(before + 1, covered); i < demand.owed; ++i) {
    const Owed& owed = demand.chain->events[i];
    if (owed.version != met) graph_.add_arc(owed.version, met, {kind, owed.operation, operation});
  }
  covered = std::max(covered, demand.owed);
}

std::optional<RegisterWalk::Breach> RegisterWalk::judge(std::size_t place) {
  const OperationIndex index = subject_.key.operations[place];
  const auto all = demands(place);
  if (all.empty()) return std::nullopt;
  if (subject_.key.sights[place] == Sight::ambiguous_null) {
    // A breach only if every state that the read may have seen is one; it is never known which, so no edge is drawn.
    std::optional<Breach> last;
    for (const VersionIndex met : null_candidates(subject_.history, subject_.key, index, subject_.rules)) {
      auto found = breach_of_any(all, met);
      if (!found) return std::nullopt;
      if (!last) last = std::move(found);
    }
    return last;
  }
  const VersionIndex met = subject_.key.seen[place];
  if (auto found = breach_of_any(all, met)) return found;
  // Two demands of one operation enter the same version: together they close no cycle that neither closes alone.
  for (const Demand& demand : all) accept(demand, met, index);
  return std::nullopt;
}

std::vector<Violation> RegisterWalk::run() {
  std::vector<Violation> violations;
  for (std::size_t place = 0; place < subject_.key.operations.size(); ++place) {
    if (!judged(place)) continue;
    if (const auto found = judge(place)) violations.push_back(witness(*found, subject_.key.operations[place]));
  }
  return violations;
}

bool RegisterWalk::sound() {
  for (std::size_t place = 0; place < subject_.key.operations.size(); ++place) {
    if (judged(place) && judge(place)) return false;
  }
  return true;
}

/// A stale read that one fact or assumption shows: by far the most frequent kind, and always a shortest witness.
bool RegisterWalk::direct_witness(const Breach& breach, Violation& violation, OperationIndex operation) const {
  const auto& events = breach.demand.chain->events;
  constexpr std::size_t looked_at = 64;
  const std::size_t stop = breach.demand.owed > looked_at ? breach.demand.owed - looked_at : 0;
  std::optional<std::size_t> best;
  EdgeKind best_kind = EdgeKind::initial;
  std::size_t best_cost = 3;
  for (std::size_t i = breach.demand.owed; i > stop && best_cost > 0; --i) {
    const auto kind = subject_.order.directly_older(breach.met, events[i - 1].version, tier_);
    if (!kind) continue;
    const std::size_t cost = *kind == EdgeKind::realtime_writes ? 2 : *kind == EdgeKind::writer_order ? 1 : 0;
    if (cost >= best_cost) continue;
    best = i - 1;
    best_kind = *kind;
    best_cost = cost;
  }
  // Only in the first tier is a direct fact surely the cheapest; in a later one an assumption alone is as cheap as it gets.
  if (!best) return false;
  const Owed& owed = events[*best];
  const Value& older = subject_.key.versions[breach.met].value;
  const Value& newer = subject_.key.versions[owed.version].value;
  violation.cycle.push_back({best_kind, older, newer, {}});
  for (const OperationIndex index : subject_.order.evidence(best_kind, breach.met, owed.version)) {
    violation.cycle.back().operations.push_back(index);
  }
  violation.cycle.push_back({edge_kind(breach.demand.guarantee), newer, older, {owed.operation, operation}});
  choose_operations(violation, {breach.met, owed.version});
  complete_witness(violation, owed, breach.met);
  return true;
}

Violation RegisterWalk::witness(const Breach& breach, OperationIndex operation) const {
  Violation violation;
  violation.guarantees = set_;
  violation.scope_name = subject_.scoping.names[subject_.scoping.of[operation]];
  violation.key = subject_.key.key;
  violation.operation = operation;
  violation.observed = subject_.key.versions[breach.met].value;
  if (direct_witness(breach, violation, operation)) return violation;
  const auto versions = static_cast<Node>(subject_.key.versions.size());
  auto path = graph_.cheapest_path(breach.met, breach.goal, versions);
  assert(!path.empty());
  Owed owed;
  if (breach.event) {
    owed = breach.demand.chain->events[*breach.event];
  } else {
    owed.operation = path.back().out.older_operation;
    owed.version = path.back().older;
    owed.complete = subject_.history.operations[owed.operation].complete;
    path.pop_back();
  }
  Versions versions_met{breach.met};
  for (const auto& step : path) {
    versions_met.push_back(step.newer);
    Edge edge{step.in.kind, subject_.key.versions[step.older].value, subject_.key.versions[step.newer].value, {}};
    const OperationIndex out = step.out.older_operation;
    if (out != no_operation) edge.operations = {out, step.in.newer_operation};
    for (const OperationIndex index : subject_.order.evidence(step.in.kind, step.older, step.newer)) {
      edge.operations.push_back(index);
    }
    violation.cycle.push_back(std::move(edge));
  }
  violation.cycle.push_back({edge_kind(breach.demand.guarantee), subject_.key.versions[owed.version].value,
                             violation.observed, {owed.operation, operation}});
  choose_operations(violation, versions_met);
  complete_witness(violation, owed, breach.met);
  return violation;
}

/// The operations of a witness: those that the guarantees' edges name, those that show facts and assumptions, and the writes of what was
/// read, without which the values would be nobody's. A recorded version that one of the first bears needs no other witness.
void RegisterWalk::choose_operations(Violation& violation, const Versions& versions) const {
  const auto& operations = subject_.history.operations;
  std::vector<std::size_t> chosen;
  const auto is_guarantee = [](EdgeKind kind) { return kind >= EdgeKind::read_your_writes; };
  for (const Edge& edge : violation.cycle) {
    if (is_guarantee(edge.kind)) chosen.insert(chosen.end(), edge.operations.begin(), edge.operations.end());
  }
  const auto bearer = [&](const Value& value) -> std::optional<std::size_t> {
    for (const std::size_t index : chosen) {
      if (operations[index].version && operations[index].value == value) return index;
    }
    return std::nullopt;
  };
  for (Edge& edge : violation.cycle) {
    if (edge.kind == EdgeKind::recorded_version) {
      if (const auto older = bearer(edge.older)) edge.operations[0] = *older;
      if (const auto newer = bearer(edge.newer)) edge.operations[1] = *newer;
    } else if (edge.kind == EdgeKind::writer_order) {
      violation.assumptions.set(static_cast<std::size_t>(Assumption::writer_order));
    } else if (edge.kind == EdgeKind::realtime_writes) {
      violation.assumptions.set(static_cast<std::size_t>(Assumption::realtime_writes));
      violation.assumptions.set(static_cast<std::size_t>(Assumption::one_clock));
    }
    chosen.insert(chosen.end(), edge.operations.begin(), edge.operations.end());
  }
  for (const VersionIndex id : versions) {
    if (subject_.key.versions[id].write != no_operation) chosen.push_back(subject_.key.versions[id].write);
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  violation.operations = std::move(chosen);
}

void RegisterWalk::complete_witness(Violation& violation, const Owed& owed, VersionIndex met) const {
  const Version& wanted = subject_.key.versions[owed.version];
  const Version& shown = subject_.key.versions[met];
  violation.expected = wanted.value;
  const Nanoseconds since = subject_.order.there_since(owed.version).value_or(owed.complete);
  const Nanoseconds invoke = subject_.history.operations[violation.operation].invoke;
  violation.staleness_ms = static_cast<double>(std::max<Nanoseconds>(invoke - std::min(since, owed.complete), 0)) / 1e6;
  if (wanted.recorded && shown.recorded && wanted.recorded->epoch == shown.recorded->epoch) {
    violation.versions_behind = wanted.recorded->version - shown.recorded->version;
  } else if (wanted.recorded && met == initial_version) {
    violation.versions_behind = wanted.recorded->version;
  }
}

}  // namespace afterwrite
