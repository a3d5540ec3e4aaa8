#pragma once

#include "harness/cli/exit_code.hpp"
#include "harness/policies/policy.hpp"
#include "harness/run/scenario.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite {

/// One write and one read of the session `s0`, on the key `k1`, printed with what the system tells of them: the first
/// look at a system before an audit. Starts and stops the deployment. `lists`: the key holds a list. Ends with `held`
/// if the read returned what was written, else with `unknown`. Throws UsageError, EnvironmentError.
ExitCode dry_run(const Scenario& scenario, Deployment& deployment, const ReadPolicy& policy, bool lists);

}  // namespace afterwrite
