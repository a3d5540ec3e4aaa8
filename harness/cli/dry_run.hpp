#pragma once

#include <vector>

#include "harness/cli/exit_code.hpp"
#include "harness/faults/fault_request.hpp"
#include "harness/faults/proxy.hpp"
#include "harness/policies/policy.hpp"
#include "harness/run/scenario.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite {

/// What a dry run needs beside the system.
struct DryRunPlan {
  const std::vector<FaultRequest>& faults;  ///< none is played: they are refused as an audit would
  FaultProxy& proxy;
  bool lists = false;  ///< the key holds a list
};

/// One write and one read of the session `s0`, on the key `k1`, printed with what the system tells of them: the first
/// look at a system before an audit. If it has beats one is written and read at each node. Starts and stops the
/// deployment. Ends with `held` if the read returned what was written and the leader showed the beat, else with
/// `unknown`. Throws UsageError, EnvironmentError.
ExitCode dry_run(const Scenario& scenario, Deployment& deployment, const ReadPolicy& policy, const DryRunPlan& asked);

}  // namespace afterwrite
