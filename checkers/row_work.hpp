#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkers/judgement.hpp"

namespace afterwrite {

/// One row in the making.
struct RowWork {
  Row row;
  std::size_t group = 0;                 ///< its place among the groups
  Guarantees listed;                     ///< those whose own breaches are listed in this row
  Assumptions decided_by;                ///< what the decided operations were decided by
  std::optional<Assumptions> rests_on;   ///< of a violated row that is judged key by key
  std::set<std::string> doubts;
  std::vector<Violation> found;
};

}  // namespace afterwrite
