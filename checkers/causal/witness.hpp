#pragma once

#include "checkers/causal/evidence.hpp"
#include "checkers/causal/paths.hpp"

namespace afterwrite {

/// Finds what shows a breach, as short as it gets: each link of the circle in turn, each "older by causality" preceded
/// by what puts the older write behind the read. Refers to input and order; they outlive it.
class CausalWitness {
 public:
  CausalWitness(const CausalInput& input, const CausalOrder& order);

  CausalEvidence evidence(const CausalBreach& breach);

 private:
  using Index = CausalInput::Index;

  struct Trail;
  Trail trail_of(const CausalBreach& breach, const CausalArc& arc);
  Trail round_trip(Index read);
  void follow(Trail& trail, const std::vector<CausalLink>& way, Index end);
  void follow_arc(Trail& trail, const CausalArc& arc);
  static void go(Trail& trail, EdgeKind kind, Index operation);
  Index source_of(const CausalLink& link) const;
  Index owed(const CausalArc& arc) const;

  const CausalInput& input_;
  const CausalOrder& order_;
  CausalPaths paths_;
};

}  // namespace afterwrite
