#pragma once

#include "harness/history/history.hpp"

namespace afterwrite {

/// Where a history writes the initial state as a value (0, say): a read of it becomes a read of nothing, and a write of
/// it a delete, since both lead back to that state. A transaction that only writes it, to every key and before anything
/// else of its session, set the system up: it is left out and noted.
void take_initial_value(History& history, const Scalar& initial);

}  // namespace afterwrite
