#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

#include "harness/run/audit_run.hpp"
#include "harness/session/errors.hpp"
#include "tests/run/audit_fixture.hpp"

// How runs end that do not simply run their time: each is judged on what it recorded, and leaves nothing behind (which
// the fixture looks at after each).
namespace afterwrite {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

class AuditEndTest : public fake::AuditTest {
 protected:
  static Reply lost_connection() {
    Reply reply;
    reply.outcome = Outcome::info;
    reply.connection = Connection::lost;
    reply.error = "timeout";
    return reply;
  }
};

TEST_F(AuditEndTest, stopped_by_the_user_while_the_system_starts) {
  system_.on_start = [&] { user_.request_stop(); };
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.ended, RunEnd::interrupted);
  EXPECT_EQ(result.why, "stopped by the user");
  EXPECT_EQ(result.operations, 0U);
  EXPECT_FALSE(recorded().truncated);
}

TEST_F(AuditEndTest, stopped_by_the_user_under_load) {
  std::atomic<int> calls{0};
  system_.on_call = [&](const Call&) -> std::optional<Reply> {
    if (++calls == 100) user_.request_stop();
    return std::nullopt;
  };
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.ended, RunEnd::interrupted);
  EXPECT_FALSE(result.final_check_done);
  EXPECT_FALSE(result.settled);
  const History history = recorded();
  EXPECT_FALSE(history.truncated);
  EXPECT_EQ(history.operations.size(), static_cast<std::size_t>(calls));
  EXPECT_TRUE(std::none_of(history.operations.begin(), history.operations.end(), is_check));
}

TEST_F(AuditEndTest, stopped_by_the_user_while_the_lag_settles) {
  scenario_.duration = milliseconds(50);
  timing_.settle_within = std::chrono::hours(1);
  system_.on_visible = [](const std::string&, std::int64_t) { return 0; };
  on_phase_ = [&](RunPhase phase) {
    if (phase == RunPhase::settling) user_.request_stop();
  };
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.ended, RunEnd::duration);
  EXPECT_THAT(result.notes, Contains("stopped by the user"));
  EXPECT_FALSE(result.settled);
  EXPECT_FALSE(result.final_check_done);
}

TEST_F(AuditEndTest, stopped_by_the_user_during_the_final_check) {
  scenario_.op_timeout = milliseconds(300);
  std::atomic<bool> checking{false};
  on_phase_ = [&](RunPhase phase) { checking = phase == RunPhase::final_check; };
  const fake::Signal never;
  system_.on_call = [&](const Call& call) -> std::optional<Reply> {
    if (!checking) return std::nullopt;
    user_.request_stop();
    never.wait_until(call.deadline);
    return lost_connection();
  };
  const RunResult result = run([](Session& session) {
    for (int key = 0; key < 200; ++key)
      session.read("k" + std::to_string(key));
  });
  EXPECT_EQ(result.ended, RunEnd::workload_done);
  EXPECT_THAT(result.notes, Contains("stopped by the user"));
  EXPECT_FALSE(result.final_check_done);
  EXPECT_GT(recorded().operations.size(), 4U * 200) << "what was in flight is recorded";
  EXPECT_LT(recorded().operations.size(), 2 * 4U * 200);
}

TEST_F(AuditEndTest, every_operation_in_flight_is_recorded) {
  scenario_.op_timeout = milliseconds(200);
  std::atomic<int> in_flight{0};
  const fake::Signal never;
  system_.on_call = [&](const Call& call) -> std::optional<Reply> {
    if (++in_flight == 4) user_.request_stop();
    never.wait_until(call.deadline);
    return lost_connection();
  };
  const RunResult result = run([](Session& session) {
    session.write("k", session.next_value());
    while (session.running())
      session.pause(std::chrono::hours(1));
  });
  EXPECT_EQ(result.ended, RunEnd::interrupted);
  const History history = recorded();
  ASSERT_EQ(history.operations.size(), 4U);
  for (const Operation& operation : history.operations) {
    EXPECT_EQ(operation.outcome, Outcome::info);
    EXPECT_EQ(operation.error, "timeout");
  }
}

TEST_F(AuditEndTest, a_lost_system_ends_the_run_and_says_so) {
  std::atomic<int> calls{0};
  system_.on_call = [&](const Call&) -> std::optional<Reply> {
    ++calls;
    return std::nullopt;
  };
  system_.illness = [&]() -> std::optional<std::string> {
    if (calls < 50) return std::nullopt;
    return "node-1 ended by itself: PANIC: no space";
  };
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.ended, RunEnd::lost_system);
  EXPECT_TRUE(result.lost_system);
  EXPECT_THAT(result.why, AllOf(HasSubstr("the system was lost"), HasSubstr("PANIC: no space")));
  EXPECT_FALSE(result.final_check_done);
  EXPECT_EQ(recorded().footer.at("lost_system"), true);
}

TEST_F(AuditEndTest, a_system_lost_after_the_load_is_said_too) {
  scenario_.duration = milliseconds(50);
  std::atomic<bool> load_over{false};
  on_phase_ = [&](RunPhase phase) { load_over = phase >= RunPhase::settling; };
  system_.illness = [&]() -> std::optional<std::string> {
    if (!load_over) return std::nullopt;
    return "node-0 ended by itself";
  };
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.ended, RunEnd::duration);
  EXPECT_TRUE(result.lost_system);
  EXPECT_THAT(result.notes, Contains(HasSubstr("node-0 ended by itself")));
}

TEST_F(AuditEndTest, a_full_disk_ends_the_run_and_what_was_written_stands) {
  std::uint64_t heard = 0;
  listener_.operation = [&](const Operation&) { ++heard; };
  const fake::FullDisk full(100'000);
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.ended, RunEnd::recorder_failed);
  EXPECT_THAT(result.why, AllOf(HasSubstr(file_.string()), HasSubstr("File too large")));
  const History history = recorded();
  EXPECT_TRUE(history.truncated);
  EXPECT_EQ(history.operations.size(), heard);
  EXPECT_EQ(result.footer.at("ops"), heard);
  EXPECT_GT(result.operations, 0U);
}

TEST_F(AuditEndTest, a_workload_that_throws_is_a_fault_of_the_harness) {
  const RunResult result = run([](Session& session) {
    session.write("k", session.next_value());
    if (session.ordinal() == 2) throw std::runtime_error("index 7 of 3");
    write_and_look_around(session);
  });
  EXPECT_EQ(result.ended, RunEnd::session_failed);
  EXPECT_THAT(result.why, AllOf(HasSubstr("session s2 failed"), HasSubstr("index 7 of 3")));
  EXPECT_FALSE(recorded().truncated);
}

TEST_F(AuditEndTest, whatever_is_thrown_does_not_end_the_process) {
  EXPECT_EQ(run([](Session&) { throw 7; }).ended, RunEnd::session_failed);
}

TEST_F(AuditEndTest, a_workload_that_never_looks_whether_the_run_is_over_cannot_hold_it) {
  scenario_.duration = milliseconds(50);
  const RunResult result = run([](Session& session) {
    for (;;)
      session.read("k");
  });
  EXPECT_EQ(result.ended, RunEnd::duration);
  EXPECT_THAT(result.notes, Contains(HasSubstr("does not look at Session::running()")));
}

TEST_F(AuditEndTest, a_system_that_does_not_start_is_cleaned_up) {
  system_.on_start = [] { throw EnvironmentError("no PostgreSQL here"); };
  EXPECT_THROW(run(write_and_look_around), EnvironmentError);
  EXPECT_EQ(system_.stopped, 1);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(AuditEndTest, a_fault_that_the_system_cannot_give_is_refused_before_a_file_is_made) {
  faults_ = {parse_fault("kill:follower-1@4s")};
  try {
    run(write_and_look_around);
    ADD_FAILURE() << "nothing was refused";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("this system takes no faults"));
  }
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(AuditEndTest, a_history_that_cannot_be_written_at_all_stops_the_system_again) {
  file_ = "/dev/full";
  EXPECT_THROW(run(write_and_look_around), EnvironmentError);
}

TEST_F(AuditEndTest, an_exception_in_mid_run_heals_the_faults_and_stops_the_system) {
  system_.faults_possible = true;
  faults_ = {parse_fault("pause-replay:follower-1")};
  for (const RunPhase phase : {RunPhase::running, RunPhase::settling, RunPhase::final_check}) {
    scenario_.duration = milliseconds(20);
    on_phase_ = [&](RunPhase now) {
      if (now == phase) throw std::runtime_error("the terminal went away");
    };
    EXPECT_THROW(run(write_and_look_around), std::runtime_error);
    EXPECT_EQ(system_.paused, 0);
    EXPECT_EQ(system_.stopped, system_.started);
    EXPECT_TRUE(recorded().truncated);
  }
  on_phase_ = {};
  scenario_.duration = std::chrono::hours(1);
  enough_ = []() -> bool { throw std::runtime_error("the judge fell asleep"); };
  EXPECT_THROW(run(write_and_look_around), std::runtime_error);
}

TEST_F(AuditEndTest, a_beat_that_cannot_be_opened_stops_the_system_again) {
  system_.on_open_beat = [] { throw EnvironmentError("too many connections"); };
  EXPECT_THROW(run(write_and_look_around), EnvironmentError);
}

}  // namespace
}  // namespace afterwrite
