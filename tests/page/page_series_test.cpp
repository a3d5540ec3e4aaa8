#include "results/page/page_series.hpp"

#include <gtest/gtest.h>

#include "tests/results/made_up.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::ordered_json;

Json series_of(const MadeUp& made) {
  const RunSummary summary = summarise(made.history);
  return page_series(made.history, made.judgement, summary, PageTimes(made.history, summary));
}

std::uint64_t sum_of(const Json& column) {
  std::uint64_t sum = 0;
  for (const Json& count : column)
    sum += count.get<std::uint64_t>();
  return sum;
}

TEST(PageSeries, CountsEveryOperationOnce) {
  const Json series = series_of(everything_in_doubt());
  EXPECT_EQ(sum_of(series.at("ok")), 4U);
  EXPECT_EQ(sum_of(series.at("fail")), 1U);
  EXPECT_EQ(sum_of(series.at("info")), 1U);
  EXPECT_EQ(sum_of(series.at("reads")), 3U);
  EXPECT_EQ(sum_of(series.at("writes")), 3U);
  for (const char* column : {"fail", "reads", "read_p50", "write_p99", "violations"})
    EXPECT_EQ(series.at(column).size(), series.at("ok").size()) << column;
}

TEST(PageSeries, TheFinalCheckStandsApart) {
  MadeUp made = everything_in_doubt();
  EXPECT_TRUE(series_of(made).at("final_check").is_null());
  Operation& last = made.history.operations.emplace_back(made.history.operations.front());
  last.function = Function::read;
  last.outcome = Outcome::ok;
  last.invoke = 3'000'000'000;
  last.complete = 3'002'000'000;
  last.labels = {{"check", "final"}};
  const Json series = series_of(made);
  EXPECT_EQ(sum_of(series.at("reads")), 3U) << "it is no load";
  EXPECT_EQ(sum_of(series.at("ok")), 5U);
  const Json& check = series.at("final_check");
  EXPECT_EQ(check.at("from_ms"), 3000.0);
  EXPECT_EQ(check.at("to_ms"), 3002.0);
  EXPECT_EQ(sum_of(check.at("reads")), 1U);
}

TEST(PageSeries, AnOperationThatBreaksTwoRowsIsOneViolation) {
  MadeUp made = any_replica_violated();
  made.judgement.rows[1].entries[0].repeats.clear();
  EXPECT_EQ(sum_of(series_of(made).at("violations")), 2U);
  made.judgement.rows[1].entries.push_back(made.judgement.rows[0].entries[0]);
  EXPECT_EQ(sum_of(series_of(made).at("violations")), 2U);
  made.judgement.rows[0].entries[0].repeats = {{.operation = 2, .staleness_ms = 1, .versions_behind = {}}};
  EXPECT_EQ(sum_of(series_of(made).at("violations")), 3U);
}

TEST(PageSeries, ControlSessionsAccuseNobody) {
  MadeUp made = any_replica_violated();
  made.judgement.rows = {made.judgement.rows[3]};
  EXPECT_EQ(sum_of(series_of(made).at("violations")), 0U);
}

TEST(PageSeries, AViolationStandsWhereItWasCompleted) {
  const Json series = series_of(any_replica_violated());
  const double bin = (1113.9 - series.at("from_ms").get<double>()) / series.at("width_ms").get<double>();
  EXPECT_EQ(series.at("violations").at(static_cast<std::size_t>(bin)), 1);
}

TEST(PageSeries, TheLongestLagOfEachBin) {
  MadeUp made = any_replica_violated();
  made.history.lags = {sample(1150, "node-2", 10), sample(1150.1, "node-2", 503), sample(1150.2, "node-2", 20),
                       sample(1160, "node-2", 0, false), sample(1000, "node-1", 0)};
  const Json series = series_of(made);
  ASSERT_EQ(series.at("lag").size(), 2U);
  EXPECT_EQ(series.at("lag")[0].at("node"), "node-1");
  EXPECT_EQ(series.at("lag")[1].at("points"), Json::parse(R"([{"x":1150.1,"y":503.0},{"x":1160.0,"y":null}])"));
  EXPECT_EQ(series.at("lag_nodes_left_out"), 0);
}

TEST(PageSeries, BeforeItsFirstAnswerANodeHasNoPoints) {
  MadeUp made = any_replica_violated();
  made.history.lags = {sample(1000, "node-1", 0, false), sample(1010, "node-2", 0, false), sample(1150, "node-1", 7)};
  const Json series = series_of(made);
  ASSERT_EQ(series.at("lag").size(), 1U);
  EXPECT_EQ(series.at("lag")[0].at("points"), Json::parse(R"([{"x":1150.0,"y":7.0}])"));
}

TEST(PageSeries, OfManyNodesThoseThatLaggedMost) {
  MadeUp made = any_replica_violated();
  made.history.lags.clear();
  for (int i = 0; i < 100; ++i)
    made.history.lags.push_back(sample(1150, "node-" + std::to_string(i), i));
  const Json series = series_of(made);
  ASSERT_EQ(series.at("lag").size(), 12U);
  EXPECT_EQ(series.at("lag")[0].at("node"), "node-88");
  EXPECT_EQ(series.at("lag_nodes_left_out"), 88);
}

TEST(PageSeries, SamplesFarFromTheRunAreLeftOut) {
  MadeUp made = any_replica_violated();
  made.history.lags = {sample(1e9, "node-1", 5), sample(1100, "node-1", 6)};
  EXPECT_EQ(series_of(made).at("lag")[0].at("points").size(), 1U);
}

TEST(PageSeries, NullWithoutTimesOrOperations) {
  MadeUp made = any_replica_violated();
  made.history.header.all["times"] = "none";
  EXPECT_TRUE(series_of(made).is_null());
  EXPECT_TRUE(series_of({}).is_null());
}

TEST(PageTimes, AnotherProgramsClockBeginsWithItsFirstOperation) {
  MadeUp made = any_replica_violated();
  RunSummary summary = summarise(made.history);
  EXPECT_TRUE(PageTimes(made.history, summary).since_run_began());
  EXPECT_DOUBLE_EQ(PageTimes(made.history, summary).ms(nanoseconds(900)), 900);
  for (Operation& operation : made.history.operations) {
    operation.invoke += 1'700'000'000'000'000'000;
    operation.complete += 1'700'000'000'000'000'000;
  }
  summary = summarise(made.history);
  const PageTimes times(made.history, summary);
  EXPECT_FALSE(times.since_run_began());
  EXPECT_NEAR(times.ms(made.history.operations[1].invoke) - times.ms(made.history.operations[0].invoke), 213.25, 0.01);
  EXPECT_LT(times.ms(made.history.operations[0].complete), 10);
}

TEST(PageFaults, WithTheirTimes) {
  const MadeUp made = everything_in_doubt();
  const RunSummary summary = summarise(made.history);
  const Json faults = page_faults(made.judgement, PageTimes(made.history, summary));
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[1].at("episode"), "pause-replay-1");
  EXPECT_EQ(faults[1].at("from_ms"), 2000.0);
  EXPECT_EQ(faults[1].at("to_ms"), 6000.0);
  EXPECT_EQ(faults[1].at("bit"), false);
}

}  // namespace
}  // namespace afterwrite
