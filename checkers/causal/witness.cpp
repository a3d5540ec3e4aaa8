#include "checkers/causal/witness.hpp"

#include <utility>

namespace afterwrite {

using Index = CausalInput::Index;

/// Edges, each from where the one before it ended, as far as they are one way.
struct CausalWitness::Trail {
  std::vector<CausalEvidence::Link> links;
  Index at = 0;  // the operation that the last edge ended at
};

CausalWitness::CausalWitness(const CausalInput& input, const CausalOrder& order)
    : input_(input), order_(order), paths_(input, order) {}

void CausalWitness::go(Trail& trail, EdgeKind kind, Index operation) {
  trail.links.push_back({kind, trail.at, operation, {trail.at, operation}});
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
  if (input_.step_of(trail.at) == input_.step_of(end)) return go(trail, EdgeKind::one_transaction, end);
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
  trail.links.push_back({EdgeKind::causal_order, older, newer, {older, read.operation}});
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
    trail.links.push_back({EdgeKind::initial, CausalInput::none, older, {}});
  }
  follow_arc(trail, arc);
  return trail;
}

CausalEvidence CausalWitness::evidence(const CausalBreach& breach) {
  CausalArc arc = breach.arc;
  Trail trail = trail_of(breach, arc);
  for (const CausalArc& other : breach.alike) {
    Trail shorter = trail_of(breach, other);
    if (shorter.links.size() >= trail.links.size()) continue;
    trail = std::move(shorter);
    arc = other;
  }
  CausalEvidence evidence;
  evidence.read = input_.reads[arc.read].operation;
  if (breach.kind != CausalBreach::Kind::contradiction) evidence.owed = owed(arc);
  evidence.circle = std::move(trail.links);
  return evidence;
}

/// Of a list that shows two elements in the wrong order, what stands too late was owed.
Index CausalWitness::owed(const CausalArc& arc) const {
  const bool moved = input_.holds_list[input_.reads[arc.read].key] && arc.newer != CausalInput::none;
  return input_.writes[moved ? arc.newer : arc.older].operation;
}

}  // namespace afterwrite
