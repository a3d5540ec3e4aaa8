// What the system promises, apart from what it does not.

#include "results/promises.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/markdown.hpp"
#include "results/report_json.hpp"
#include "results/row_words.hpp"
#include "results/run_summary.hpp"
#include "results/summary_text.hpp"
#include "tests/results/labelled_run.hpp"

namespace afterwrite {
namespace {

using testing::HasSubstr;
using testing::Not;
using PromisesTest = LabelledRun;

TEST_F(PromisesTest, APromiseIsWhatTheReadsSay) {
  const Promises promises(history_, judgement_);
  EXPECT_EQ(promises.of(row("feed, held")), true);
  EXPECT_EQ(promises.of(row("raw, held")), false);
  history_.operations.at(4).labels["promised"] = "no";
  read("x", std::string("a"), {{"route", "profile"}, {"condition", "held"}, {"promised", "yes"}});
  EXPECT_EQ(Promises(history_, judgement_).of(row("profile, held")), std::nullopt) << "they differ";
}

TEST_F(PromisesTest, RowsAreCountedApart) {
  const std::optional<PromisedRows> rows = count_promised(history_, judgement_);
  ASSERT_TRUE(rows);
  EXPECT_EQ(counts_in_words(*rows),
            "rows that the system promises: 1 violated, 1 held, 0 unknown; others: 1 violated, 0 held, 0 unknown");
  EXPECT_EQ(violated_in_words(rows), "1 promised row violated, 1 not promised");
  EXPECT_EQ(promised_verdict(history_, judgement_), Verdict::violated);
}

TEST_F(PromisesTest, ARowOfSeveralGuaranteesCountsWhereItSaysSomethingOfItsOwn) {
  Question question;
  question.group_by = "route,condition";
  question.min_at_risk = 1;
  judgement_ = judge(history_, question);
  ASSERT_EQ(judgement_.rows.size(), 9U) << "read-your-writes, monotonic-reads, and both, of three groups";
  const std::optional<PromisedRows> rows = count_promised(history_, judgement_);
  EXPECT_EQ(rows->promised.violated, 1U);
  EXPECT_EQ(rows->not_promised.violated, 1U);
  for (Row& row : judgement_.rows) {
    if (row.guarantees.count() == 1 && row.verdict == Verdict::violated) row.verdict = Verdict::held;
  }
  EXPECT_EQ(count_promised(history_, judgement_)->promised.violated, 1U) << "now the joint row alone says so";
}

TEST_F(PromisesTest, OfAHistoryThatPromisesNothingEveryRowCounts) {
  for (Operation& operation : history_.operations)
    operation.labels.erase("promised");
  EXPECT_FALSE(count_promised(history_, judgement_));
  EXPECT_EQ(violated_in_words(std::nullopt), "");
  EXPECT_EQ(promised_verdict(history_, judgement_), Verdict::violated);
}

TEST_F(PromisesTest, WhereOnlyUnpromisedRowsAreViolatedTheOthersDecide) {
  for (Operation& operation : history_.operations) {
    if (operation.labels.contains("route") && operation.labels["route"] == "feed") operation.labels["promised"] = "no";
  }
  EXPECT_EQ(promised_verdict(history_, judgement_), Verdict::held);
  EXPECT_EQ(violated_in_words(count_promised(history_, judgement_)), "no promised row violated, 2 not promised");
}

TEST_F(PromisesTest, APromisedRowThatIsUnknownIsNoPass) {
  for (Operation& operation : history_.operations) {
    if (operation.labels.contains("route") && operation.labels["route"] == "feed") operation.labels["promised"] = "no";
  }
  judge_again("route,condition", 1000);
  EXPECT_EQ(judgement_.verdict, Verdict::violated);
  EXPECT_EQ(promised_verdict(history_, judgement_), Verdict::unknown);
}

TEST_F(PromisesTest, AWordThatNobodyKnowsIsNoDenial) {
  for (const char* word : {"Yes", "true", "", "NO"}) {
    for (Operation& operation : history_.operations) {
      if (operation.labels.contains("route") && operation.labels["route"] == "feed") operation.labels["promised"] = word;
    }
    EXPECT_EQ(Promises(history_, judgement_).of(row("feed, held")), std::nullopt) << word;
    EXPECT_EQ(promised_verdict(history_, judgement_), Verdict::violated) << word;
  }
}

TEST_F(PromisesTest, WhatOnlyTheFinalCheckReadIsNoneThatIsUnknown) {
  for (Operation& operation : history_.operations) {
    if (operation.labels.contains("route") && operation.labels["route"] == "feed") operation.labels["promised"] = "no";
  }
  read("new", Value{}, {{"route", "the end"}, {"condition", "held"}, {"check", "final"}});
  judge_again("route,condition");
  ASSERT_EQ(row("the end, held").verdict, Verdict::unknown);
  EXPECT_EQ(promised_verdict(history_, judgement_), Verdict::held);
  // What it found to be broken is not overlooked.
  for (Row& row : judgement_.rows) {
    if (row.group == "the end, held") row.verdict = Verdict::violated;
  }
  EXPECT_EQ(promised_verdict(history_, judgement_), Verdict::violated);
}

TEST_F(PromisesTest, AGroupThatWasOnlyWrittenIsStillUnknown) {
  for (Operation& operation : history_.operations) {
    if (operation.labels.contains("route") && operation.labels["route"] == "feed") operation.labels["promised"] = "no";
  }
  take(Function::write, "y", std::string("b"), {{"route", "log"}, {"condition", "held"}});
  judge_again("route,condition");
  ASSERT_EQ(row("log, held").verdict, Verdict::unknown);
  EXPECT_EQ(promised_verdict(history_, judgement_), Verdict::unknown);
}

TEST_F(PromisesTest, WhereNothingIsPromisedNothingIsKnown) {
  for (Operation& operation : history_.operations) {
    if (!operation.is_write()) operation.labels["promised"] = "no";
  }
  EXPECT_EQ(promised_verdict(history_, judgement_), Verdict::unknown);
}

TEST_F(PromisesTest, AGroupOfWhichBothIsSaidCounts) {
  judge_again("condition");
  EXPECT_EQ(promised_verdict(history_, judgement_), Verdict::violated);
}

TEST_F(PromisesTest, TheStoryIsOfAPromisedBreachFirst) {
  // By name `a raw` comes before the feed.
  read("x", Value{}, {{"route", "a raw"}, {"condition", "held"}, {"promised", "no"}});
  judge_again();
  const auto entries = entries_to_tell(history_, judgement_);
  EXPECT_EQ(entries.front().row->group, "feed, held");
  EXPECT_EQ(entries.back().row->labels.at("route"), "raw");
  const RunSummary summary = summarise(history_);
  EXPECT_THAT(summary_text(history_, judgement_, summary, {}),
              HasSubstr("How read-your-writes (group feed, held) was broken (entry 2 of 3;"));
  EXPECT_THAT(markdown_summary(history_, judgement_, summary), HasSubstr("How read-your-writes was broken, the first time"));
}

TEST(RowName, TellsLongGroupsApart) {
  Row row;
  row.guarantees = only(Guarantee::read_your_writes);
  row.group = "getAuthorFeed (posts_and_author_threads), delete of a post that was pinned, held";
  const std::string held = row_name(row);
  row.group.replace(row.group.size() - 4, 4, "none");
  EXPECT_NE(row_name(row), held);
}

TEST_F(PromisesTest, SummariesAndReportSayHowMany) {
  const RunSummary summary = summarise(history_);
  const std::string counts =
      "rows that the system promises: 1 violated, 1 held, 0 unknown; others: 1 violated, 0 held, 0 unknown";
  EXPECT_THAT(summary_text(history_, judgement_, summary, {false, {}, 1, 200}), HasSubstr(counts));
  const std::string markdown = markdown_summary(history_, judgement_, summary);
  EXPECT_THAT(markdown, HasSubstr("### afterwrite: violated: 1 promised row violated, 1 not promised\n"));
  EXPECT_THAT(markdown, HasSubstr("| **violated**, not promised |"));
  const auto report = report_json(history_, judgement_, summary, 10);
  EXPECT_EQ(report.at("promises").at("verdict"), "violated");
  EXPECT_EQ(report.at("promises").at("promised").at("violated"), 1);
  EXPECT_EQ(report.at("promises").at("not_promised").at("violated"), 1);
  for (Operation& operation : history_.operations)
    operation.labels.erase("promised");
  EXPECT_FALSE(report_json(history_, judgement_, summary, 10).contains("promises"));
  EXPECT_THAT(markdown_summary(history_, judgement_, summary), Not(HasSubstr("promised")));
}

}  // namespace
}  // namespace afterwrite
