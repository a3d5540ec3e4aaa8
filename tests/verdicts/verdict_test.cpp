#include "checkers/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace afterwrite {
namespace {

using ::testing::HasSubstr;

Row row(std::uint64_t violations, std::uint64_t decided, std::uint64_t at_risk) {
  Row made;
  made.guarantees = only(Guarantee::read_your_writes);
  made.broken = made.violations = violations;
  made.decided = decided;
  made.at_risk = at_risk;
  return made;
}

VerdictGrounds grounds(std::uint64_t min_at_risk, std::vector<std::string> doubts = {}) {
  VerdictGrounds made;
  made.min_at_risk = min_at_risk;
  made.doubts = std::move(doubts);
  return made;
}

TEST(Verdict, HeldNeedsEnoughReadsAtRisk) {
  Row enough = row(0, 100, 30);
  conclude(enough, grounds(30));
  EXPECT_EQ(enough.verdict, Verdict::held);
  Row few = row(0, 100, 29);
  conclude(few, grounds(30));
  EXPECT_EQ(few.verdict, Verdict::unknown);
  EXPECT_THAT(few.reason, HasSubstr("29 of 100"));
}

TEST(Verdict, NothingDecidedIsUnknown) {
  Row made = row(0, 0, 0);
  conclude(made, grounds(1));
  EXPECT_EQ(made.verdict, Verdict::unknown);
  EXPECT_THAT(made.reason, HasSubstr("nothing was decided"));
}

TEST(Verdict, DoubtTurnsHeldIntoUnknownAndNeverViolatedIntoAnything) {
  Row clean = row(0, 100, 100);
  conclude(clean, grounds(30, {"the fault lag-1 did not bite"}));
  EXPECT_EQ(clean.verdict, Verdict::unknown);
  EXPECT_THAT(clean.reason, HasSubstr("did not bite"));
  Row broken = row(1, 100, 100);
  conclude(broken, grounds(30, {"the fault lag-1 did not bite"}));
  EXPECT_EQ(broken.verdict, Verdict::violated);
}

TEST(Verdict, JointRowIsViolatedWhereAMemberIs) {
  Row joint = row(0, 100, 100);
  joint.guarantees |= only(Guarantee::monotonic_reads);
  joint.broken = 25;
  joint.listed_elsewhere = joint.guarantees;
  conclude(joint, grounds(30));
  EXPECT_EQ(joint.verdict, Verdict::violated);
  EXPECT_DOUBLE_EQ(joint.rate, 0.25);
  EXPECT_EQ(joint.reason,
            "25 of 100 at-risk operations broke it, none only jointly; for the others see the rows read-your-writes, "
            "monotonic-reads");
}

TEST(Verdict, JointRowTellsWhatItsEntriesBreak) {
  Row joint = row(5, 100, 100);
  joint.guarantees |= only(Guarantee::monotonic_reads);
  Violation alone;
  alone.guarantees = only(Guarantee::monotonic_reads);
  alone.count = 3;
  Violation jointly;
  jointly.guarantees = joint.guarantees;
  jointly.count = 2;
  joint.entries = {jointly, alone};
  conclude(joint, grounds(30));
  EXPECT_EQ(joint.reason, "5 of 100 at-risk operations broke it: 3 monotonic-reads alone, 2 only jointly");
  joint.broken = 9;
  joint.listed_elsewhere = only(Guarantee::read_your_writes);
  conclude(joint, grounds(30));
  EXPECT_THAT(joint.reason, HasSubstr("; for the others see the row read-your-writes"));
}

// The interval of Clopper and Pearson for 3 of 10, from the published tables: 6.7 % to 65.2 %.
TEST(Verdict, RateHasItsInterval) {
  Row made = row(3, 10, 10);
  conclude(made, grounds(1));
  EXPECT_DOUBLE_EQ(made.rate, 0.3);
  EXPECT_NEAR(made.rate_low, 0.0667, 0.0001);
  EXPECT_NEAR(made.rate_high, 0.6525, 0.0001);
}

History history_of(std::size_t operations) {
  History history;
  history.operations.resize(operations);
  return history;
}

TEST(Verdict, WhatIsWrittenIsNotMergedWithWhatIsRead) {
  History history = history_of(2);
  history.operations[0].function = Function::write;
  Violation written;
  written.operation = 0;
  written.observed = std::string("a");
  Violation read = written;
  read.operation = 1;
  EXPECT_EQ(merge_entries(history, {written, read}).size(), 2U);
}

TEST(Verdict, AnElementThatIsMissedAgainIsOneEntryWhateverElseTheListsShow) {
  Violation missing;
  missing.scope_name = "s1";
  missing.expected = std::string("a");
  missing.observed = List{Scalar{std::string("b")}};
  missing.cycle = {{EdgeKind::list_contents, missing.observed, missing.expected, {}}};
  Violation again = missing;
  again.operation = 1;
  again.observed = List{Scalar{std::string("b")}, Scalar{std::string("c")}};
  Violation moved = again;
  moved.operation = 2;
  moved.observed = List{Scalar{std::string("c")}, Scalar{std::string("a")}};
  Violation other = again;
  other.operation = 3;
  other.expected = std::string("z");
  const auto merged = merge_entries(history_of(4), {missing, again, moved, other});
  ASSERT_EQ(merged.size(), 3U);
  EXPECT_EQ(merged[0].count, 2U);
}

TEST(Verdict, SameStaleVersionOfOneSessionIsOneEntry) {
  Violation first;
  first.scope_name = "s1";
  first.key = "k1";
  first.operation = 5;
  first.observed = std::string("old");
  first.staleness_ms = 10;
  Violation again = first;
  again.operation = 3;
  again.staleness_ms = 4;
  Violation other = first;
  other.scope_name = "s2";
  Violation otherwise = first;
  otherwise.guarantees = only(Guarantee::monotonic_reads);
  const auto merged = merge_entries(history_of(6), {first, again, other, otherwise});
  ASSERT_EQ(merged.size(), 3U) << "what breaks another guarantee is an entry of its own";
  EXPECT_EQ(merged[0].operation, 3U);
  EXPECT_EQ(merged[0].count, 2U);
  EXPECT_DOUBLE_EQ(merged[0].staleness_ms, 4);
  ASSERT_EQ(merged[0].repeats.size(), 1U);
  EXPECT_EQ(merged[0].repeats[0].operation, 5U);
  EXPECT_DOUBLE_EQ(merged[0].repeats[0].staleness_ms, 10);
  EXPECT_EQ(merged[1].scope_name, "s2");
}

}  // namespace
}  // namespace afterwrite
