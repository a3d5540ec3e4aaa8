#pragma once

#include <filesystem>
#include <string>

#include "harness/run/scenario.hpp"

namespace afterwrite {

/// Makes the folder that takes a run's history and reports: `asked`, or ./afterwrite-runs/<time>-<system>-<policy> if that is empty.
/// Throws UsageError if `asked` already holds a run (nothing recorded is ever written over), EnvironmentError if it cannot be made.
std::filesystem::path make_out_folder(const std::string& asked, const Scenario& scenario);

}  // namespace afterwrite
