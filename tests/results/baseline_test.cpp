#include "results/baseline.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/results/made_up_parts.hpp"

namespace afterwrite {
namespace {

Baseline baseline_of(const Row& row) {
  return {"base.json", row.verdict, {{{to_string(row.guarantees), "session", row.group}, {row.verdict, row.broken, row.at_risk}}}};
}

Row violated(std::uint64_t broken, std::uint64_t at_risk) {
  Row row = row_of(read_your_writes(), broken > 0 ? Verdict::violated : Verdict::held, broken, at_risk, at_risk);
  row.broken = broken;
  return row;
}

Comparison compared(const Row& before, const Row& now) {
  Judgement judgement;
  judgement.verdict = now.verdict;
  judgement.rows.push_back(now);
  return compare(baseline_of(before), judgement);
}

/// Draws from one share again and again: seldom enough anything is called worse.
TEST(Baseline, NoiseIsNoChange) {
  std::mt19937_64 random(3);
  for (const double share : {0.02, 0.2, 0.9}) {
    std::binomial_distribution<std::uint64_t> broken(300, share);
    int worse = 0;
    int changed = 0;
    constexpr int runs = 2000;
    for (int i = 0; i < runs; ++i) {
      const Comparison comparison = compared(violated(std::max<std::uint64_t>(broken(random), 1), 300),
                                             violated(std::max<std::uint64_t>(broken(random), 1), 300));
      worse += comparison.worse() ? 1 : 0;
      changed += comparison.rows.front().change == Change::same ? 0 : 1;
    }
    EXPECT_LE(worse, runs * 3 / 100) << share;
    EXPECT_LE(changed, runs * 5 / 100) << share;
  }
}

TEST(Baseline, WhatIsMuchWorseIsSeen) {
  std::mt19937_64 random(3);
  std::binomial_distribution<std::uint64_t> before(300, 0.1);
  std::binomial_distribution<std::uint64_t> now(300, 0.25);
  int worse = 0;
  for (int i = 0; i < 1000; ++i) worse += compared(violated(before(random), 300), violated(now(random), 300)).worse() ? 1 : 0;
  EXPECT_GE(worse, 950);
}

TEST(Baseline, OneNewBreachIsNewHoweverManyReads) {
  EXPECT_EQ(compared(violated(0, 1'000'000), violated(1, 1'000'000)).rows.front().change, Change::fresh);
  EXPECT_EQ(compared(violated(1, 1'000'000), violated(0, 1'000'000)).rows.front().change, Change::gone);
}

TEST(Baseline, ControlSessionsAccuseNobody) {
  Judgement judgement;
  Row control = violated(5, 10);
  control.group = "control";
  judgement.rows = {control};
  const Comparison comparison = compare({"base.json", Verdict::held, {}}, judgement);
  EXPECT_TRUE(comparison.rows.empty());
  EXPECT_FALSE(comparison.worse());
}

}  // namespace
}  // namespace afterwrite
