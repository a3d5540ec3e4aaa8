#pragma once

#include "harness/history/history.hpp"
#include "harness/run/audit_run.hpp"

namespace afterwrite {

/// The header of the run's history: all that a report needs to know of the run, and no secret. Call when the system
/// runs. `started` is now, by the wall clock.
Header audit_header(const Plan& plan);

}  // namespace afterwrite
