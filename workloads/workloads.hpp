#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/session/clock.hpp"
#include "harness/session/workload.hpp"

namespace afterwrite {

/// What every workload is told, whatever it does with it.
struct WorkloadSettings {
  std::size_t keys = 16;  ///< at least 1; named `k1`, `k2` ...
  /// How long after a write its session looks at it: drawn log-uniformly from this range. 0 to 0: no pauses at all,
  /// as fast as the system answers.
  std::pair<Duration, Duration> read_delay{std::chrono::milliseconds(1), std::chrono::seconds(2)};
};

/// A row of the table of workloads: what `afterwrite list workloads` prints.
struct WorkloadKind {
  std::string_view name;
  std::string_view form;     ///< `register[:observers=0.5]`
  std::string_view summary;  ///< one sentence
  bool lists = false;        ///< its keys hold lists (read_list, append), not registers
  bool views = false;        ///< it needs a deployment with a catalogue, and such a deployment needs it
};
const std::vector<WorkloadKind>& workload_kinds();

/// Makes a workload from `register`, `append:observers=0.25`, `score`, `bank` ... Throws UsageError that names the
/// workload, parameter or setting, what is accepted, and the nearest known name. One object serves all sessions of one
/// run.
std::unique_ptr<Workload> make_workload(std::string_view text, const WorkloadSettings& settings);

/// The row of the workload that `text` names. Throws UsageError as make_workload() does for an unknown name.
const WorkloadKind& workload_kind(std::string_view text);

}  // namespace afterwrite
