#pragma once

#include <cstddef>
#include <set>

#include "tests/checkers/oracle.hpp"

namespace afterwrite::oracle {

/// The operations that could have broken the row (docs/guarantees.md, "At risk"), by a look at everything for each of
/// them. Registers only. A row with writes to judge counts those that are decided.
std::set<std::size_t> at_risk(const History& history, const Setting& setting);

/// Condition 1: the first sample of some node, at or after the operation's invocation, lacks a beat as old as that.
bool some_node_lacked(const History& history, const Operation& asked, Nanoseconds since);

/// Condition 3: a node was promoted before the operation that had not got what was acknowledged then.
bool promoted_without(const History& history, const Operation& asked, Nanoseconds since);

}  // namespace afterwrite::oracle
