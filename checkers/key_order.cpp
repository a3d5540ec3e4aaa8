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
    if (assumption == Assumption::realtime_writes) {
      if (!has(assumed, Assumption::one_clock)) continue;
      find_touching();
    }
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
    if (!shows_effect(i)) continue;
    const OperationIndex index = key_.operations[i];
    const Operation& op = history_.operations[index];
    Effect& effect = effects_[key_.seen[i]];
    const OperationIndex write = key_.versions[key_.seen[i]].write;
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

/// Whether this operation of the key shows that what it wrote or saw is in effect.
bool KeyOrder::shows_effect(std::size_t place) const {
  const Operation& op = history_.operations[key_.operations[place]];
  return key_.sights[place] == Sight::version && key_.seen[place] != initial_version &&
         (!op.is_write() || op.outcome == Outcome::ok);
}

/// Between sessions nothing tells which of two equal moments came first, but each knows what it had seen or been told
/// when it began to write.
void KeyOrder::find_touching() {
  std::vector<Nanoseconds> invokes;
  for (VersionIndex id = 1; id < key_.versions.size(); ++id) {
    const OperationIndex write = key_.versions[id].write;
    if (write != no_operation) invokes.push_back(history_.operations[write].invoke);
  }
  std::sort(invokes.begin(), invokes.end());
  for (std::size_t i = 0; i < key_.operations.size(); ++i) {
    const OperationIndex index = key_.operations[i];
    const Operation& op = history_.operations[index];
    if (!shows_effect(i) || !std::binary_search(invokes.begin(), invokes.end(), op.complete)) continue;
    touching_.push_back({op.session, op.complete, index, key_.seen[i], true});
    touching_effects_.emplace(std::pair(key_.seen[i], std::string_view(op.session)), index);
  }
  if (touching_.empty()) return;
  for (VersionIndex id = 1; id < key_.versions.size(); ++id) {
    const OperationIndex write = key_.versions[id].write;
    if (write == no_operation) continue;
    const Operation& op = history_.operations[write];
    touching_.push_back({op.session, op.invoke, write, id, false});
  }
  std::sort(touching_.begin(), touching_.end(), [](const Touching& a, const Touching& b) {
    return std::tie(a.session, a.moment, a.operation, a.effect) < std::tie(b.session, b.moment, b.operation, b.effect);
  });
}

OperationIndex KeyOrder::effect(VersionIndex version, EdgeKind kind) const {
  return kind == EdgeKind::writer_order ? effects_[version].own : effects_[version].anyone;
}

bool KeyOrder::precedes(OperationIndex effect, OperationIndex write) const {
  return effect != no_operation && write != no_operation && effect < write &&
         completes_before(history_.operations[effect], history_.operations[write]);
}

bool KeyOrder::ended_before(OperationIndex effect, OperationIndex write) const {
  return effect != no_operation && write != no_operation &&
         history_.operations[effect].complete < history_.operations[write].invoke;
}

bool KeyOrder::in_effect_before(OperationIndex effect, VersionIndex newer, EdgeKind kind) const {
  const OperationIndex write = key_.versions[newer].write;
  return kind == EdgeKind::realtime_writes ? ended_before(effect, write) : precedes(effect, write);
}

OperationIndex KeyOrder::effect_before(VersionIndex older, VersionIndex newer, EdgeKind kind) const {
  const OperationIndex shown = effect(older, kind);
  if (in_effect_before(shown, newer, kind)) return shown;
  if (kind != EdgeKind::realtime_writes || touching_effects_.empty()) return no_operation;
  const OperationIndex write = key_.versions[newer].write;
  if (write == no_operation) return no_operation;
  const auto own = touching_effects_.find({older, std::string_view(history_.operations[write].session)});
  return own != touching_effects_.end() && precedes(own->second, write) ? own->second : no_operation;
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
  add_touching(graph);
}

/// What one session wrote or saw up to a moment goes into a chain of joints, and what it began to write in that moment follows
/// those before it.
void KeyOrder::add_touching(VersionGraph& graph) const {
  const VersionGraph::Reason reason{EdgeKind::realtime_writes};
  VersionGraph::Node joint = initial_version;  // none yet
  std::uint64_t latest = 0;
  std::size_t taken = 0;  // so many are in the joint, or of another session or moment
  for (std::size_t i = 0; i < touching_.size(); ++i) {
    const Touching& one = touching_[i];
    if (i > 0 && (touching_[i - 1].session != one.session || touching_[i - 1].moment != one.moment)) {
      joint = initial_version;
      latest = 0;
      taken = i;
    }
    if (one.effect) continue;
    const std::size_t first = taken;
    // The operations of a transaction stand together.
    while (taken < i && precedes(touching_[taken].operation, one.operation)) ++taken;
    std::vector<VersionIndex> fresh;
    for (std::size_t k = first; k < taken; ++k) {
      if (touching_[k].effect) fresh.push_back(touching_[k].version);
    }
    if (!fresh.empty()) {
      for (const VersionIndex id : fresh) latest = std::max(latest, rank(id));
      const VersionGraph::Node next = graph.add_joint(latest);
      if (joint != initial_version) graph.add_base_arc(joint, next, reason);
      for (const VersionIndex id : fresh) graph.add_base_arc(id, next, reason);
      joint = next;
    }
    if (joint != initial_version) graph.add_base_arc(joint, one.version, reason);
  }
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
    while (next < by_effect.size() && in_effect_before(effect(by_effect[next], kind), id, kind)) ++next;
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
  if (has(assumptions, Assumption::realtime_writes) && effect_before(a, b, EdgeKind::realtime_writes) != no_operation) {
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
      std::vector<OperationIndex> operations{effect_before(older, newer, kind), key_.versions[newer].write};
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

Nanoseconds KeyOrder::not_there_before(VersionIndex id) const {
  const Version& version = key_.versions[id];
  if (version.write == no_operation) return std::numeric_limits<Nanoseconds>::min();
  const Operation& write = history_.operations[version.write];
  return version.outcome == Outcome::ok ? write.complete : write.invoke;
}

std::uint64_t KeyOrder::rank(VersionIndex id) const {
  const Version& version = key_.versions[id];
  const OperationIndex acknowledged = version.outcome == Outcome::ok ? version.write : no_operation;
  const OperationIndex first = std::min(acknowledged, version.first_read);
  return id == initial_version ? 0 : 1 + static_cast<std::uint64_t>(first);
}

}  // namespace afterwrite
