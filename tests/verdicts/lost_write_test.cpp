#include "checkers/lost_write.hpp"

#include <gtest/gtest.h>

#include "checkers/judge.hpp"

namespace afterwrite {
namespace {

constexpr Nanoseconds second = 1'000'000'000;

Operation call(Function function, Value value, Nanoseconds invoke, const std::string& node, Role role) {
  Operation operation;
  operation.session = operation.user = operation.process = "s";
  operation.function = function;
  operation.key = "k";
  operation.value = std::move(value);
  operation.outcome = Outcome::ok;
  operation.invoke = invoke;
  operation.complete = invoke + 1'000'000;
  operation.node = node;
  operation.role = role;
  return operation;
}

/// A failover at 4 s; a write that the old leader acknowledged at 2 s is missed by a read.
History missed(Nanoseconds read_at, const std::string& node, Role role) {
  History history;
  FaultEvent proof;
  proof.time = 4 * second;
  proof.fault = "failover";
  proof.phase = "proof";
  proof.episode = "failover-1";
  proof.targets = {"node-0"};
  proof.detail = {{"accepted_write", true}, {"promoted", "node-1"}};
  history.faults = {proof};
  history.operations = {call(Function::write, std::string("a"), second, "node-0", Role::leader),
                        call(Function::write, std::string("b"), 2 * second, "node-0", Role::leader),
                        call(Function::read, std::string("a"), read_at, node, role)};
  return history;
}

std::string lost(const History& history) {
  return judge(history).rows.at(0).entries.at(0).lost_at;
}

TEST(LostWrite, IsWhatThePromotedLeaderItselfDoesNotShow) {
  EXPECT_EQ(lost(missed(5 * second, "node-1", Role::leader)), "failover-1");
}

TEST(LostWrite, AFollowerMayBeLate) {
  EXPECT_EQ(lost(missed(5 * second, "node-2", Role::follower)), "");
}

/// node-2 shows a beat of the new leader's: whatever that one had when it began is there too.
TEST(LostWrite, AFollowerThatHasCaughtUpIsNotLate) {
  History history = missed(5 * second, "node-2", Role::follower);
  const auto sample = [](Nanoseconds time, std::optional<Nanoseconds> beat) {
    LagSample made;
    made.time = time;
    made.node = "node-2";
    made.beat_acknowledged = beat;
    return made;
  };
  history.lags = {sample(3'900'000'000, 2 * second), sample(4'300'000'000, 2 * second),
                  sample(4'500'000'000, 4'200'000'000)};
  EXPECT_EQ(lost(history), "") << "it lacks the first that the new leader acknowledged";
  history.lags.push_back(sample(4'600'000'000, 4'400'000'000));
  EXPECT_EQ(lost(history), "failover-1");
  history.lags.back().time = 6 * second;
  EXPECT_EQ(lost(history), "") << "it caught up later";
}

TEST(LostWrite, BeforeThePromotionNothingWasLostByIt) {
  EXPECT_EQ(lost(missed(3 * second, "node-1", Role::leader)), "");
}

TEST(LostWrite, NeedsAPromotion) {
  History history = missed(5 * second, "node-1", Role::leader);
  history.faults[0].detail["accepted_write"] = false;
  EXPECT_EQ(lost(history), "");
  history.faults[0].detail["accepted_write"] = "yes";
  EXPECT_EQ(lost(history), "");
}

TEST(LostWrite, WhatTheNewLeaderAcknowledgedIsNotLostByIt) {
  History history = missed(5 * second, "node-1", Role::leader);
  history.operations[1].node = "node-1";
  EXPECT_EQ(lost(history), "");
  history.operations[1].node = "";
  EXPECT_EQ(lost(history), "failover-1");
}

TEST(LostWrite, ShowsOnALaterReadOfTheSameState) {
  History history = missed(3 * second, "node-2", Role::follower);
  history.operations.push_back(call(Function::read, std::string("a"), 5 * second, "node-1", Role::leader));
  const Judgement judgement = judge(history);
  ASSERT_EQ(judgement.rows.at(0).entries.size(), 1U);
  EXPECT_EQ(judgement.rows.at(0).entries[0].lost_at, "failover-1");
}

}  // namespace
}  // namespace afterwrite
