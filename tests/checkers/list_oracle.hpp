#pragma once

#include <cstddef>
#include <set>

#include "tests/checkers/oracle.hpp"

namespace afterwrite::oracle {

/// What a row must say of the lists in a history, by containment straight from docs/guarantees.md. No assumption on
/// the order of versions plays a part; one-clock does where sessions of one user are compared.
struct ListAnswer {
  /// The reads that show a breach. For read-your-writes and monotonic-reads they are the violations; for
  /// monotonic-writes and writes-follow-reads each shows that some writer's order was lost.
  std::set<std::size_t> shown_by;
  bool incompatible_order = false;  ///< two reads order two elements differently
};

ListAnswer judge_lists(const History& history, const Setting& setting);

}  // namespace afterwrite::oracle
