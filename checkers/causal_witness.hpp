#pragma once

#include "checkers/causal_paths.hpp"
#include "checkers/judgement.hpp"
#include "checkers/owed.hpp"

namespace afterwrite {

/// Makes violations of breaches, with the shortest evidence: each link of the circle in turn, each "older by causality"
/// preceded by what puts the older write behind the read. The operations are those of `history`. Refers to what others
/// own; they outlive it.
class CausalWitness {
 public:
  CausalWitness(const History& history, const Scoping& scoping, const CausalInput& input, const CausalOrder& order);

  Violation violation(const CausalBreach& breach);

 private:
  using Index = CausalInput::Index;

  struct Trail;
  Trail trail_of(const CausalBreach& breach, const CausalArc& arc);
  Trail round_trip(Index read);
  void follow(Trail& trail, const std::vector<CausalLink>& way, Index end);
  void follow_arc(Trail& trail, const CausalArc& arc);
  void go(Trail& trail, EdgeKind kind, Index operation) const;
  Index source_of(const CausalLink& link) const;
  const Value& value(Index operation) const { return history_.operations[operation].value; }
  void measure(const CausalArc& arc, Violation& violation) const;

  const History& history_;
  const Scoping& scoping_;
  const CausalInput& input_;
  const CausalOrder& order_;
  CausalPaths paths_;
};

}  // namespace afterwrite
