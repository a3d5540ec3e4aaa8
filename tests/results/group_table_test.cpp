// The table of rows that are told apart by several labels.

#include "results/group_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/report_json.hpp"
#include "results/run_summary.hpp"
#include "results/summary_text.hpp"
#include "tests/results/labelled_run.hpp"

namespace afterwrite {
namespace {

using testing::HasSubstr;
using testing::Not;

using GroupTable = LabelledRun;

TEST_F(GroupTable, EvidenceIsThatOfTheReadsThatBrokeTheRow) {
  EXPECT_EQ(evidence_of(history_, row("feed, held")),
            (std::map<std::string, std::uint64_t>{{"lag admitted", 1}, {"refused", 1}}));
  EXPECT_TRUE(evidence_of(history_, row("profile, held")).empty());
}

TEST_F(GroupTable, TheTextHasALineForEachGroupAndTellsWhatWasPromised) {
  const std::string text = summary_text(history_, judgement_, summarise(history_), {});
  EXPECT_THAT(text, HasSubstr("VIOLATED: 1 promised row violated, 1 not promised; read-your-writes in 2 of 3 groups"));
  EXPECT_THAT(text, HasSubstr("feed     VIOLATED 2/2"));
  EXPECT_THAT(text, HasSubstr("raw      VIOLATED 1/1"));
  EXPECT_THAT(text, HasSubstr("feed, held: 2 of 2 reads (lag admitted x 1, refused x 1); first entry"));
  EXPECT_THAT(text, Not(HasSubstr("raw, held: 1 of 1")));
}

TEST_F(GroupTable, TheColumnIsTheLastLabelAskedForWhateverItSays) {
  read("x", Value{}, {{"route", "feed"}, {"condition", "held, and how"}});
  judge_again();
  const std::string text = summary_text(history_, judgement_, summarise(history_), {});
  EXPECT_THAT(text, HasSubstr("held          held, and how\n"));
  EXPECT_THAT(text, HasSubstr("feed     VIOLATED 2/2  VIOLATED 1/1\n"));
}

TEST_F(GroupTable, ADashIsExplainedBelowTheTableThatHasOne) {
  constexpr const char* explained = "\n  - is none: read, and never at risk\n";
  EXPECT_THAT(summary_text(history_, judgement_, summarise(history_), {}), Not(HasSubstr(explained)));
  write("y", "b");
  history_.operations.back().session = history_.operations.back().process = "s1";
  read("y", std::string("b"), {{"route", "feed"}, {"condition", "none"}, {"promised", "yes"}});
  read("x", Value{}, {{"route", "raw"}, {"condition", "none"}, {"promised", "no"}});
  judge_again();
  const std::string text = summary_text(history_, judgement_, summarise(history_), {});
  EXPECT_THAT(text, HasSubstr("feed     VIOLATED 2/2  -\n"));
  EXPECT_THAT(text, HasSubstr(explained));
}

TEST_F(GroupTable, TheReportHasTheSameByLabel) {
  const auto report = report_json(history_, judgement_, summarise(history_), 10);
  for (const auto& one : report.at("guarantees")) {
    const std::string route = one.at("labels").at("route");
    EXPECT_EQ(one.at("labels").at("condition"), "held");
    EXPECT_EQ(one.at("promised"), route != "raw");
    EXPECT_EQ(one.at("told").contains("refused"), route == "feed");
  }
}

}  // namespace
}  // namespace afterwrite
