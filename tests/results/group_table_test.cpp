// The table of rows that are told apart by several labels.

#include "results/group_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkers/judge.hpp"
#include "results/report_json.hpp"
#include "results/run_summary.hpp"
#include "results/summary_text.hpp"

namespace afterwrite {
namespace {

using testing::HasSubstr;
using testing::Not;

using Labels = std::map<std::string, std::string>;

class GroupTable : public testing::Test {
 protected:
  GroupTable() {
    write("x", "a");
    read("x", Value{}, {{"route", "feed"}, {"condition", "held"}, {"promised", "yes"}, {"evidence", "lag admitted"}});
    read("x", Value{}, {{"route", "feed"}, {"condition", "held"}, {"promised", "yes"}, {"evidence", "refused"}});
    read("x", Value{}, {{"route", "raw"}, {"condition", "held"}, {"promised", "no"}, {"evidence", "lag admitted"}});
    read("x", std::string("a"), {{"route", "profile"}, {"condition", "held"}, {"promised", "yes"}});
    history_.footer = {{"kind", "end"}};
    Question question;
    question.guarantees = {only(Guarantee::read_your_writes)};
    question.group_by = "route,condition";
    judgement_ = judge(history_, question);
  }

  void write(const std::string& key, const char* value) { take(Function::write, key, std::string(value), {}); }
  void read(const std::string& key, const Value& value, const Labels& labels) {
    take(Function::read, key, value, labels);
  }
  void take(Function function, const std::string& key, const Value& value, const Labels& labels) {
    Operation op;
    op.session = op.process = "s0";
    op.function = function;
    op.key = key;
    op.value = value;
    op.outcome = Outcome::ok;
    op.invoke = clock_ += 10;
    op.complete = clock_ += 10;
    op.labels = labels;
    op.line = history_.operations.size() + 1;
    history_.operations.push_back(std::move(op));
  }

  const Row& row(const std::string& group) const {
    for (const Row& one : judgement_.rows) {
      if (one.group == group) return one;
    }
    throw std::runtime_error("no group " + group);
  }

  History history_;
  Judgement judgement_;
  Nanoseconds clock_ = 0;
};

TEST_F(GroupTable, EvidenceIsThatOfTheReadsThatBrokeTheRow) {
  EXPECT_EQ(evidence_of(history_, row("feed, held")),
            (std::map<std::string, std::uint64_t>{{"lag admitted", 1}, {"refused", 1}}));
  EXPECT_TRUE(evidence_of(history_, row("profile, held")).empty());
}

TEST_F(GroupTable, APromiseIsWhatTheReadsSay) {
  const Promises promises(history_, judgement_);
  EXPECT_EQ(promises.of(row("feed, held")), true);
  EXPECT_EQ(promises.of(row("raw, held")), false);
  history_.operations.back().labels["promised"] = "no";
  read("x", std::string("a"), {{"route", "profile"}, {"condition", "held"}, {"promised", "yes"}});
  EXPECT_EQ(Promises(history_, judgement_).of(row("profile, held")), std::nullopt) << "they differ";
}

TEST_F(GroupTable, TheTextHasALineForEachGroupAndTellsWhatWasPromised) {
  const std::string text = summary_text(history_, judgement_, summarise(history_), {});
  EXPECT_THAT(text, HasSubstr("VIOLATED: read-your-writes in 2 of 3 groups"));
  EXPECT_THAT(text, HasSubstr("feed     VIOLATED 2/2"));
  EXPECT_THAT(text, HasSubstr("raw      VIOLATED 1/1"));
  EXPECT_THAT(text, HasSubstr("feed, held: 2 of 2 reads (lag admitted x 1, refused x 1); first entry"));
  EXPECT_THAT(text, Not(HasSubstr("raw, held: 1 of 1")));
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
