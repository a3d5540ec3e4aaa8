#include "checkers/causal_witness.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace afterwrite {

using Index = CausalInput::Index;

/// Edges, each from where the one before it ended, as far as they are one way.
struct CausalWitness::Trail {
  std::vector<Edge> edges;
  Index at = 0;  // the operation that the last edge ended at
};

CausalWitness::CausalWitness(const History& history, const Scoping& scoping, const CausalInput& input,
                             const CausalOrder& order)
    : history_(history), scoping_(scoping), input_(input), order_(order), paths_(input, order) {}

void CausalWitness::go(Trail& trail, EdgeKind kind, Index operation) const {
  trail.edges.push_back({kind, value(trail.at), value(operation), {trail.at, operation}});
  trail.at = operation;
}

/// The write that a link's read saw: of a list, any of the step that it leads from.
Index CausalWitness::source_of(const CausalLink& link) const {
  Index source = CausalInput::none;
  order_.for_each_source(link.read, [&](Index write) {
    if (input_.writes[write].step == link.from) source = write;
  });
  return input_.writes[source].operation;
}

/// From the operation at hand along the way to the operation `end` of its last step.
void CausalWitness::follow(Trail& trail, const std::vector<CausalLink>& way, Index end) {
  for (std::size_t i = 0; i < way.size(); ++i) {
    const CausalLink& link = way[i];
    if (link.kind == CausalLink::Kind::arc) {
      const Index older = input_.writes[link.arc.older].operation;
      if (trail.at != older) go(trail, EdgeKind::one_transaction, older);
      follow_arc(trail, link.arc);
    } else if (link.kind == CausalLink::Kind::reads_from) {
      const Index source = source_of(link);
      if (trail.at != source) go(trail, EdgeKind::one_transaction, source);
      go(trail, EdgeKind::reads_from, input_.reads[link.read].operation);
    } else {
      // An owner's order leads on over any number of its steps.
      while (i + 1 < way.size() && way[i + 1].kind == CausalLink::Kind::session_order)
        ++i;
      Index next = end;
      if (i + 1 < way.size()) {
        const CausalLink& on = way[i + 1];
        next = on.kind == CausalLink::Kind::arc ? input_.writes[on.arc.older].operation : source_of(on);
      }
      go(trail, EdgeKind::session_order, next);
    }
  }
  if (trail.at == end) return;
  const bool together = of_one_transaction(history_.operations[trail.at], history_.operations[end]);
  if (together) return go(trail, EdgeKind::one_transaction, end);
  trail.at = end;  // no way was found for this one: it is told without
}

/// Over "older is older than newer", after what puts the older behind the read that says so.
void CausalWitness::follow_arc(Trail& trail, const CausalArc& arc) {
  const CausalInput::Read& read = input_.reads[arc.read];
  const Index older = input_.writes[arc.older].operation;
  if (!input_.holds_list[read.key] || arc.newer == CausalInput::none) {
    trail.at = older;
    follow(trail, paths_.shortest(input_.writes[arc.older].step, read.step), read.operation);
  }
  const bool written = arc.newer != CausalInput::initial_state && arc.newer != CausalInput::none;
  const Index newer = written ? input_.writes[arc.newer].operation : read.operation;
  trail.edges.push_back({EdgeKind::causal_order, value(older), value(newer), {older, read.operation}});
  trail.at = newer;
}

/// From the read to the nearest of the writes that it saw and that follow from it, and back.
CausalWitness::Trail CausalWitness::round_trip(Index index) {
  const CausalInput::Read& read = input_.reads[index];
  std::vector<Index> sources{read.source};
  if (input_.holds_list[read.key]) {
    const CausalInput::Shown& shown = input_.lists[read.source];
    sources.assign(input_.elements.begin() + shown.begin, input_.elements.begin() + shown.end);
  }
  std::vector<CausalLink> best;
  Index source = CausalInput::none;
  for (const Index write : sources) {
    std::vector<CausalLink> way = paths_.shortest(read.step, input_.writes[write].step);
    if (way.empty() || (!best.empty() && best.size() <= way.size())) continue;
    best = std::move(way);
    source = write;
  }
  if (source == CausalInput::none) source = sources.front();
  Trail trail;
  trail.at = read.operation;
  follow(trail, best, input_.writes[source].operation);
  go(trail, EdgeKind::reads_from, read.operation);
  return trail;
}

CausalWitness::Trail CausalWitness::trail_of(const CausalBreach& breach, const CausalArc& arc) {
  if (breach.kind == CausalBreach::Kind::contradiction) return round_trip(arc.read);
  Trail trail;
  const CausalInput::Read& read = input_.reads[arc.read];
  const Index older = input_.writes[arc.older].operation;
  for (const CausalArc& over : breach.overwritten) {
    trail.at = input_.writes[over.older].operation;
    const auto way = paths_.shortest(input_.writes[over.older].step, input_.writes[over.newer].step);
    follow(trail, way, input_.writes[over.newer].operation);
    if (over.newer == arc.older) continue;
    follow(trail, paths_.shortest(input_.writes[over.newer].step, read.step), read.operation);
  }
  if (breach.kind == CausalBreach::Kind::circle) {
    trail.at = input_.writes[arc.newer].operation;
    follow(trail, breach.way, older);
  } else if (breach.kind == CausalBreach::Kind::stale && arc.newer != CausalInput::initial_state) {
    trail.at = input_.writes[arc.newer].operation;
    follow(trail, paths_.shortest(input_.writes[arc.newer].step, input_.writes[arc.older].step), older);
  } else if (breach.kind == CausalBreach::Kind::stale) {
    trail.edges.push_back({EdgeKind::initial, Value{}, value(older), {}});
  }
  follow_arc(trail, arc);
  return trail;
}

Violation CausalWitness::violation(const CausalBreach& breach) {
  CausalArc arc = breach.arc;
  Trail trail = trail_of(breach, arc);
  for (const CausalArc& other : breach.alike) {
    Trail shorter = trail_of(breach, other);
    if (shorter.edges.size() >= trail.edges.size()) continue;
    trail = std::move(shorter);
    arc = other;
  }
  const CausalInput::Read& read = input_.reads[arc.read];
  Violation violation;
  violation.guarantees = only(Guarantee::causal);
  violation.operation = read.operation;
  violation.scope_name = scoping_.names[scoping_.of[read.operation]];
  violation.key = history_.operations[read.operation].key;
  violation.observed = value(read.operation);
  violation.operations.push_back(read.operation);
  for (const Edge& edge : trail.edges) {
    violation.operations.insert(violation.operations.end(), edge.operations.begin(), edge.operations.end());
  }
  std::sort(violation.operations.begin(), violation.operations.end());
  violation.operations.erase(std::unique(violation.operations.begin(), violation.operations.end()),
                             violation.operations.end());
  violation.cycle = std::move(trail.edges);
  if (breach.kind == CausalBreach::Kind::contradiction) {
    violation.expected = violation.observed;
  } else {
    measure(arc, violation);
  }
  return violation;
}

/// How long what was owed had been there: since its acknowledgement, else since it was first seen on the way. Of a list
/// that shows two elements in the wrong order, what stands too late was owed.
void CausalWitness::measure(const CausalArc& arc, Violation& violation) const {
  const bool moved = input_.holds_list[input_.reads[arc.read].key] && arc.newer != CausalInput::none;
  const Index owed = input_.writes[moved ? arc.newer : arc.older].operation;
  const Operation& wanted = history_.operations[owed];
  const Operation& read = history_.operations[violation.operation];
  violation.expected = wanted.value;
  std::optional<Nanoseconds> since;
  if (wanted.outcome == Outcome::ok) since = wanted.complete;
  for (const Edge& edge : violation.cycle) {
    if (edge.kind != EdgeKind::reads_from || edge.operations.front() != owed) continue;
    const Nanoseconds seen = history_.operations[edge.operations.back()].complete;
    if (!since || seen < *since) since = seen;
  }
  if (since) violation.staleness_ms = static_cast<double>(std::max<Nanoseconds>(read.invoke - *since, 0)) / 1e6;
  if (wanted.version && read.version && wanted.version->epoch == read.version->epoch) {
    violation.versions_behind = wanted.version->version - read.version->version;
  }
}

}  // namespace afterwrite
