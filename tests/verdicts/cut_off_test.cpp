// Audits whose recording breaks off before all that was asked for was done.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkers/judge.hpp"

namespace afterwrite {
namespace {

using ::testing::HasSubstr;

Operation operation(Function function, Value value, Nanoseconds invoke) {
  Operation made;
  made.session = "s";
  made.function = function;
  made.key = "k";
  made.value = std::move(value);
  made.outcome = Outcome::ok;
  made.invoke = invoke;
  made.complete = invoke + 1;
  return made;
}

/// Holds, with two reads at risk: a lag sample shows that their write could have been missed.
History recorded(bool truncated) {
  History history;
  history.operations = {operation(Function::write, std::string("a"), 10), operation(Function::read, std::string("a"), 20),
                        operation(Function::read, std::string("a"), 30)};
  LagSample sample;
  sample.node = "follower-1";
  sample.time = 40;
  sample.reachable = true;
  sample.beat_acknowledged = 5;
  history.lags = {sample};
  history.header.assume = {"one-clock"};
  history.header.all["scenario"]["faults"] = {"none", "kill:follower-1@3s..4s", "kill:follower-2@5s", "failover@6s"};
  history.truncated = truncated;
  FaultEvent kill;
  kill.fault = "kill";
  kill.episode = "kill-1";
  kill.phase = "start";
  kill.time = 15;
  FaultEvent proof = kill;
  proof.phase = "proof";
  proof.detail["bit"] = true;
  proof.time = 16;
  history.faults = {kill, proof};
  return history;
}

Row read_your_writes(const History& history) {
  Question question;
  question.guarantees = {only(Guarantee::read_your_writes)};
  question.min_at_risk = 1;
  return judge(history, question).rows.front();
}

TEST(CutOff, WhatWasAskedForAndHadNotBegunIsADoubt) {
  const Row row = read_your_writes(recorded(true));
  EXPECT_EQ(row.verdict, Verdict::unknown) << row.reason;
  EXPECT_THAT(row.reason, HasSubstr("the fault kill:follower-2@5s did not bite: the recording breaks off before it"));
}

TEST(CutOff, WhereAllHadBegunNothingIsMissing) {
  History history = recorded(true);
  history.header.all["scenario"]["faults"] = {"kill:follower-1@3s..4s"};
  EXPECT_EQ(read_your_writes(history).verdict, Verdict::held) << read_your_writes(history).reason;
  history.header.all["scenario"]["faults"] = "kill";  // anybody may have written this
  EXPECT_EQ(read_your_writes(history).verdict, Verdict::held);
  history.header.all["scenario"] = 3;
  EXPECT_EQ(read_your_writes(history).verdict, Verdict::held);
}

TEST(CutOff, AWholeRunSaysItselfWhyAFaultDidNotBite) {
  EXPECT_EQ(read_your_writes(recorded(false)).verdict, Verdict::held) << read_your_writes(recorded(false)).reason;
}

}  // namespace
}  // namespace afterwrite
