#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/policies/policy.hpp"
#include "harness/run/scenario.hpp"
#include "harness/run/session_runner.hpp"
#include "harness/session/workload.hpp"

namespace afterwrite {

/// The sessions of a run, each on its own thread: the workload from the gate on, then the final check. A session that
/// throws (a bug of a workload, policy or client) ends the run, not the process. One thread uses it.
class SessionThreads {
 public:
  /// Everything outlives this.
  SessionThreads(SessionSurroundings& surroundings, Workload& workload, const Scenario& scenario,
                 Duration final_check_within);
  SessionThreads(const SessionThreads&) = delete;
  SessionThreads& operator=(const SessionThreads&) = delete;
  /// Gives the run up, unless join() was called, and waits for the sessions: at most for the calls in flight.
  ~SessionThreads();

  /// Starts the scenario's sessions, which wait at the gate. Throws EnvironmentError if there is no thread to be had.
  void start(const ReadPolicy& policy);
  /// Starts one session more, `control-0`, which reads any replica and whose operations are labelled `control=true`. It
  /// stands after all others, where workloads have their readers, and counts neither towards `--ops` nor `--rate`.
  void start_control();

  std::size_t size() const { return threads_.size(); }

  /// Waits until all have left, and says what became of the final check.
  TouchedKeys join();

 private:
  void add(const SessionIdentity& identity);
  void live(const SessionIdentity& identity) noexcept;

  SessionSurroundings& surroundings_;
  RunControl& control_;
  Workload& workload_;
  const Scenario& scenario_;
  const Duration final_check_within_;
  std::unique_ptr<ReadPolicy> control_policy_;
  std::mutex mutex_;
  TouchedKeys checked_;  // of all sessions together, guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace afterwrite
