// What the checkers say of lists besides verdicts: who is named, by what evidence, in which group.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkers/judge.hpp"
#include "tests/checkers/settings.hpp"
#include "tests/checkers/story.hpp"

namespace afterwrite::oracle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Question ask(const char* row) {
  Question question;
  question.guarantees = {guarantees(row)};
  question.assume = assumptions("oc");
  question.min_at_risk = 0;
  return question;
}

Row row_of(const History& history, const char* row) {
  return judge(history, ask(row)).rows.at(0);
}

TEST(ListJudging, ARead) {
  const Row row = row_of(story("s append a 10 20; s read [] 1000030 1000040"), "ryw");
  ASSERT_THAT(row.entries, SizeIs(1));
  const Violation& entry = row.entries.front();
  EXPECT_THAT(entry.operations, ElementsAre(0, 1));
  EXPECT_EQ(entry.scope_name, "s");
  EXPECT_EQ(entry.expected, Value("a"));
  EXPECT_EQ(entry.observed, Value(List{}));
  EXPECT_DOUBLE_EQ(entry.staleness_ms, 1.00001);
}

TEST(ListJudging, AReadOfWhatMovedNamesBothElements) {
  const Row row = row_of(story("t append a 1 2; t append b 3 4; s read [a,b] 5 6; s read [b,a] 7 8"), "mr");
  ASSERT_THAT(row.entries, SizeIs(1));
  EXPECT_THAT(row.entries.front().operations, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(row.entries.front().cycle.front().operations, ElementsAre(2, 3));
}

TEST(ListJudging, AnAppendIsNamedForItsWriterWithTheFirstListThatShowsIt) {
  const Row row =
      row_of(story("s append a 1 2; s append b 3 4; t read [b] 5 6; u read [b] 7 8; u read [b,a] 9 10"), "mw");
  ASSERT_THAT(row.entries, SizeIs(1));
  const Violation& entry = row.entries.front();
  EXPECT_EQ(entry.operation, 1U);
  EXPECT_EQ(entry.count, 1U);
  EXPECT_EQ(entry.scope_name, "s");
  EXPECT_EQ(entry.expected, Value("a"));
  EXPECT_EQ(entry.observed, Value(List{Scalar("b")}));
  EXPECT_THAT(entry.operations, ElementsAre(0, 1, 2));
  EXPECT_THAT(entry.cycle.front().operations, ElementsAre(0, 2, 1)) << "the writer's comes last";
}

TEST(ListJudging, AnAppendThatFollowsAReadNamesThatToo) {
  const Row row = row_of(story("t append a 1 2; s read [a] 3 4; s append b 5 6; u read [b,a] 7 8"), "wfr");
  ASSERT_THAT(row.entries, SizeIs(1));
  EXPECT_EQ(row.entries.front().operation, 2U);
  EXPECT_THAT(row.entries.front().operations, ElementsAre(0, 1, 2, 3));
}

TEST(ListJudging, WhatIsMissedAgainIsOneEntry) {
  const Row row = row_of(
      story("s append a 1 2; s append b 3 4; s append c 5 6; s read [b] 7 8; s read [b,c] 9 10; s read [c] 11 12"),
      "ryw+mw");
  ASSERT_THAT(row.entries, SizeIs(2)) << "without rows of its members the joint row lists theirs";
  EXPECT_EQ(row.broken, 5U);
  EXPECT_EQ(row.violations, 5U);
  EXPECT_EQ(row.entries[0].count, 2U) << "b and c before a";
  EXPECT_EQ(row.entries[1].count, 3U);
  EXPECT_THAT(row.entries[1].repeats, SizeIs(2));
}

TEST(ListJudging, OnlyMembersOfTheGroupAreJudgedButEveryListShows) {
  History history = story("s append a 1 2; s append b 3 4; s append c 5 6; t read [c,b] 7 8");
  history.operations[1].labels["route"] = "slow";
  history.operations[2].labels["route"] = "fast";
  Question question = ask("mw");
  question.group_by = "route";
  const Judgement judgement = judge(history, question);
  ASSERT_THAT(judgement.rows, SizeIs(2));
  for (const Row& row : judgement.rows) {
    EXPECT_EQ(row.broken, 1U) << row.group;
    EXPECT_EQ(row.decided, 1U) << row.group;
    EXPECT_EQ(row.entries.at(0).operation, row.group == "slow" ? 1U : 2U);
  }
}

TEST(ListJudging, WhileItGoesOnADeleteMayBeInFlight) {
  History history = story("s append a 1 2; s read [] 3 4; t delete - 5 6 k=other");
  Question question = ask("ryw");
  EXPECT_EQ(judge(history, question).rows.at(0).verdict, Verdict::violated);
  question.live = true;
  EXPECT_EQ(judge(history, question).rows.at(0).verdict, Verdict::unknown);
  history.operations.pop_back();
  EXPECT_EQ(judge(history, question).rows.at(0).verdict, Verdict::violated) << "nothing ever deletes";
}

TEST(ListJudging, ListsThatAgreeWithOneOrderAreNoAnomaly) {
  EXPECT_THAT(judge(story("s append a 1 2; s append b 3 4; s append c 5 6; t read [a,c] 7 8; u read [b,c] 9 10; v read "
                          "[a,b] 11 12"),
                    ask("ryw"))
                  .anomalies,
              IsEmpty());
  // Read by read: the one that contradicts is counted, not those that agree with the first again.
  const Judgement judgement = judge(
      story(
          "s append a 1 2; s append b 3 4; t read [a,b] 5 6; u read [b,a] 7 8; v read [a,b] 9 10; w read [b,a] 11 12"),
      ask("ryw"));
  EXPECT_EQ(judgement.anomalies.at("incompatible-order"), 2U);
}

}  // namespace
}  // namespace afterwrite::oracle
