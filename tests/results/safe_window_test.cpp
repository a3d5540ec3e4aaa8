#include <cmath>
#include <functional>
#include <gtest/gtest.h>

#include "results/staleness_curve.hpp"
#include "tests/results/draw.hpp"
#include "tests/results/made_up_parts.hpp"

namespace afterwrite {
namespace {

std::vector<DelayedRead> drawn(Random& random, int count, const std::function<double(double)>& stale_share) {
  std::vector<DelayedRead> reads;
  for (int i = 0; i < count; ++i) {
    const double ms = read_delay_ms(random);
    reads.push_back({nanoseconds(ms), uniform(random) < stale_share(ms), nanoseconds(ms)});
  }
  return reads;
}

TEST(SafeWindow, IsWhereAFixedLagEnds) {
  Random random(1);
  const auto reads = drawn(random, 4000, [](double ms) { return ms < 790 ? 1.0 : 0.0; });
  const SafeWindow window = safe_window(reads, 0.01, 60'000);
  EXPECT_EQ(window.window_ms, 800);
  EXPECT_GE(window.reads, 299U);
  EXPECT_FALSE(window.about_minutes);
}

TEST(SafeWindow, CountsTheReadsOfTheCurveFromThereOn) {
  std::size_t off_the_curve = 0;
  for (int lag_ms = 100; lag_ms < 900; lag_ms += 7) {
    Random random(static_cast<std::uint64_t>(lag_ms));
    const auto reads = drawn(random, 4000, [&](double ms) { return ms < lag_ms ? 1.0 : 0.0; });
    const SafeWindow window = safe_window(reads, 0.01, 60'000);
    ASSERT_TRUE(window.window_ms);
    std::uint64_t from_there_on = 0;  // of points that begin there or later
    std::uint64_t with_that_one = 0;  // and of the one that it lies in
    bool begins_there = false;
    for (const CurvePoint& point : staleness_curve(reads)) {
      begins_there = begins_there || point.from_ms == *window.window_ms;
      from_there_on += point.from_ms >= *window.window_ms ? point.reads : 0;
      with_that_one += point.to_ms > *window.window_ms ? point.reads : 0;
    }
    EXPECT_GE(window.reads, from_there_on) << lag_ms;
    EXPECT_LE(window.reads, with_that_one) << lag_ms;
    EXPECT_TRUE(!begins_there || window.reads == from_there_on) << lag_ms;
    off_the_curve += begins_there ? 0 : 1;
  }
  EXPECT_GT(off_the_curve, 10U);
}

TEST(SafeWindow, TooFewReadsSayHowLongToRun) {
  Random random(1);
  const auto reads = drawn(random, 1000, [](double ms) { return ms < 790 ? 1.0 : 0.0; });
  const SafeWindow window = safe_window(reads, 0.001, 60'000);
  EXPECT_FALSE(window.window_ms);
  EXPECT_EQ(window.needs_reads, 2995U);
  ASSERT_TRUE(window.about_minutes);
  EXPECT_EQ(*window.about_minutes, static_cast<std::uint64_t>(std::ceil(2995.0 / static_cast<double>(window.reads))));
  EXPECT_EQ(window.fresh_from_ms, 800);
  const SafeWindow none = safe_window({}, 0.01, 0);
  EXPECT_FALSE(none.window_ms);
  EXPECT_FALSE(none.about_minutes);
  const SafeWindow stale_to_the_end = safe_window(drawn(random, 1000, [](double) { return 1.0; }), 0.01, 60'000);
  EXPECT_FALSE(stale_to_the_end.window_ms);
  EXPECT_FALSE(stale_to_the_end.about_minutes);
}

/// Reads between the latest stale one and the next bound are not among them.
TEST(SafeWindow, TooFewReadsAreThoseThatItsBoundSays) {
  Random random(1);
  for (int last_stale_ms = 300; last_stale_ms < 900; last_stale_ms += 7) {
    const auto reads = drawn(random, 500, [&](double ms) { return ms < last_stale_ms ? 1.0 : 0.0; });
    const SafeWindow window = safe_window(reads, 0.001, 60'000);
    ASSERT_FALSE(window.window_ms);
    const WindowInUse from_there = window_in_use(reads, window.fresh_from_ms);
    EXPECT_EQ(window.reads, from_there.reads) << last_stale_ms;
    EXPECT_EQ(from_there.stale, 0U) << last_stale_ms;
  }
  EXPECT_EQ(safe_window(drawn(random, 100, [](double) { return 0.0; }), 0.001, 60'000).reads, 100U);
}

/// A little more than 1 % stale, however late: whatever window is named for 1 % is named wrongly, and any of some 130
/// bounds could be.
TEST(SafeWindow, SearchingManyDelaysKeepsItsConfidence) {
  Random random(42);
  constexpr int runs = 2000;
  int wrong = 0;
  for (int run = 0; run < runs; ++run) {
    wrong += safe_window(drawn(random, 3000, [](double) { return 0.0102; }), 0.01, 60'000).window_ms ? 1 : 0;
  }
  EXPECT_LE(wrong, runs * 6 / 100);
  EXPECT_GT(wrong, 0) << "so careful that nothing would ever be shown";
}

TEST(SafeWindow, AWindowInUseFailsByWhatComesAfterIt) {
  const std::vector<DelayedRead> reads{
      {nanoseconds(1000), true, nanoseconds(1000)},
      {nanoseconds(2000), true, nanoseconds(2000)},
      {nanoseconds(3000), false, nanoseconds(3000)},
      {nanoseconds(3000), true, nanoseconds(500)}};  // its session had just written another key
  EXPECT_EQ(window_in_use(reads, 2000).reads, 2U);
  EXPECT_EQ(window_in_use(reads, 2000).stale, 1U);
  EXPECT_EQ(window_in_use(reads, 5000).reads, 0U);
}

}  // namespace
}  // namespace afterwrite
