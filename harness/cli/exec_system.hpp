#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/run/scenario.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite {

/// Takes `exec:COMMAND` apart, as a scenario's system: `exec`, with the command among the members that describe the
/// service. Does nothing to other systems. Throws UsageError if the scenario names a command already.
void take_exec_command(Scenario& scenario);

// The row of `exec` in the table of systems.
std::unique_ptr<Deployment> make_exec_system(const Scenario& scenario, LinkFactory& links, bool client_links);
std::vector<std::string> exec_options();

}  // namespace afterwrite
