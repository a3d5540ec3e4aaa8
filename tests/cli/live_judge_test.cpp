// What the progress of a run and `--until` go by.

#include "harness/cli/live_judge.hpp"

#include <gtest/gtest.h>

#include <string>

namespace afterwrite {
namespace {

Row row(Guarantee guarantee, const std::string& group, std::uint64_t violations, std::uint64_t at_risk) {
  Row made;
  made.guarantees = only(guarantee);
  made.group = group;
  made.violations = violations;
  made.at_risk = at_risk;
  return made;
}

TEST(SeenSoFar, OfEachGuaranteeTheGroupsTogether) {
  Judgement judgement;
  judgement.rows = {row(Guarantee::read_your_writes, "profile", 1, 7), row(Guarantee::read_your_writes, "feed", 0, 0),
                    row(Guarantee::monotonic_reads, "profile", 2, 0), row(Guarantee::monotonic_reads, "feed", 0, 5),
                    row(Guarantee::monotonic_reads, "control", 9, 1)};
  const SeenSoFar seen = SeenSoFar{}.with(judgement);
  EXPECT_EQ(seen.at_risk, 5U);
  EXPECT_EQ(seen.violations, 3U);
}

TEST(SeenSoFar, NeverGoesBack) {
  Judgement judgement;
  judgement.rows = {row(Guarantee::read_your_writes, "", 4, 9)};
  const SeenSoFar before = SeenSoFar{}.with(judgement);
  judgement.rows.front().violations = 1;  // a delete: nobody knows what the reads of nothing saw
  judgement.rows.front().at_risk = 2;
  const SeenSoFar after = before.with(judgement);
  EXPECT_EQ(after.violations, 4U);
  EXPECT_EQ(after.at_risk, 9U);
  EXPECT_EQ(SeenSoFar{}.with(Judgement{}).at_risk, 0U);
}

}  // namespace
}  // namespace afterwrite
