#include "results/delay_grid.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace afterwrite {
namespace {

TEST(DelayGrid, BoundsGrowAndEachDelayIsBetweenTwo) {
  EXPECT_EQ(delay_bound_ms(0), 0);
  EXPECT_EQ(delay_bound_ms(1), 1);
  EXPECT_EQ(delay_bound_ms(41), 10);
  for (std::size_t i = 0; i < 300; ++i)
    EXPECT_LT(delay_bound_ms(i), delay_bound_ms(i + 1));
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform;
  for (int i = 0; i < 10000; ++i) {
    const auto delay = static_cast<Nanoseconds>(std::exp(uniform(random) * 40));
    const std::size_t below = delay_bound_below(delay);
    EXPECT_LE(delay_bound_ms(below), static_cast<double>(delay) / 1e6);
    EXPECT_GT(delay_bound_ms(below + 1), static_cast<double>(delay) / 1e6);
  }
  EXPECT_EQ(delay_bound_ms(delay_bound_below(800'000'000)), 800);
}

}  // namespace
}  // namespace afterwrite
