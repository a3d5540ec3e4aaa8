#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/judgement.hpp"

namespace afterwrite {

/// Everything besides the row itself that decides between `held` and `unknown`.
struct VerdictGrounds {
  std::uint64_t min_at_risk = 1;
  /// What makes every row `unknown` at best, in words: anomalies, a fault that did not bite, a system lost in mid-run.
  std::vector<std::string> doubts;
  /// What makes this row so.
  std::vector<std::string> row_doubts;
  bool sampled = false;           ///< lag samples were recorded
  bool one_clock = false;
};

/// Fills in rate, interval, verdict and reason from the counts (docs/guarantees.md, "Three verdicts").
void conclude(Row& row, const VerdictGrounds& grounds);

/// Adds up equal entries: the same stale version met again by the same session is one entry, and so are the same writes out of order, and
/// of a list the same element missing or moved again. With a count and the measures of each.
std::vector<Violation> merge_entries(const History& history, std::vector<Violation> violations);

}  // namespace afterwrite
