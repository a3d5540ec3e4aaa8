#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

#include "tests/run/session_fixture.hpp"

namespace afterwrite {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(SessionRunnerTest, an_operation_is_recorded_as_it_went) {
  const Rule policy(always("node-2"));
  SessionRunner s = session(policy);
  EXPECT_EQ(s.next_value(), Scalar{"s0-1"});
  const Operation written = s.write("k1", s.next_value(), {.intent = "pay", .labels = {{"amount", "5"}}});
  const Operation read = s.read("k1", {});
  EXPECT_EQ(written.outcome, Outcome::ok);
  EXPECT_EQ(read.value, Value{"s0-2"});
  EXPECT_EQ(s.ordinal(), 3U);
  EXPECT_EQ(s.count(), 4U);

  const History history = recorded();
  ASSERT_EQ(history.operations.size(), 2U);
  const Operation& w = history.operations[0];
  EXPECT_EQ(w.session, "s0");
  EXPECT_EQ(w.user, "u0");
  EXPECT_EQ(w.process, "s0.0");
  EXPECT_EQ(w.node, "node-0");
  EXPECT_EQ(w.role, Role::leader);
  EXPECT_EQ(w.position, "1");
  EXPECT_EQ(w.intent, "pay");
  EXPECT_EQ(w.labels.at("amount"), "5");
  EXPECT_EQ(w.version, (RecordedVersion{1, 1}));
  EXPECT_EQ(w.complete, written.complete);
  EXPECT_LE(w.invoke, w.complete);
  const Operation& r = history.operations[1];
  EXPECT_EQ(r.node, "node-2");
  EXPECT_EQ(r.role, Role::follower);
  EXPECT_LE(w.complete, r.invoke);
}

TEST_F(SessionRunnerTest, lists_are_appended_to_and_read_as_lists) {
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  s.append("k1", s.next_value(), {});
  s.append("k1", s.next_value(), {});
  EXPECT_EQ(s.read_list("k1", {}).value, Value(List{Scalar{"s0-1"}, Scalar{"s0-2"}}));
}

TEST_F(SessionRunnerTest, an_unknown_outcome_ends_the_process_and_a_refused_one_does_not) {
  std::vector<Reply> replies{
      reply(Outcome::ok), reply(Outcome::fail, Connection::refused), reply(Outcome::info, Connection::lost),
      reply(Outcome::ok), reply(Outcome::info, Connection::lost),    reply(Outcome::ok)};
  std::size_t next = 0;
  int clients_at_call = 0;
  system_.on_call = [&](const Call&) {
    clients_at_call = system_.clients_open;
    return replies.at(next++);
  };
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  std::vector<std::string> processes;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const Operation read = s.read("k1", {});
    processes.push_back(read.process);
    EXPECT_EQ(clients_at_call, 1) << "the client of a process that has ended is closed";
    EXPECT_EQ(system_.clients_open, read.outcome == Outcome::info ? 0 : 1);
  }
  EXPECT_THAT(processes, ElementsAre("s0.0", "s0.0", "s0.0", "s0.1", "s0.1", "s0.2"));
}

TEST_F(SessionRunnerTest, only_a_refused_connection_to_the_own_follower_is_a_move) {
  Reply next;
  system_.on_call = [&](const Call&) { return next; };
  std::string node = "node-1";
  const Rule policy(
      [&](const SessionKnowledge&, const Topology&, Random&) { return ReadPlan{.node = node, .await = {}}; });
  SessionRunner s = session(policy);
  const auto moves = [&] {
    next = reply(Outcome::ok);
    s.read("k1", {});
    return policy.known.moves;
  };
  EXPECT_EQ(policy.known.ordinal, 0U);
  next = reply(Outcome::info, Connection::lost);  // a timeout
  s.read("k1", {});
  EXPECT_EQ(moves(), 0U);
  EXPECT_EQ(policy.known.ordinal, 3U);
  next = reply(Outcome::fail, Connection::refused);
  s.write("k1", s.next_value(), {});  // the leader refused: not the session's follower
  EXPECT_EQ(moves(), 0U);
  node = "node-0";
  next = reply(Outcome::fail, Connection::refused);
  s.read("k1", {});
  EXPECT_EQ(moves(), 0U);
  node = "node-1";
  next = reply(Outcome::fail, Connection::refused);
  s.read("k1", {});
  EXPECT_EQ(moves(), 1U);
  next = reply(Outcome::fail, Connection::refused);
  s.read("k1", {});
  EXPECT_EQ(moves(), 2U);
}

TEST_F(SessionRunnerTest, without_a_leader_or_a_plan_the_operation_fails_and_says_why) {
  const Rule policy([](const SessionKnowledge&, const Topology&, Random&) { return std::nullopt; });
  SessionRunner s = session(policy);
  EXPECT_THAT(s.read("k1", {}).error, HasSubstr("rule finds no node"));
  system_.lead("nobody");
  const Operation write = s.write("k1", s.next_value(), {});
  EXPECT_EQ(write.outcome, Outcome::fail);
  EXPECT_THAT(write.error, HasSubstr("no leader"));
  EXPECT_EQ(recorded().operations.size(), 2U);
}

TEST_F(SessionRunnerTest, failures_in_a_row_are_backed_off_from_until_one_succeeds) {
  Outcome next = Outcome::fail;
  system_.on_call = [&](const Call&) { return reply(next); };
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  std::vector<Operation> reads;
  for (int i = 0; i < 5; ++i)
    reads.push_back(s.read("k1", {}));
  Nanoseconds wait = 5'000'000;
  for (std::size_t i = 1; i < reads.size(); ++i, wait *= 2)
    EXPECT_GE(reads[i].invoke - reads[i - 1].complete, wait);
}

TEST_F(SessionRunnerTest, after_the_end_nothing_is_done_or_recorded) {
  int calls = 0;
  system_.on_call = [&](const Call&) {
    ++calls;
    return std::nullopt;
  };
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  s.read("k1", {});
  control_.end_load(RunEnd::duration, "over");
  EXPECT_FALSE(s.running());
  EXPECT_FALSE(s.pause(std::chrono::hours(1)));
  const Operation late = s.write("k1", s.next_value(), {});
  EXPECT_EQ(late.outcome, Outcome::fail);
  EXPECT_THAT(late.error, HasSubstr("the run is over"));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(recorded().operations.size(), 1U);
}

TEST_F(SessionRunnerTest, a_workload_that_never_looks_whether_the_run_is_over_is_stopped) {
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  control_.end_load(RunEnd::duration, "over");
  EXPECT_THROW(
      {
        for (;;)
          s.read("k1", {});
      },
      std::logic_error);
}

TEST_F(SessionRunnerTest, a_policy_that_throws_leaves_the_operation_recorded_as_unknown) {
  const Rule policy([](const SessionKnowledge&, const Topology&, Random&) -> std::optional<ReadPlan> {
    throw std::bad_optional_access();
  });
  SessionRunner s = session(policy);
  EXPECT_THROW(s.read("k1", {}), std::bad_optional_access);
  const History history = recorded();
  ASSERT_EQ(history.operations.size(), 1U);
  EXPECT_EQ(history.operations[0].outcome, Outcome::info);
}

TEST_F(SessionRunnerTest, what_the_workload_draws_does_not_depend_on_what_the_policy_draws) {
  const Rule thrifty(always("node-1"));
  const Rule wasteful([](const SessionKnowledge&, const Topology&, Random& random) {
    random.discard(17);
    return ReadPlan{.node = "node-1", .await = {}};
  });
  SessionRunner a = session(thrifty);
  SessionRunner b = session(wasteful);
  a.read("k1", {});
  b.read("k1", {});
  EXPECT_EQ(a.random()(), b.random()());
}

}  // namespace
}  // namespace afterwrite
