#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "workloads/workloads.hpp"

namespace afterwrite::workloads {

/// What follows the name on the command line: `observers=0.5` of `register:observers=0.5`; nothing if there was no
/// colon.
struct Parameters {
  std::string_view workload;  ///< the whole text, for messages
  std::optional<std::string_view> text;
};

// One file each. Each throws UsageError if it cannot use its parameters.
std::unique_ptr<Workload> make_register(const Parameters& parameters, const WorkloadSettings& settings);
std::unique_ptr<Workload> make_append(const Parameters& parameters, const WorkloadSettings& settings);
std::unique_ptr<Workload> make_score(const Parameters& parameters, const WorkloadSettings& settings);
std::unique_ptr<Workload> make_bank(const Parameters& parameters, const WorkloadSettings& settings);
std::unique_ptr<Workload> make_views(const Parameters& parameters, const WorkloadSettings& settings);

/// Throws UsageError if there are parameters, for a workload that takes none.
void expect_none(const Parameters& parameters);

/// The share of sessions that only read: `observers=SHARE`, 0.5 if nothing was said.
double observers_share(const Parameters& parameters);

}  // namespace afterwrite::workloads
