#include "checkers/key_order.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace afterwrite {

KeyOrder::KeyOrder(const History& history, const KeyHistory& key, Assumptions assumed)
    : history_(history), key_(key) {
  find_effects();
  tiers_.emplace_back();
  Assumptions taken;
  for (const Assumption assumption : {Assumption::writer_order, Assumption::realtime_writes}) {
    if (!has(assumed, assumption)) continue;
    if (assumption == Assumption::realtime_writes && !has(assumed, Assumption::one_clock)) continue;
    Assumptions next = taken;
    next.set(static_cast<std::size_t>(assumption));
    if (graph(next).seal()) {
      taken = next;
      tiers_.push_back(taken);
    } else {
      dropped_.set(static_cast<std::size_t>(assumption));
    }
  }
}

void KeyOrder::find_effects() {
  effects_.resize(key_.versions.size());
  for (std::size_t i = 0; i < key_.operations.size(); ++i) {
    if (key_.sights[i] != Sight::version || key_.seen[i] == initial_version) continue;
    const OperationIndex index = key_.operations[i];
    const Operation& op = history_.operations[index];
    if (op.is_write() && op.outcome != Outcome::ok) continue;
    Effect& effect = effects_[key_.seen[i]];
    const OperationIndex write = key_.versions[key_.seen[i]].write;
    // A read that completes at the very moment in which its write is invoked shows nothing of an order: times tie.
    if (!op.is_write() && write != no_operation && completes_before(op, history_.operations[write])) continue;
    if (effect.anyone == no_operation) effect.anyone = index;
    if (effect.own == no_operation && write != no_operation && history_.operations[write].session == op.session) {
      effect.own = index;
    }
  }
}

std::optional<std::int64_t> KeyOrder::versions_between(VersionIndex older, VersionIndex newer) const {
  const auto& low = key_.versions[older].recorded;
  const auto& high = key_.versions[newer].recorded;
  if (!high || (older != initial_version && (!low || low->epoch != high->epoch))) return std::nullopt;
  if (numbers_.empty()) {
    for (const Version& version : key_.versions) {
      if (version.recorded) numbers_.push_back(*version.recorded);
    }
    std::sort(numbers_.begin(), numbers_.end());
    numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
  }
  if (older == initial_version && numbers_.front().epoch != high->epoch) return std::nullopt;
  const auto from = older == initial_version ? numbers_.begin() : std::upper_bound(numbers_.begin(), numbers_.end(), *low);
  const auto to = std::upper_bound(numbers_.begin(), numbers_.end(), *high);
  return std::max<std::int64_t>(to - from, 0);
}

OperationIndex KeyOrder::effect(VersionIndex version, EdgeKind kind) const {
  return kind == EdgeKind::writer_order ? effects_[version].own : effects_[version].anyone;
}

bool KeyOrder::precedes(OperationIndex effect, OperationIndex write) const {
  return effect != no_operation && write != no_operation && effect < write &&
         completes_before(history_.operations[effect], history_.operations[write]);
}

VersionGraph KeyOrder::graph(const Assumptions& assumptions) const {
  VersionGraph graph;
  for (VersionIndex id = 0; id < key_.versions.size(); ++id) graph.add_version(rank(id));
  for (VersionIndex id = 1; id < key_.versions.size(); ++id) {
    graph.add_base_arc(initial_version, id, {EdgeKind::initial});
  }
  add_recorded(graph);
  if (has(assumptions, Assumption::writer_order)) add_writer_order(graph);
  if (has(assumptions, Assumption::realtime_writes)) add_realtime(graph);
  return graph;
}

void KeyOrder::add_recorded(VersionGraph& graph) const {
  std::map<RecordedVersion, std::vector<VersionIndex>> groups;
  for (VersionIndex id = 1; id < key_.versions.size(); ++id) {
    if (key_.versions[id].recorded) groups[*key_.versions[id].recorded].push_back(id);
  }
  // Between two groups stands a joint, so that the edges stay linear however many versions bear one number.
  const VersionGraph::Reason reason{EdgeKind::recorded_version};
  std::optional<VersionGraph::Node> joint;
  std::uint64_t latest = 0;
  for (const auto& [recorded, members] : groups) {
    for (const VersionIndex id : members) {
      if (joint) graph.add_base_arc(*joint, id, reason);
      latest = std::max(latest, rank(id));
    }
    const VersionGraph::Node next = graph.add_joint(latest);
    if (joint) graph.add_base_arc(*joint, next, reason);
    for (const VersionIndex id : members) graph.add_base_arc(id, next, reason);
    joint = next;
  }
}

void KeyOrder::add_writer_order(VersionGraph& graph) const {
  std::map<std::string_view, std::vector<VersionIndex>> writers;
  for (VersionIndex id = 1; id < key_.versions.size(); ++id) {
    const OperationIndex write = key_.versions[id].write;
    if (write != no_operation) writers[history_.operations[write].session].push_back(id);
  }
  for (const auto& [session, versions] : writers) add_sweep(graph, versions, EdgeKind::writer_order);
}

void KeyOrder::add_realtime(VersionGraph& graph) const {
  std::vector<VersionIndex> versions(key_.versions.size() - 1);
  for (VersionIndex id = 1; id < key_.versions.size(); ++id) versions[id - 1] = id;
  add_sweep(graph, versions, EdgeKind::realtime_writes);
}

/// Sweeps the writes in order of invocation. What came into effect since the last one goes into a joint, and the joints
/// form a chain: each write is newer than the joint before it. Linear in the number of versions, after sorting.
void KeyOrder::add_sweep(VersionGraph& graph, const std::vector<VersionIndex>& versions, EdgeKind kind) const {
  std::vector<VersionIndex> by_effect;
  std::vector<VersionIndex> by_invoke;
  for (const VersionIndex id : versions) {
    if (effect(id, kind) != no_operation) by_effect.push_back(id);
    if (key_.versions[id].write != no_operation) by_invoke.push_back(id);
  }
  std::sort(by_effect.begin(), by_effect.end(),
            [&](VersionIndex a, VersionIndex b) { return effect(a, kind) < effect(b, kind); });
  // A write without duration shares its moment with others; its place in the file then decides what stood before it.
  const auto moment = [&](VersionIndex id) {
    const OperationIndex write = key_.versions[id].write;
    const Operation& op = history_.operations[write];
    const bool instant = op.complete == op.invoke;
    return std::pair(op.invoke, instant ? write : std::numeric_limits<OperationIndex>::max());
  };
  std::sort(by_invoke.begin(), by_invoke.end(),
            [&](VersionIndex a, VersionIndex b) { return moment(a) < moment(b); });
  const VersionGraph::Reason reason{kind};
  std::optional<VersionGraph::Node> joint;
  std::uint64_t latest = 0;
  std::size_t next = 0;
  for (const VersionIndex id : by_invoke) {
    const std::size_t first = next;
    while (next < by_effect.size() && precedes(effect(by_effect[next], kind), key_.versions[id].write)) ++next;
    if (next > first) {
      for (std::size_t i = first; i < next; ++i) latest = std::max(latest, rank(by_effect[i]));
      const VersionGraph::Node fresh = graph.add_joint(latest);
      if (joint) graph.add_base_arc(*joint, fresh, reason);
      for (std::size_t i = first; i < next; ++i) graph.add_base_arc(by_effect[i], fresh, reason);
      joint = fresh;
    }
    if (joint) graph.add_base_arc(*joint, id, reason);
  }
}

std::optional<EdgeKind> KeyOrder::directly_older(VersionIndex a, VersionIndex b,
                                                 const Assumptions& assumptions) const {
  if (a == b) return std::nullopt;
  if (a == initial_version) return EdgeKind::initial;
  if (b == initial_version) return std::nullopt;
  const Version& older = key_.versions[a];
  const Version& newer = key_.versions[b];
  if (older.recorded && newer.recorded && *older.recorded < *newer.recorded) return EdgeKind::recorded_version;
  if (newer.write == no_operation) return std::nullopt;
  if (has(assumptions, Assumption::writer_order) && older.write != no_operation &&
      history_.operations[older.write].session == history_.operations[newer.write].session &&
      precedes(effects_[a].own, newer.write)) {
    return EdgeKind::writer_order;
  }
  if (has(assumptions, Assumption::realtime_writes) && precedes(effects_[a].anyone, newer.write)) {
    return EdgeKind::realtime_writes;
  }
  return std::nullopt;
}

std::vector<OperationIndex> KeyOrder::evidence(EdgeKind kind, VersionIndex older, VersionIndex newer) const {
  switch (kind) {
    case EdgeKind::recorded_version:
      return {key_.versions[older].recorded_by, key_.versions[newer].recorded_by};
    case EdgeKind::writer_order:
    case EdgeKind::realtime_writes: {
      std::vector<OperationIndex> operations{effect(older, kind), key_.versions[newer].write};
      // A read that shows that an unsure write is in effect needs the write beside it.
      const OperationIndex write = key_.versions[older].write;
      if (write != no_operation && write != operations.front()) operations.push_back(write);
      return operations;
    }
    default:
      return {};
  }
}

std::optional<Nanoseconds> KeyOrder::there_since(VersionIndex id) const {
  const Version& version = key_.versions[id];
  if (version.write != no_operation && version.outcome == Outcome::ok) {
    return history_.operations[version.write].complete;
  }
  if (version.first_read != no_operation) return history_.operations[version.first_read].complete;
  return std::nullopt;
}

std::uint64_t KeyOrder::rank(VersionIndex id) const {
  const Version& version = key_.versions[id];
  const OperationIndex acknowledged = version.outcome == Outcome::ok ? version.write : no_operation;
  const OperationIndex first = std::min(acknowledged, version.first_read);
  return id == initial_version ? 0 : 1 + static_cast<std::uint64_t>(first);
}

}  // namespace afterwrite
