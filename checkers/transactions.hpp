#pragma once

#include <vector>

#include "checkers/key_history.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// A history in which each transaction is one step of its session (docs/guarantees.md, "Transactions"):
/// - its operations stand together, in their order, where the last of them stood;
/// - each bears the times of the whole, from the first invocation to the last completion;
/// - it is acknowledged only as a whole: where one operation is not `ok`, the others are `info` at best.
/// A transaction is known by its session and its name.
struct Steps {
  History history;
  std::vector<OperationIndex> origin;  ///< by operation: its index in the history that it was made from
  std::vector<OwnTimes> own_times;     ///< by operation: its own, as recorded

  /// Turns the indices of a violation found here into those of the history that this was made from.
  void lead_back(Violation& violation) const;
};

/// Whether any operation is part of a transaction; if not, the history is its own steps.
bool has_transactions(const History& history);

/// A pure function; any thread may call.
Steps make_steps(const History& history);

}  // namespace afterwrite
