#include "results/timeline.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <rapidcheck/gtest.h>
#include <vector>

namespace afterwrite {
namespace {

constexpr Nanoseconds millisecond = 1'000'000;

ScannedOperation call(Function function, Nanoseconds complete, Nanoseconds took, Outcome outcome = Outcome::ok) {
  ScannedOperation operation;
  operation.function = function;
  operation.invoke = complete - took;
  operation.complete = complete;
  operation.outcome = outcome;
  return operation;
}

Timeline timeline_of(const std::vector<ScannedOperation>& operations) {
  TimelineMeter meter;
  for (const ScannedOperation& operation : operations)
    meter.add(operation, false);
  return meter.timeline();
}

/// Everything that a timeline says, comparable.
std::vector<std::vector<double>> figures(const Timeline& timeline) {
  std::vector<std::vector<double>> all{{static_cast<double>(timeline.begin), static_cast<double>(timeline.width)}};
  for (const TimelineBin& bin : timeline.bins) {
    std::vector<double>& one = all.emplace_back();
    for (const TimelineCalls& calls : {bin.reads, bin.writes}) {
      for (const std::uint64_t count : {calls.outcomes.ok, calls.outcomes.fail, calls.outcomes.info})
        one.push_back(static_cast<double>(count));
      for (const double figure : {calls.latency_ms.median, calls.latency_ms.p99, calls.latency_ms.max})
        one.push_back(figure);
    }
    for (const std::uint64_t count : {bin.final_check.ok, bin.final_check.fail, bin.final_check.info})
      one.push_back(static_cast<double>(count));
  }
  if (const auto& check = timeline.final_check)
    all.push_back({static_cast<double>(check->begin), static_cast<double>(check->end)});
  return all;
}

std::uint64_t operations_in(const Timeline& timeline) {
  return std::accumulate(timeline.bins.begin(), timeline.bins.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const TimelineBin& bin) {
                           return sum + bin.reads.outcomes.all() + bin.writes.outcomes.all() + bin.final_check.all();
                         });
}

std::vector<ScannedOperation> any_operations() {
  const Nanoseconds origin = *rc::gen::element<Nanoseconds>(0, -7 * millisecond, 1'700'000'000'000'000'000);
  const auto span = *rc::gen::element<Nanoseconds>(1, 50 * millisecond, 3'600'000 * millisecond);
  std::vector<ScannedOperation> operations(*rc::gen::inRange<std::size_t>(0, 200));
  for (ScannedOperation& operation : operations) {
    operation =
        call(static_cast<Function>(*rc::gen::inRange(0, 4)), origin + *rc::gen::inRange<Nanoseconds>(0, span),
             *rc::gen::inRange<Nanoseconds>(0, 50 * millisecond), static_cast<Outcome>(*rc::gen::inRange(0, 3)));
    operation.final_check = operation.function == Function::read && *rc::gen::inRange(0, 5) == 0;
  }
  return operations;
}

TEST(Timeline, OfNothing) {
  EXPECT_TRUE(timeline_of({}).bins.empty());
}

TEST(Timeline, SortsByCompletionFunctionAndOutcome) {
  const Timeline timeline = timeline_of({call(Function::write, 5 * millisecond, 2 * millisecond),
                                         call(Function::read, 5 * millisecond + 1, 3),
                                         call(Function::append, 7 * millisecond, 1, Outcome::info),
                                         call(Function::read, 7 * millisecond, 1, Outcome::fail)});
  EXPECT_EQ(timeline.begin, 5 * millisecond);
  EXPECT_EQ(timeline.width, millisecond);
  ASSERT_EQ(timeline.bins.size(), 3U);
  EXPECT_EQ(timeline.bins[0].writes.outcomes.ok, 1U);
  EXPECT_EQ(timeline.bins[0].reads.outcomes.ok, 1U);
  EXPECT_DOUBLE_EQ(timeline.bins[0].writes.latency_ms.median, 2);
  EXPECT_EQ(timeline.bins[1].reads.outcomes.all() + timeline.bins[1].writes.outcomes.all(), 0U);
  EXPECT_EQ(timeline.bins[2].writes.outcomes.info, 1U);
  EXPECT_EQ(timeline.bins[2].reads.outcomes.fail, 1U);
  EXPECT_EQ(timeline.bins[2].reads.latency_ms.count, 0U) << "what failed has no latency";
}

TEST(Timeline, LatenciesAreOfSessionsThatFollowThePolicy) {
  TimelineMeter meter;
  meter.add(call(Function::read, 5 * millisecond, 40), true);
  const Timeline timeline = meter.timeline();
  ASSERT_EQ(timeline.bins.size(), 1U);
  EXPECT_EQ(timeline.bins[0].reads.outcomes.ok, 1U);
  EXPECT_EQ(timeline.bins[0].reads.latency_ms.count, 0U);
}

TEST(Timeline, TheFinalCheckIsNoLoad) {
  TimelineMeter meter;
  meter.add(call(Function::read, 5 * millisecond, 40), false);
  for (const Outcome outcome : {Outcome::ok, Outcome::ok, Outcome::info}) {
    ScannedOperation check = call(Function::read, 7 * millisecond, 3 * millisecond, outcome);
    check.final_check = true;
    meter.add(check, false);
  }
  const Timeline timeline = meter.timeline();
  ASSERT_EQ(timeline.bins.size(), 3U);
  EXPECT_EQ(timeline.bins[0].final_check.all(), 0U);
  EXPECT_EQ(timeline.bins[2].reads.outcomes.all(), 0U);
  EXPECT_EQ(timeline.bins[2].reads.latency_ms.count, 0U);
  EXPECT_EQ(timeline.bins[2].final_check.ok, 2U);
  EXPECT_EQ(timeline.bins[2].final_check.info, 1U);
  ASSERT_TRUE(timeline.final_check);
  EXPECT_EQ(timeline.final_check->begin, 4 * millisecond);
  EXPECT_EQ(timeline.final_check->end, 7 * millisecond);
  EXPECT_FALSE(timeline_of({call(Function::read, 5 * millisecond, 40)}).final_check);
}

TEST(Timeline, BinsGrowWiderRatherThanMore) {
  TimelineMeter meter;
  for (Nanoseconds second = 0; second < 3600; ++second)
    meter.add(call(Function::read, second * 1000 * millisecond, millisecond), false);
  const Timeline timeline = meter.timeline();
  EXPECT_EQ(timeline.width, 16'384 * millisecond);
  EXPECT_LE(timeline.bins.size(), Timeline::most_bins);
  EXPECT_GT(timeline.bins.size(), Timeline::most_bins / 2);
  EXPECT_EQ(operations_in(timeline), 3600U);
}

TEST(Timeline, BinsBeforeNoughtGrowWiderToo) {
  const Timeline timeline =
      timeline_of({call(Function::read, -7 * millisecond, 0), call(Function::read, 1000 * millisecond, 0)});
  EXPECT_EQ(timeline.width, 4 * millisecond);
  EXPECT_EQ(timeline.begin, -8 * millisecond);
  EXPECT_EQ(timeline.bins.front().reads.outcomes.ok, 1U);
  EXPECT_EQ(operations_in(timeline), 2U);
}

TEST(Timeline, TimesFromOneEndToTheOther) {
  constexpr auto latest = std::numeric_limits<Nanoseconds>::max();
  const Timeline timeline = timeline_of({call(Function::read, latest, 0), call(Function::read, 0, 0)});
  EXPECT_EQ(operations_in(timeline), 2U);
  EXPECT_LE(timeline.bins.size(), Timeline::most_bins);
}

RC_GTEST_PROP(TimelineProperty, TheOrderMakesNoDifference, ()) {
  const std::vector<ScannedOperation> operations = any_operations();
  std::vector<ScannedOperation> other = operations;
  std::reverse(other.begin(), other.end());
  RC_ASSERT(figures(timeline_of(operations)) == figures(timeline_of(other)));
  RC_ASSERT(operations_in(timeline_of(operations)) == operations.size());
}

RC_GTEST_PROP(TimelineProperty, ManyMetersAddUpToOne, ()) {
  const std::vector<ScannedOperation> operations = any_operations();
  std::vector<TimelineMeter> parts(3);
  for (const ScannedOperation& operation : operations)
    parts[*rc::gen::inRange<std::size_t>(0, parts.size())].add(operation, false);
  TimelineMeter all;
  for (const TimelineMeter& part : parts)
    all.add(part);
  RC_ASSERT(figures(all.timeline()) == figures(timeline_of(operations)));
}

}  // namespace
}  // namespace afterwrite
