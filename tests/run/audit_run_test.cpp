#include "harness/run/audit_run.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "harness/session/errors.hpp"
#include "tests/run/audit_fixture.hpp"

namespace afterwrite {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AuditRunTest : public fake::AuditTest {};

TEST_F(AuditRunTest, a_run_goes_through_its_phases_and_closes_with_the_final_check) {
  scenario_.duration = milliseconds(100);
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.ended, RunEnd::duration);
  EXPECT_EQ(result.why, "its 100ms were over");
  EXPECT_EQ(result.settled, true);
  EXPECT_TRUE(result.final_check_done);
  EXPECT_FALSE(result.lost_system);
  EXPECT_THAT(result.notes, IsEmpty());
  EXPECT_THAT(phases_, ElementsAre(RunPhase::starting, RunPhase::running, RunPhase::settling, RunPhase::final_check,
                                   RunPhase::done));
  EXPECT_EQ(system_.stopped, 1);

  const History history = recorded();
  EXPECT_FALSE(history.truncated);
  EXPECT_EQ(history.operations.size(), result.operations);
  EXPECT_EQ(history.footer.at("ended"), "duration");
  EXPECT_EQ(history.footer.at("settled"), true);
  EXPECT_EQ(history.footer, [&] {
    nlohmann::json footer = result.footer;
    footer["kind"] = "end";
    return footer;
  }());
  // Each session touched its own key and its neighbour's, and reads both once more when it writes no more.
  std::map<std::string, std::set<std::string>> checked;
  for (const Operation& operation : history.operations) {
    if (is_check(operation)) {
      EXPECT_TRUE(checked[operation.session].insert(operation.key).second);
      EXPECT_EQ(operation.labels.at("check"), "final");
      EXPECT_GE(operation.invoke, history.footer.at("load_end").get<Nanoseconds>());
    } else {
      EXPECT_FALSE(checked.contains(operation.session)) << "nothing follows the check";
    }
  }
  EXPECT_EQ(checked.size(), 4U);
  EXPECT_THAT(checked["s3"], ElementsAre("k0", "k3"));
  // The last read has a sample after it at every node.
  std::map<std::string, Nanoseconds> last_sample;
  for (const LagSample& sample : history.lags)
    last_sample[sample.node] = std::max(last_sample[sample.node], sample.time);
  EXPECT_EQ(last_sample.size(), 3U);
  for (const auto& [node, time] : last_sample)
    EXPECT_GE(time, history.operations.back().invoke) << node;
}

TEST_F(AuditRunTest, the_header_holds_all_that_a_report_needs) {
  scenario_.operations = 4;
  scenario_.duration.reset();
  policy_ = "recent-writer:5s";
  run(write_and_look_around);
  const Header header = recorded().header;
  EXPECT_EQ(header.system, "fake");
  EXPECT_EQ(header.workload, "register");
  EXPECT_EQ(header.policy, "recent-writer:5s");
  EXPECT_EQ(header.seed, 42U);
  EXPECT_EQ(header.assume, (std::vector<std::string>{"writer-order", "realtime-writes", "one-clock"}));
  EXPECT_EQ(header.all.at("schema"), history_schema);
  EXPECT_EQ(header.all.at("deployment").at("versions").at("fake"), "1");
  EXPECT_EQ(header.all.at("nodes"), nlohmann::json::parse(R"([{"name": "node-0", "role": "leader"},
      {"name": "node-1", "role": "follower"}, {"name": "node-2", "role": "follower"}])"));
  EXPECT_EQ(header.all.at("scenario"), to_json(scenario_));
  EXPECT_EQ(header.all.at("command"), "afterwrite audit fake");
  EXPECT_THAT(header.all.at("started").get<std::string>(), testing::MatchesRegex("20..-..-..T..:..:..Z"));
  EXPECT_EQ(header.all.at("guarantees"), nlohmann::json({"read-your-writes", "monotonic-reads"}));
  EXPECT_EQ(header.all.at("scope"), "session");
  EXPECT_EQ(header.all.at("min_at_risk"), 30);
}

TEST_F(AuditRunTest, exactly_the_operations_asked_for_are_done_before_the_final_check) {
  scenario_.operations = 101;
  scenario_.duration.reset();
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.ended, RunEnd::operations);
  const History history = recorded();
  EXPECT_EQ(std::count_if(history.operations.begin(), history.operations.end(), std::not_fn(is_check)), 101);
}

TEST_F(AuditRunTest, it_ends_when_enough_was_seen) {
  std::atomic<int> seen{0};
  listener_.operation = [&](const Operation&) { ++seen; };
  enough_ = [&] { return seen >= 50; };
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.ended, RunEnd::enough);
  EXPECT_TRUE(result.final_check_done);
  EXPECT_GE(result.operations, 50U);
}

TEST_F(AuditRunTest, it_ends_when_no_session_has_more_to_do) {
  const RunResult result = run([](Session& session) { session.write("k1", session.next_value()); });
  EXPECT_EQ(result.ended, RunEnd::workload_done);
  EXPECT_TRUE(result.final_check_done);
  EXPECT_EQ(recorded().operations.size(), 8U);
}

TEST_F(AuditRunTest, the_final_check_comes_after_the_faults_are_healed_and_the_lag_has_settled) {
  system_.faults_possible = true;
  faults_ = {parse_fault("pause-replay:follower-1")};
  scenario_.duration = milliseconds(100);
  // What node-1 shows stands still until the end of the pause is recorded, and for a while after.
  std::atomic<bool> ended{false};
  listener_.fault = [&](const FaultEvent& event) {
    if (event.phase == "end") ended = true;
  };
  std::atomic<std::int64_t> stuck{-1};
  std::atomic<int> after_end{0};
  system_.on_visible = [&](const std::string& node, std::int64_t newest) -> std::int64_t {
    if (node != "node-1" || newest == 0) return newest;
    std::int64_t none = -1;
    stuck.compare_exchange_strong(none, newest);
    if (!ended || ++after_end < 10) return stuck;
    return newest;
  };
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.settled, true);
  EXPECT_GE(after_end, 10);
  const History history = recorded();
  ASSERT_GE(history.faults.size(), 2U);
  EXPECT_EQ(history.faults.front().phase, "start");
  EXPECT_EQ(history.faults.back().phase, "end");
  Nanoseconds caught_up = 0;
  for (const LagSample& sample : history.lags) {
    if (sample.node == "node-1" && sample.lag_ms > 0) caught_up = sample.time;
  }
  EXPECT_GT(caught_up, history.faults.back().time);
  for (const Operation& operation : history.operations) {
    EXPECT_TRUE(!is_check(operation) || operation.invoke > caught_up);
  }
}

TEST_F(AuditRunTest, a_lag_that_does_not_settle_is_said_and_the_final_check_goes_on) {
  scenario_.duration = milliseconds(50);
  timing_.settle_within = milliseconds(50);
  system_.on_visible = [](const std::string& node, std::int64_t newest) {
    return node == "node-2" ? std::min<std::int64_t>(newest, 1) : newest;
  };
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.settled, false);
  EXPECT_TRUE(result.final_check_done);
  EXPECT_THAT(result.notes, Contains(HasSubstr("did not settle within 50ms after the faults were healed (node-2")));
  EXPECT_EQ(recorded().footer.at("settled"), false);
}

TEST_F(AuditRunTest, keys_that_do_not_answer_make_the_final_check_incomplete) {
  scenario_.duration = milliseconds(50);
  std::atomic<bool> checking{false};
  on_phase_ = [&](RunPhase phase) { checking = phase == RunPhase::final_check; };
  system_.on_call = [&](const Call& call) -> std::optional<Reply> {
    if (!checking || call.key != "k1") return std::nullopt;
    Reply reply;
    reply.outcome = Outcome::fail;
    return reply;
  };
  const RunResult result = run(write_and_look_around);
  EXPECT_FALSE(result.final_check_done);
  EXPECT_THAT(result.notes, Contains(HasSubstr("2 of 8 keys did not answer")));
}

// A probe that looks in the wrong place: what it cannot show is no lag, and puts nothing at risk.
TEST_F(AuditRunTest, a_node_that_never_shows_a_beat_is_said_and_has_no_lag) {
  scenario_.duration = milliseconds(50);
  timing_.beat_shown_within = milliseconds(20);
  timing_.settle_within = milliseconds(20);
  system_.on_visible = [](const std::string&, std::int64_t) { return std::int64_t{0}; };
  const RunResult result = run(write_and_look_around);
  EXPECT_THAT(result.notes, Contains(HasSubstr("no beat was shown within 20ms by node-0, node-1, node-2")));
  EXPECT_EQ(result.settled, false);
  for (const LagSample& sample : recorded().lags)
    EXPECT_FALSE(sample.reachable);
}

TEST_F(AuditRunTest, without_beats_nothing_is_sampled_or_said_to_have_settled) {
  scenario_.duration = milliseconds(50);
  system_.beats = false;
  const RunResult result = run(write_and_look_around);
  EXPECT_FALSE(result.settled);
  EXPECT_TRUE(result.final_check_done);
  EXPECT_THAT(result.notes, Contains(HasSubstr("has no beats")));
  EXPECT_THAT(recorded().lags, IsEmpty());
  EXPECT_TRUE(recorded().footer.at("settled").is_null());
}

TEST_F(AuditRunTest, after_a_failover_each_session_looks_before_it_writes) {
  system_.faults_possible = true;
  faults_ = {parse_fault("failover@30ms,cut=0")};
  policy_ = "leader";
  std::atomic<int> writes_under_new_leader{0};
  enough_ = [&] { return writes_under_new_leader >= 20; };
  system_.on_call = [&](const Call& call) -> std::optional<Reply> {
    if (call.function == Function::write && call.node == "node-1") ++writes_under_new_leader;
    return std::nullopt;
  };
  const RunResult result = run(write_and_look_around);
  EXPECT_EQ(result.ended, RunEnd::enough);
  const History history = recorded();
  std::map<std::string, std::set<std::string>> touched;
  std::map<std::string, std::set<std::string>> looked_at;
  std::set<std::string> wrote_again;
  for (const Operation& operation : history.operations) {
    if (is_check(operation) && operation.labels.at("check") == "leader-change") {
      looked_at[operation.session].insert(operation.key);
    } else if (operation.is_write() && operation.node == "node-1" && !touched[operation.session].empty() &&
               wrote_again.insert(operation.session).second) {
      EXPECT_EQ(looked_at[operation.session], touched[operation.session]) << operation.session;
    }
    if (!wrote_again.contains(operation.session)) touched[operation.session].insert(operation.key);
  }
  EXPECT_FALSE(wrote_again.empty());
  const auto proof = std::find_if(history.faults.begin(), history.faults.end(),
                                  [](const FaultEvent& event) { return event.phase == "proof"; });
  ASSERT_NE(proof, history.faults.end());
  EXPECT_TRUE(proof->detail.contains("beat_acknowledged")) << "what was acknowledged later is at risk";
}

TEST_F(AuditRunTest, a_control_session_reads_any_replica_beside_the_policy) {
  scenario_.control = true;
  scenario_.operations = 200;
  scenario_.duration.reset();
  policy_ = "leader";
  run([](Session& session) {
    const bool reader = session.ordinal() >= session.count();
    while (session.running()) {
      if (reader) {
        session.read("k0");
      } else {
        session.write("k0", session.next_value());
      }
      session.pause(std::chrono::microseconds(100));
    }
  });
  std::size_t controls = 0;
  std::size_t counted = 0;
  for (const Operation& operation : recorded().operations) {
    if (operation.session == "control-0") {
      ++controls;
      EXPECT_EQ(operation.labels.at("control"), "true");
      EXPECT_EQ(operation.function, Function::read);
      EXPECT_EQ(operation.role, Role::follower);
      EXPECT_EQ(operation.process, "control-0.0");
    } else {
      EXPECT_FALSE(operation.labels.contains("control"));
      counted += is_check(operation) ? 0U : 1U;
    }
  }
  EXPECT_GE(controls, 1U);
  EXPECT_EQ(counted, 200U);
}

class LonelyLeaderTest : public fake::AuditTest {
 protected:
  LonelyLeaderTest() { system_.dismiss_followers(); }
};

TEST_F(LonelyLeaderTest, a_control_session_is_left_out_where_there_are_no_followers) {
  scenario_.control = true;
  scenario_.operations = 10;
  scenario_.duration.reset();
  policy_ = "leader";
  const RunResult result = run(write_and_look_around);
  EXPECT_THAT(result.notes, Contains(HasSubstr("--control: left out")));
}

TEST_F(LonelyLeaderTest, a_policy_that_cannot_work_here_is_refused_before_a_file_is_made) {
  EXPECT_THROW(run(write_and_look_around), UsageError);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

}  // namespace
}  // namespace afterwrite
