#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "harness/history/reader.hpp"
#include "harness/run/audit_run.hpp"
#include "tests/run/fake_system.hpp"
#include "tests/run/temporary_folder.hpp"

namespace afterwrite::fake {

/// A run of a fake system, ready to be changed and carried out. Its waits are long: what is tested is that they end.
class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    scenario_.system = "fake";
    scenario_.sessions = 4;
    scenario_.duration = std::chrono::hours(1);
    scenario_.seed = 42;
    timing_.sampler = {.interval = std::chrono::milliseconds(2), .answer_within = std::chrono::milliseconds(200)};
    timing_.settle_within = std::chrono::minutes(1);
    timing_.change_settles_within = std::chrono::minutes(1);
    timing_.final_check_within = std::chrono::minutes(1);
    timing_.health_interval = std::chrono::milliseconds(1);
  }

  void TearDown() override {
    EXPECT_EQ(system_.stopped, system_.started);
    EXPECT_FALSE(system_.stopped_with_clients_open);
    EXPECT_EQ(system_.clients_open, 0);
    EXPECT_EQ(system_.beats_open, 0);
    EXPECT_EQ(system_.paused, 0) << "faults heal on every path out";
  }

  RunResult run(const std::function<void(Session&)>& life) {
    Life workload(life);
    const std::unique_ptr<ReadPolicy> policy = make_policy(policy_);
    const Plan plan{.scenario = scenario_,
                    .deployment = system_,
                    .workload = workload,
                    .policy = *policy,
                    .proxy = proxy_,
                    .faults = faults_,
                    .history = file_,
                    .command = "afterwrite audit fake",
                    .listener = listener_,
                    .on_phase =
                        [this](RunPhase phase) {
                          phases_.push_back(phase);
                          if (on_phase_) on_phase_(phase);
                        },
                    .enough = enough_,
                    .stop = user_.get_token(),
                    .timing = timing_};
    return run_audit(plan);
  }

  History recorded() const { return read_history(file_); }

  /// Writes its own key and reads its neighbour's, without a pause, until the run is over.
  static void write_and_look_around(Session& session) {
    const std::string own = "k" + std::to_string(session.ordinal());
    const std::string other = "k" + std::to_string((session.ordinal() + 1) % session.count());
    while (session.running()) {
      session.write(own, session.next_value());
      session.read(other);
      session.pause(std::chrono::microseconds(100));
    }
  }

  static bool is_check(const Operation& operation) { return operation.labels.contains("check"); }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "history.jsonl";
  System system_;
  FaultProxy proxy_;
  Scenario scenario_;
  std::string policy_ = "any-replica";
  std::vector<FaultRequest> faults_;
  RecordListener listener_;
  std::vector<RunPhase> phases_;
  std::function<void(RunPhase)> on_phase_;
  std::function<bool()> enough_;
  std::stop_source user_;
  RunTiming timing_;
};

}  // namespace afterwrite::fake
