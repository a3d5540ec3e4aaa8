#pragma once

#include <cstddef>
#include <set>

#include "tests/checkers/oracle.hpp"

namespace afterwrite::oracle {

/// The operations that could have broken the row (docs/guarantees.md, "At risk"), by a look at everything for each of
/// them. Registers only. A row with writes to judge counts those that are decided.
std::set<std::size_t> at_risk(const History& history, const Setting& setting);

}  // namespace afterwrite::oracle
