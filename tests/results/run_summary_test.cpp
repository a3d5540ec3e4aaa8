#include "results/run_summary.hpp"

#include <gtest/gtest.h>

#include "tests/results/made_up.hpp"

namespace afterwrite {
namespace {

TEST(RunSummary, OfNothing) {
  const RunSummary summary = summarise({});
  EXPECT_EQ(summary.outcomes.all(), 0U);
  EXPECT_EQ(summary.outcomes.availability(), 0);
  EXPECT_EQ(summary.operations_per_second, 0);
  EXPECT_TRUE(summary.functions.empty());
  EXPECT_TRUE(summary.policy.empty());
}

TEST(RunSummary, CountsOperationsAndTheirTime) {
  const RunSummary summary = summarise(everything_in_doubt().history);
  EXPECT_EQ(summary.sessions, 3U);
  EXPECT_EQ(summary.keys, 3U);
  EXPECT_EQ(summary.outcomes.ok, 4U);
  EXPECT_EQ(summary.outcomes.fail, 1U);
  EXPECT_EQ(summary.outcomes.info, 1U);
  EXPECT_DOUBLE_EQ(summary.outcomes.availability(), 4.0 / 6.0);
  EXPECT_DOUBLE_EQ(summary.duration_ms, 4199.3);
  EXPECT_DOUBLE_EQ(summary.operations_per_second, 6000.0 / 4199.3);
  EXPECT_TRUE(summary.truncated);
}

TEST(RunSummary, LatenciesAreOfWhatTookEffect) {
  const RunSummary summary = summarise(everything_in_doubt().history);
  ASSERT_EQ(summary.functions.size(), 3U);
  EXPECT_EQ(summary.functions[0].function, Function::read);
  EXPECT_EQ(summary.functions[0].latency_ms.count, 3U);
  EXPECT_DOUBLE_EQ(summary.functions[0].latency_ms.median, 212);
  EXPECT_DOUBLE_EQ(summary.functions[0].latency_ms.max, 1001);
  EXPECT_EQ(summary.functions[1].function, Function::write);
  EXPECT_EQ(summary.functions[1].outcomes.fail, 1U);
  EXPECT_EQ(summary.functions[1].latency_ms.count, 1U);
  EXPECT_EQ(summary.functions[2].function, Function::append);
  EXPECT_EQ(summary.functions[2].latency_ms.count, 0U);
}

TEST(RunSummary, WhatThePolicyCost) {
  const RunSummary summary = summarise(version_token_held().history);
  ASSERT_EQ(summary.policy.size(), 1U);
  const PolicyCost& cost = summary.policy[0];
  EXPECT_EQ(cost.reads, 3U);
  EXPECT_EQ(cost.leader_reads, 1U);
  EXPECT_DOUBLE_EQ(*cost.leader_share(), 1.0 / 3.0);
  EXPECT_EQ(cost.waited_ms.count, 2U);
  EXPECT_DOUBLE_EQ(cost.waited_ms.max, 1000);
  EXPECT_DOUBLE_EQ(cost.added_ms_a_read, 1210.5 / 3);
  EXPECT_EQ(cost.fallbacks, 1U);
}

TEST(RunSummary, ControlSessionsCostApart) {
  History history = version_token_held().history;
  history.operations.back().labels["control"] = "true";
  const RunSummary summary = summarise(history);
  ASSERT_EQ(summary.policy.size(), 2U);
  EXPECT_EQ(summary.policy[0].reads, 2U);
  EXPECT_EQ(summary.policy[1].sessions, "control");
  EXPECT_EQ(summary.policy[1].reads, 1U);
  ASSERT_EQ(summary.functions.size(), 3U);
  EXPECT_EQ(summary.functions[0].sessions, "policy");
  EXPECT_EQ(summary.functions[0].outcomes.ok, 2U);
  EXPECT_DOUBLE_EQ(summary.functions[0].latency_ms.median, 212);
  EXPECT_EQ(summary.functions[2].sessions, "control");
  EXPECT_EQ(summary.functions[2].function, Function::read);
  EXPECT_EQ(summary.functions[2].latency_ms.count, 1U);
}

TEST(RunSummary, TheFinalCheckIsNoCostOfThePolicy) {
  History history = version_token_held().history;
  const RunSummary before = summarise(history);
  Operation check = history.operations.back();
  check.labels["check"] = "final";
  check.waited_ms = 5000;
  check.invoke = history.operations.back().complete;
  check.complete = check.invoke + 5'000'000'000;
  history.operations.push_back(check);
  const RunSummary after = summarise(history);
  EXPECT_EQ(after.policy[0].reads, before.policy[0].reads);
  EXPECT_DOUBLE_EQ(after.policy[0].added_ms_a_read, before.policy[0].added_ms_a_read);
  EXPECT_DOUBLE_EQ(after.functions[0].latency_ms.max, before.functions[0].latency_ms.max);
  EXPECT_EQ(after.functions[0].outcomes.ok, before.functions[0].outcomes.ok + 1);
}

TEST(RunSummary, ErrorsOfControlSessionsAreApart) {
  History history = everything_in_doubt().history;
  history.operations.back().labels["control"] = "true";
  const RunSummary summary = summarise(history);
  EXPECT_EQ(summary.errors,
            (std::vector<ErrorSummary>{{"policy", "no answer within 2 s", 1}, {"control", "connection refused", 1}}));
}

/// A token that the follower had at the first look costs no wait; `waited_ms` is recorded for the others alone.
TEST(RunSummary, WaitsAreOfReadsThatHadToWait) {
  History history = version_token_held().history;
  history.operations[1].waited_ms = 0;
  history.operations[2].waited_ms = 0;
  const PolicyCost cost = summarise(history).policy[0];
  EXPECT_EQ(cost.waited_ms.count, 0U);
  EXPECT_EQ(cost.fallbacks, 1U);
}

TEST(RunSummary, ALeadersShareNeedsRoles) {
  History history = version_token_held().history;
  for (Operation& operation : history.operations)
    operation.role = Role::unknown;
  EXPECT_EQ(summarise(history).policy[0].leader_share(), std::nullopt);
}

TEST(RunSummary, LagByNode) {
  const RunSummary summary = summarise(everything_in_doubt().history);
  ASSERT_EQ(summary.lag.size(), 2U);
  EXPECT_EQ(summary.lag[0].node, "node-1");
  EXPECT_EQ(summary.lag[0].lag_ms.count, 2U);
  EXPECT_DOUBLE_EQ(summary.lag[0].lag_ms.median, 498);
  EXPECT_EQ(summary.lag[0].unreachable, 1U);
  EXPECT_EQ(summary.lag[1].lag_ms.count, 0U);
}

TEST(RunSummary, BeforeItsFirstAnswerANodeWasNotMeasured) {
  LagSample none;
  none.node = "node-1";
  none.reachable = false;
  LagSample some = none;
  some.reachable = true;
  EXPECT_EQ(summarise_lag({none, none, some, none, some}).at(0).unreachable, 1U);
  EXPECT_EQ(summarise_lag({none, none}).at(0).unreachable, 2U) << "it never answered";
}

TEST(RunSummary, ErrorsByFrequency) {
  History history = everything_in_doubt().history;
  history.operations.push_back(history.operations.back());
  const RunSummary summary = summarise(history);
  ASSERT_EQ(summary.errors.size(), 2U);
  EXPECT_EQ(summary.errors[0], (ErrorSummary{"policy", "connection refused", 2}));
}

TEST(RunSummary, StalenessCountsAnOperationOnce) {
  MadeUp made = any_replica_violated();
  made.judgement.rows[2].entries = made.judgement.rows[0].entries;
  const StalenessSummary staleness = summarise_staleness(made.judgement);
  EXPECT_EQ(staleness.overdue_ms.count, 4U) << "the three that met one state are three";
  EXPECT_DOUBLE_EQ(staleness.overdue_ms.max, 212.05);
  EXPECT_DOUBLE_EQ(staleness.overdue_ms.mean, (212.05 + 41 + 55 + 20) / 4);
  EXPECT_EQ(staleness.versions.count, 1U);
}

}  // namespace
}  // namespace afterwrite
