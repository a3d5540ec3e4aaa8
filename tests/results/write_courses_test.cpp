// How a write looked to its own session over time.

#include "results/write_courses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/report_json.hpp"
#include "results/run_summary.hpp"
#include "tests/results/made_up_parts.hpp"

namespace afterwrite {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class WriteCourses : public testing::Test {
 protected:
  void write(const char* key, const char* value) { add(call(Function::write, "a", key, text(value), now_, now_ + 1)); }
  void read(const std::string& route, const char* key, const Value& value, const char* session = "a") {
    Operation operation = call(Function::read, session, key, value, now_, now_ + 1);
    operation.labels["route"] = route;
    add(std::move(operation));
  }
  void add(Operation operation) {
    history_.operations.push_back(std::move(operation));
    now_ += 10;
  }

  CourseFindings findings(Question question) {
    number_lines(history_);
    return write_courses(history_, question, judge(history_, question));
  }
  std::vector<CourseKind> courses(const char* group_by = "route") {
    Question question;
    question.group_by = group_by;
    return findings(question).kinds;
  }
  static std::vector<double> times(const Course& course) {
    std::vector<double> all;
    for (const CourseRead& read : course.reads)
      all.push_back(static_cast<double>(read.after) / 1e6);
    return all;
  }

  History history_;
  double now_ = 0;
};

TEST_F(WriteCourses, FreshThenGoneThenFresh) {
  write("x", "1");
  for (const Value& seen : {text("1"), text("1"), Value{}, text("1")})
    read("feed", "x", seen);
  read("raw", "x", Value{});
  read("raw", "x", Value{});
  read("raw", "x", text("1"));
  const auto found = courses();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].group, "feed");
  EXPECT_EQ(found[0].labels, (std::map<std::string, std::string>{{"route", "feed"}}));
  EXPECT_THAT(found[0].phases, ElementsAre(Phase::fresh, Phase::gone, Phase::fresh));
  EXPECT_THAT(times(found[0].example), ElementsAre(9, 19, 29, 39));
  EXPECT_THAT(found[1].phases, ElementsAre(Phase::stale, Phase::fresh))
      << "what another group had shown is nothing to it";
}

TEST_F(WriteCourses, ACourseEndsWithTheNextWriteOfItsKey) {
  write("x", "1");
  read("feed", "x", text("1"));
  read("feed", "x", text("1"));
  write("x", "2");
  read("feed", "x", text("1"));
  read("feed", "x", text("2"));
  read("feed", "x", text("2"));
  const auto found = courses();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_THAT(found[0].phases, ElementsAre(Phase::fresh));
  EXPECT_THAT(found[1].phases, ElementsAre(Phase::stale, Phase::fresh));
  EXPECT_EQ(history_.operations[found[1].example.write].value, text("2"));
}

TEST_F(WriteCourses, WritesOfTheSameCourseAreCountedAndTheOneWithMostReadsIsTheExample) {
  for (const char* key : {"x", "y", "z"}) {
    write(key, "1");
    read("feed", key, text("1"));
    read("feed", key, text("1"));
    if (*key == 'y') read("feed", key, text("1"));
  }
  const auto found = courses();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].writes, 3U);
  EXPECT_EQ(history_.operations[found[0].example.write].key, "y");
}

TEST_F(WriteCourses, OneReadOrThoseOfOthersAreNoCourse) {
  write("x", "1");
  read("feed", "x", text("1"));
  read("feed", "x", text("1"), "b");
  EXPECT_THAT(courses(), IsEmpty());
}

TEST_F(WriteCourses, WithoutABasisThereAreNone) {
  write("x", "1");
  read("feed", "x", text("1"));
  read("feed", "x", text("1"));
  EXPECT_THAT(courses(), SizeIs(1));
  EXPECT_THAT(courses(""), IsEmpty()) << "nothing tells its reads apart";
  history_.header.all["times"] = "order";
  EXPECT_THAT(courses(), IsEmpty());
}

TEST_F(WriteCourses, WhereThereAreNoneItIsSaidWhy) {
  write("x", "1");
  read("feed", "x", text("1"));
  Question question;
  question.group_by = "route";
  EXPECT_EQ(findings(question).why_none, "no session is known to have read a write of its own twice in one group");
  question.scopes = {Scope::user};
  EXPECT_THAT(findings(question).why_none, StartsWith("read-your-writes was not asked for by session; "));
  RunSummary summary;
  summary.no_courses = findings(question).why_none;
  EXPECT_EQ(report_json(history_, judge(history_, question), summary).at("no_courses"), summary.no_courses);
  TextLayout out(false);
  write_courses_text(out, summary.courses, summary.no_courses);
  EXPECT_THAT(out.text(), HasSubstr("  not told: read-your-writes was not asked for by session;"));
  question.scopes = {Scope::session};
  history_.header.all["times"] = "order";
  EXPECT_EQ(findings(question).why_none, "the history has no measured times");
}

TEST_F(WriteCourses, TheReportAndTheTextTellOfThem) {
  write("x", "1");
  read("feed", "x", text("1"));
  read("feed", "x", Value{});
  read("raw", "x", Value{});
  read("raw", "x", text("1"));
  RunSummary summary;
  summary.courses = courses();
  const auto report = report_json(history_, judge(history_), summary);
  const auto& feed = report.at("courses").at(0);
  EXPECT_EQ(feed.at("phases"), (nlohmann::json{"fresh", "gone"}));
  EXPECT_EQ(feed.at("example").at("line"), history_.operations[0].line);
  EXPECT_EQ(feed.at("example").at("reads").at(1).at("saw"), "gone");
  EXPECT_EQ(feed.at("example").at("reads").at(1).at("after_ms"), 19);
  TextLayout out(false);
  write_courses_text(out, summary.courses, "");
  EXPECT_THAT(out.text(), HasSubstr("feed: fresh, gone x 1 (e.g. from 9.0 ms, 19.0 ms)"));
  EXPECT_THAT(out.text(), Not(HasSubstr("raw")));
}

}  // namespace
}  // namespace afterwrite
