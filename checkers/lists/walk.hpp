#pragma once

#include <array>
#include <vector>

#include "checkers/lists/owed.hpp"

namespace afterwrite {

/// What came of judging one list for one guarantee.
struct ListFindings {
  std::vector<Violation> violations;
  std::vector<OperationIndex> decided;  ///< operations that were owed something and whose relation to it is known
  std::vector<OperationIndex> at_risk;  ///< of these, the ones that could have failed
};
using ListVerdicts = std::array<ListFindings, guarantee_count>;  ///< by guarantee; empty for those not asked for

/// Judges a list by what its reads contain (docs/guarantees.md, "Lists"). Each guarantee is a condition on every list
/// that was read, and what a list contains is known: nothing is left to be chosen that would suit one guarantee and not
/// another. So a set of guarantees holds exactly when each of them does.
///
/// Of read-your-writes and monotonic-reads the reads are judged; of monotonic-writes and writes-follow-reads the
/// appends, each by all lists that show it.
ListVerdicts judge_list(const ListSubject& subject, const Guarantees& asked);

}  // namespace afterwrite
