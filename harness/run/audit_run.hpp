#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/faults/fault_request.hpp"
#include "harness/faults/proxy.hpp"
#include "harness/policies/policy.hpp"
#include "harness/run/lag_sampler.hpp"
#include "harness/run/recorder.hpp"
#include "harness/run/run_control.hpp"
#include "harness/run/scenario.hpp"
#include "harness/session/deployment.hpp"
#include "harness/session/workload.hpp"

namespace afterwrite {

/// Where a run is, for the live view.
enum class RunPhase {
  starting,     ///< the system is started
  running,      ///< the load goes on
  settling,     ///< faults are healed, the lag is waited for
  final_check,  ///< each session reads what it touched
  done,         ///< the history is closed, the system stopped
};
std::string_view to_string(RunPhase phase);

/// How long a run waits for what.
struct RunTiming {
  SamplerPace sampler;
  Duration beat_shown_within = std::chrono::seconds(3);      ///< at each node, before the load begins
  Duration settle_within = std::chrono::seconds(10);         ///< after the last fault was healed
  Duration change_settles_within = std::chrono::seconds(3);  ///< after a change of leader, while the load waits
  Duration final_check_within = std::chrono::seconds(20);
  Duration health_interval = std::chrono::milliseconds(100);
};

/// One audit, ready to go. What it refers to belongs to the caller and outlives the run.
struct Plan {
  Scenario scenario;  ///< valid and resolved
  Deployment& deployment;
  Workload& workload;
  const ReadPolicy& policy;
  FaultProxy& proxy;                 ///< that the deployment's links go through, if they do
  std::vector<FaultRequest> faults;  ///< all that the run plays, lag for the whole run among them
  std::filesystem::path history;     ///< the file to write
  std::string command;               ///< as the user typed it, for the report
  /// The assumptions that hold for the system: these for one with a single leader that all sessions write to.
  std::vector<std::string> assume{"writer-order", "realtime-writes", "one-clock"};
  nlohmann::json header_more = nlohmann::json::object();  ///< laid into the header, e.g. afterwrite's own version

  RecordListener listener;
  std::function<void(RunPhase)> on_phase;  ///< called on the thread of run_audit
  /// Asked about 50 times a second, on the thread of run_audit, whether enough was seen to end the load.
  std::function<bool()> enough;
  std::stop_token stop;  ///< the user's Ctrl-C
  RunTiming timing;
};

/// Throws UsageError for a policy that the deployment's nodes do not do for, and for a fault that it cannot give. Starts nothing:
/// most systems know their nodes before they are started.
void refuse_unfit(const ReadPolicy& policy, const std::vector<FaultRequest>& faults, Deployment& deployment,
                  FaultProxy& proxy);

/// How a run went. That it was cut short is no error: it is judged on what was recorded.
struct RunResult {
  RunEnd ended = RunEnd::duration;
  std::string why;              ///< in words
  bool lost_system = false;     ///< a node ended that nobody killed, whenever that was seen
  std::optional<bool> settled;  ///< nothing: it was not waited for, or cannot be known
  bool final_check_done = false;
  std::uint64_t operations = 0;    ///< recorded
  std::vector<std::string> notes;  ///< what a reader of the report should know
  nlohmann::json footer;           ///< as written, if the disk let it
};

/// Carries out an audit: starts the system, lets the sessions go through their workload while faults are played and the
/// lag is sampled, heals, waits for the lag to settle, lets each session read again what it touched, closes the
/// history, and stops the system. On every path out, exceptions too, the faults are healed, the threads gone and the
/// system stopped.
///
/// Throws UsageError if the policy or a fault cannot work here, EnvironmentError if the system or the history cannot be
/// started. What happens later never throws: see RunResult.
RunResult run_audit(const Plan& plan);

}  // namespace afterwrite
