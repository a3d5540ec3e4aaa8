#pragma once

#include "harness/history/history.hpp"

// Whether an operation could have failed, by a look at all samples and failovers (docs/guarantees.md, "At risk").

namespace afterwrite::oracle {

/// Condition 1: the first sample of some node, at or after the operation's invocation, lacks a beat as old as that.
bool some_node_lacked(const History& history, const Operation& asked, Nanoseconds since);

/// Condition 3: a node was promoted before the operation that had not got what was acknowledged then.
bool promoted_without(const History& history, const Operation& asked, Nanoseconds since);

}  // namespace afterwrite::oracle
