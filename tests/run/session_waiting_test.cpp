#include <gtest/gtest.h>

#include "tests/run/session_fixture.hpp"

namespace afterwrite {
namespace {

class SessionWaitingTest : public SessionRunnerTest {};

TEST_F(SessionWaitingTest, the_token_is_the_greater_position_and_else_the_last_writes) {
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

TEST_F(SessionWaitingTest, the_last_acknowledged_write_is_remembered_with_its_time) {
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

TEST_F(SessionWaitingTest, who_waits_for_a_position_reads_where_it_arrived_and_else_from_the_leader) {
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

TEST_F(SessionWaitingTest, a_long_wait_for_a_position_ends_with_the_run) {
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

TEST_F(SessionWaitingTest, the_whole_wait_is_used_although_the_client_stops_looking_a_little_before_each_deadline) {
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

}  // namespace
}  // namespace afterwrite
