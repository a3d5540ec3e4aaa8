#include "harness/run/session_runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

#include "harness/history/reader.hpp"
#include "tests/run/fake_system.hpp"
#include "tests/run/temporary_folder.hpp"

namespace afterwrite {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

/// A policy that is a function; it keeps what it was last told of the session.
class Rule final : public ReadPolicy {
 public:
  using Plan = std::function<std::optional<ReadPlan>(const SessionKnowledge&, const Topology&, Random&)>;
  explicit Rule(Plan plan) : plan_(std::move(plan)) {}
  std::string name() const override { return "rule"; }
  std::optional<ReadPlan> plan(const SessionKnowledge& session, const Topology& topology, Clock::time_point,
                               Random& random) const override {
    known = session;
    return plan_(session, topology, random);
  }
  std::optional<std::string> refusal(const Topology&) const override { return std::nullopt; }

  mutable SessionKnowledge known;

 private:
  Plan plan_;
};

Rule::Plan always(const std::string& node) {
  return [node](const SessionKnowledge&, const Topology&, Random&) { return ReadPlan{.node = node, .await = {}}; };
}

Reply reply(Outcome outcome, Connection connection = Connection::usable, const std::string& position = {}) {
  Reply made;
  made.outcome = outcome;
  made.connection = connection;
  made.position = position;
  if (outcome != Outcome::ok) made.error = "because";
  return made;
}

class SessionRunnerTest : public testing::Test {
 protected:
  SessionRunnerTest() {
    control_.start();
    surroundings_.await_settled = [this] { ++settled_waits_; };
  }

  SessionRunner session(const ReadPolicy& policy) {
    return SessionRunner(surroundings_, {.name = "s0",
                                         .user = "u0",
                                         .ordinal = 3,
                                         .count = 4,
                                         .seed = 42,
                                         .policy = &policy,
                                         .labels = {},
                                         .counted = true});
  }

  /// Everything that was recorded; nothing can be recorded afterwards.
  History recorded() {
    recorder_.finish();
    return read_history(file_);
  }

  fake::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "history.jsonl";
  fake::System system_;
  RunClock clock_;
  RunControl control_{1, std::nullopt, std::nullopt};
  Recorder recorder_{file_, Header{}, clock_};
  int settled_waits_ = 0;
  SessionSurroundings surroundings_{system_, recorder_, control_, clock_, std::chrono::seconds(2), {}};
};

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

TEST_F(SessionRunnerTest, the_token_is_the_greater_position_and_else_the_last_writes) {
  Reply next;
  system_.on_call = [&](const Call&) { return next; };
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  const auto token_after_read = [&](const std::string& position) {
    next = reply(Outcome::ok, Connection::usable, position);
    s.read("k1", {});
    next = reply(Outcome::ok);  // says nothing of a position
    s.read("k1", {});
    return policy.known.token;
  };
  const auto write_at = [&](const std::string& position, Outcome outcome = Outcome::ok) {
    next = reply(outcome, Connection::usable, position);
    s.write("k1", s.next_value(), {});
  };
  EXPECT_EQ(token_after_read(""), "");
  EXPECT_EQ(token_after_read("5"), "5");
  EXPECT_EQ(token_after_read("3"), "5") << "a read of the past takes nothing away";
  EXPECT_EQ(token_after_read("?"), "?") << "nothing was written: the latest read counts";
  EXPECT_EQ(token_after_read("4"), "4");
  write_at("7");
  EXPECT_EQ(token_after_read("6"), "7");
  EXPECT_EQ(token_after_read("9"), "9");
  EXPECT_EQ(token_after_read("?"), "7") << "not comparable: what was written must not be missed";
  write_at("8", Outcome::info);
  EXPECT_EQ(token_after_read(""), "7") << "an unknown outcome teaches nothing";
  write_at("6");
  EXPECT_EQ(token_after_read(""), "7");
}

TEST_F(SessionRunnerTest, the_last_acknowledged_write_is_remembered_with_its_time) {
  Outcome next = Outcome::fail;
  system_.on_call = [&](const Call&) { return reply(next); };
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  const auto remembered = [&] {
    next = Outcome::ok;
    s.read("k1", {});
    return policy.known.last_acknowledged_write;
  };
  s.write("k1", s.next_value(), {});
  EXPECT_FALSE(remembered());
  next = Outcome::info;
  s.write("k1", s.next_value(), {});
  EXPECT_FALSE(remembered());
  const Operation written = s.write("k1", s.next_value(), {});
  ASSERT_TRUE(remembered());
  EXPECT_EQ(clock_.at(*policy.known.last_acknowledged_write), written.complete);
}

TEST_F(SessionRunnerTest, who_waits_for_a_position_reads_where_it_arrived_and_else_from_the_leader) {
  const Rule policy([](const SessionKnowledge&, const Topology&, Random&) {
    return ReadPlan{.node = "node-2", .await = "77", .wait = std::chrono::milliseconds(10)};
  });
  Awaited answer{Applied::reached};
  Nanoseconds awaited_at = 0;
  system_.on_await = [&](const std::string& node, const std::string& position, Deadline) {
    EXPECT_EQ(node, "node-2");
    EXPECT_EQ(position, "77");
    awaited_at = clock_.now();
    return answer;
  };
  SessionRunner s = session(policy);
  const Operation there = s.read("k1", {});
  EXPECT_EQ(there.node, "node-2");
  EXPECT_FALSE(there.fallback);
  EXPECT_LE(there.invoke, awaited_at) << "invoke is stamped before the policy waits";
  EXPECT_EQ(there.waited_ms, 0.0) << "it had arrived, so nothing was waited for";
  answer.waited = true;
  EXPECT_GT(s.read("k1", {}).waited_ms, 0.0);
  for (const Applied other : {Applied::not_yet, Applied::incomparable, Applied::unreachable}) {
    answer = {other, other == Applied::not_yet};
    const Operation fallen_back = s.read("k1", {});
    EXPECT_EQ(fallen_back.node, "node-0");
    EXPECT_EQ(fallen_back.role, Role::leader);
    EXPECT_TRUE(fallen_back.fallback);
    EXPECT_EQ(fallen_back.outcome, Outcome::ok);
  }
}

TEST_F(SessionRunnerTest, a_long_wait_for_a_position_ends_with_the_run) {
  const Rule policy([](const SessionKnowledge&, const Topology&, Random&) {
    return ReadPlan{.node = "node-2", .await = "77", .wait = std::chrono::hours(10)};
  });
  const fake::Signal never;
  system_.on_await = [&](const std::string&, const std::string&, Deadline deadline) {
    control_.abort(RunEnd::interrupted, "stopped by the user");
    never.wait_until(deadline);
    return Awaited{Applied::not_yet, true};
  };
  SessionRunner s = session(policy);
  EXPECT_TRUE(s.read("k1", {}).fallback);
  EXPECT_FALSE(s.running());
}

TEST_F(SessionRunnerTest, the_whole_wait_is_used_although_the_client_stops_looking_a_little_before_each_deadline) {
  constexpr auto wait = std::chrono::milliseconds(600);
  const Rule policy([&](const SessionKnowledge&, const Topology&, Random&) {
    return ReadPlan{.node = "node-2", .await = "77", .wait = wait};
  });
  Deadline last_asked_for;
  system_.on_await = [&](const std::string&, const std::string&, Deadline deadline) {
    last_asked_for = deadline;
    return Awaited{Applied::not_yet, true};
  };
  SessionRunner s = session(policy);
  const auto begin = Clock::now();
  const Operation read = s.read("k1", {});
  EXPECT_TRUE(read.fallback);
  EXPECT_GE(last_asked_for, begin + wait);
  EXPECT_GT(read.waited_ms, 0.0);
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

TEST_F(SessionRunnerTest, the_final_check_reads_each_touched_key_as_what_it_holds) {
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  s.read("a", {});
  s.write("b", s.next_value(), {});
  s.append("c", s.next_value(), {});
  s.read_list("d", {});
  control_.end_load(RunEnd::duration, "over");
  control_.begin_check();
  std::map<std::string, bool> asked;
  std::map<std::string, int> times;
  system_.on_call = [&](const Call& call) -> std::optional<Reply> {
    asked[call.key] = call.list;
    if (call.key == "a" && ++times["a"] < 3) return reply(Outcome::fail);
    if (call.key == "d") return reply(Outcome::info, Connection::lost);
    return std::nullopt;
  };
  const TouchedKeys keys = s.final_check(Clock::now() + std::chrono::minutes(1));
  EXPECT_EQ(asked, (std::map<std::string, bool>{{"a", false}, {"b", false}, {"c", true}, {"d", true}}));
  EXPECT_EQ(keys.touched, 4U);
  EXPECT_EQ(keys.unread, 1U);
  const History history = recorded();
  ASSERT_EQ(history.operations.size(), 4U + 3 + 1 + 1 + 3);
  for (std::size_t i = 4; i < history.operations.size(); ++i) {
    EXPECT_EQ(history.operations[i].function, Function::read);
    EXPECT_EQ(history.operations[i].labels.at("check"), "final");
  }
}

TEST_F(SessionRunnerTest, the_final_check_ends_at_its_deadline_and_with_the_run) {
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  s.read("a", {});
  s.read("b", {});
  control_.end_load(RunEnd::duration, "over");
  control_.begin_check();
  EXPECT_EQ(s.final_check(Clock::now()).unread, 2U);
  control_.abort(RunEnd::interrupted, "stopped by the user");
  EXPECT_EQ(s.final_check(Deadline::max()).unread, 2U);
  EXPECT_EQ(recorded().operations.size(), 2U);
}

TEST_F(SessionRunnerTest, under_a_new_leader_the_session_looks_at_what_it_touched_before_it_writes) {
  const Rule policy(always("node-2"));
  SessionRunner s = session(policy);
  s.write("a", s.next_value(), {});
  s.append("b", s.next_value(), {});
  system_.lead("node-1");
  s.read("a", {});  // reads go on
  EXPECT_EQ(settled_waits_, 0);
  s.write("a", s.next_value(), {});
  EXPECT_EQ(settled_waits_, 1);
  s.write("a", s.next_value(), {});
  EXPECT_EQ(settled_waits_, 1) << "once for each change";

  std::vector<std::string> story;
  for (const Operation& operation : recorded().operations) {
    const auto check = operation.labels.find("check");
    story.push_back(std::string(to_string(operation.function)) + " " + operation.key + " " + operation.node +
                    (check == operation.labels.end() ? "" : " " + check->second));
  }
  EXPECT_THAT(story, ElementsAre("write a node-0", "append b node-0", "read a node-2", "read a node-2 leader-change",
                                 "read b node-2 leader-change", "write a node-1", "write a node-1"));
}

TEST_F(SessionRunnerTest, a_leader_that_changes_during_the_check_is_checked_too) {
  const Rule policy(always("node-2"));
  SessionRunner s = session(policy);
  s.write("a", s.next_value(), {});
  system_.lead("node-1");
  surroundings_.await_settled = [&] {
    if (++settled_waits_ == 1) system_.lead("node-2");
  };
  s.write("a", s.next_value(), {});
  EXPECT_EQ(settled_waits_, 2);
  EXPECT_EQ(recorded().operations.back().node, "node-2");
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
