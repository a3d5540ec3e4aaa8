#pragma once

#include <cstddef>
#include <vector>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"

namespace afterwrite::oracle {

/// When an operation began and ended by itself. A step that is whole carries it along in the labels of its operations.
struct Moments {
  Nanoseconds invoke = 0;
  Nanoseconds complete = 0;
};
Moments own_moments(const Operation& operation);

/// A history whose transactions are told as the one step that each of them is, by the words of docs/guarantees.md:
/// where its last operation stands, all of them stand, each from the first invocation to the last completion; and none
/// is acknowledged unless all are.
struct WholeSteps {
  History history;
  std::vector<std::size_t> place;  ///< by operation of the original: where it stands in `history`

  /// Turns the indices of the evidence into those of `history`.
  void lead(Violation& entry) const;
  void lead(Judgement& judgement) const;
};
WholeSteps whole_steps(const History& history);

/// Whether two operations (indices) are of one transaction.
bool same_transaction(const History& history, std::size_t a, std::size_t b);

/// A read of a key that its own transaction had written by then.
bool is_internal(const History& history, std::size_t operation);

/// A write that did not fail of a key that its own transaction wrote again.
bool is_intermediate(const History& history, std::size_t operation);

}  // namespace afterwrite::oracle
