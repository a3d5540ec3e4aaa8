// Histories whose format has no times, or only an order: no report shows a figure that rests on times.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "checkers/judge.hpp"
#include "harness/history/formats/format.hpp"
#include "harness/history/reader.hpp"
#include "results/junit.hpp"
#include "results/report_json.hpp"
#include "results/summary_text.hpp"

namespace afterwrite {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view plume =
    "w(1,10,0,0)\nw(1,11,0,1)\nr(1,11,1,2)\nr(1,10,1,3)\nr(1,10,0,4)\nr(1,0,0,5)\nw(2,12,0,-1)\n";
constexpr std::string_view dbcop =
    R"([[{"events":[{"Write":{"variable":1,"version":7}}],"committed":true},
         {"events":[{"Write":{"variable":1,"version":8}}],"committed":true},
         {"events":[{"Read":{"variable":1,"version":7}}],"committed":true}]])";
/// With `:index` in place of `:time`.
constexpr std::string_view indexed =
    "{:type :invoke, :f :write, :value 1, :process 0, :index 0}\n"
    "{:type :ok, :f :write, :value 1, :process 0, :index 1, :version 1}\n"
    "{:type :invoke, :f :write, :value 2, :process 0, :index 2}\n"
    "{:type :ok, :f :write, :value 2, :process 0, :index 3, :version 5}\n"
    "{:type :invoke, :f :read, :value nil, :process 0, :index 4}\n"
    "{:type :ok, :f :read, :value 1, :process 0, :index 5, :version 1}\n";

History converted(const History& history, HistoryFormat format) {
  std::string text;
  kind_of(format).write(history, [&](std::string_view piece) { text += piece; });
  return read_history_text(text, "converted");
}

void expect_no_figures(const History& history) {
  const Judgement judgement = judge(history);
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  const RunSummary summary = summarise(history);
  const std::string text =
      summary_text(history, judgement, summary, {.colour = false, .folder = {}, .entries = 100});
  EXPECT_THAT(text, HasSubstr("No times were recorded"));
  const std::string xml = junit_xml(history, judgement, summary);
  for (const std::string& shown : {text, xml}) {
    EXPECT_THAT(shown, Not(ContainsRegex("[0-9] m?s[^a-z]"))) << "a time";
    EXPECT_THAT(shown, Not(HasSubstr("a second")));
    EXPECT_THAT(shown, Not(HasSubstr("overdue")));
    EXPECT_THAT(shown, Not(HasSubstr("time=")));
    EXPECT_THAT(shown, Not(HasSubstr("acknowledged at")));
    EXPECT_THAT(shown, Not(HasSubstr("median")));
  }
  const nlohmann::ordered_json report = report_json(history, judgement, summary);
  EXPECT_TRUE(report.at("run").at("duration_ms").is_null());
  EXPECT_TRUE(report.at("run").at("operations_per_second").is_null());
  for (const auto& function : report.at("availability").at("functions"))
    EXPECT_TRUE(function.at("latency_ms").is_null());
  for (const auto& row : report.at("guarantees")) {
    for (const auto& witness : row.at("witnesses")) {
      EXPECT_TRUE(witness.at("staleness_ms").is_null());
      for (const auto& step : witness.at("story").at("steps"))
        EXPECT_TRUE(step.at("at_ms").is_null());
      for (const auto& operation : witness.at("operations")) {
        EXPECT_FALSE(operation.contains("invoke"));
        EXPECT_FALSE(operation.contains("complete"));
      }
    }
  }
}

TEST(Untimed, NoFigureRestsOnTimesThatNobodyRecorded) {
  for (const std::string_view text : {plume, dbcop, indexed}) {
    SCOPED_TRACE(text);
    expect_no_figures(read_history_text(text, "h"));
  }
}

TEST(Untimed, ItStaysSoWhenConverted) {
  for (const std::string_view text : {plume, dbcop, indexed}) {
    const History history = read_history_text(text, "h");
    const Times times = times_of(history.header);
    EXPECT_EQ(times, text == indexed ? Times::order : Times::none);
    for (const HistoryFormat format : {HistoryFormat::jsonl, HistoryFormat::jepsen_edn}) {
      const History again = converted(history, format);
      EXPECT_EQ(times_of(again.header), times);
      expect_no_figures(again);
    }
  }
}

TEST(Untimed, VersionsBehindAreTold) {
  ReadOptions options;
  options.version_field = "version";
  const History history = read_history_text(indexed, "h", options);
  const Judgement judgement = judge(history);
  const auto report = report_json(history, judgement, summarise(history));
  EXPECT_TRUE(report.at("staleness").at("overdue_ms").is_null());
  EXPECT_EQ(report.at("staleness").at("versions").at("max"), 1);
  EXPECT_THAT(report.at("guarantees").at(0).at("evidence").get<std::string>(), HasSubstr("; up to 1 version behind"));
  const History unnumbered = read_history_text(plume, "h");
  EXPECT_TRUE(report_json(unnumbered, judge(unnumbered), summarise(unnumbered)).at("staleness").is_null());
}

TEST(Untimed, TimesThatWereRecordedAreShown) {
  const History history = read_history_text(
      R"({"kind":"op","session":"s","f":"write","key":"k","value":1,"type":"ok","invoke":0,"complete":1000000})"
      "\n"
      R"({"kind":"op","session":"s","f":"read","key":"k","value":null,"type":"ok","invoke":2000000,"complete":3000000})"
      "\n",
      "h");
  EXPECT_EQ(times_of(history.header), Times::measured);
  EXPECT_THAT(summary_text(history, judge(history), summarise(history)), HasSubstr("in 3.0 ms (667 a second)"));
}

}  // namespace
}  // namespace afterwrite
