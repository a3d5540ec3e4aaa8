#pragma once

#include <cstddef>
#include <set>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"

namespace afterwrite::oracle {

/// What the row `causal` must say of a history in which transactions are whole steps (whole_steps.hpp).
struct CausalAnswer {
  std::set<std::size_t> broken;   ///< reads, by docs/guarantees.md, "Causal": each in turn closes a circle
  std::set<std::size_t> decided;  ///< reads that were owed something, and those
  std::set<std::size_t> at_risk;  ///< of these
  /// Whether the definition is broken as it stands: all orders drawn at once have a circle, or a list lacks an element,
  /// or a null read fits no state that it may have met.
  bool violated = false;
};

/// Brute force: closures over all steps. `one_clock`: times of different sessions compare.
CausalAnswer judge_causally(const History& history, Scope scope, bool one_clock);

}  // namespace afterwrite::oracle
