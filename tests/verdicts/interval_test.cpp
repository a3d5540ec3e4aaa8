#include "checkers/interval.hpp"

#include <gtest/gtest.h>

namespace afterwrite {
namespace {

TEST(Interval, IsThatOfClopperAndPearson) {
  const Interval half = share_interval(5, 10);
  EXPECT_NEAR(half.low, 0.1871, 1e-4);
  EXPECT_NEAR(half.high, 0.8129, 1e-4);
  const Interval none = share_interval(0, 100);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.0362, 1e-4);
  EXPECT_EQ(share_interval(7, 7).high, 1);
  EXPECT_EQ(share_interval(0, 0).low, 0);
  EXPECT_EQ(share_interval(0, 0).high, 1);
}

TEST(Interval, ChanceOfAtMost) {
  EXPECT_NEAR(chance_of_at_most(0, 299, 0.01), 0.0495, 1e-4);
  EXPECT_NEAR(chance_of_at_most(1, 2, 0.5), 0.75, 1e-12);
  EXPECT_EQ(chance_of_at_most(3, 3, 0.5), 1);
}

TEST(Interval, FishersExactTest) {
  EXPECT_NEAR(chance_of_equal_shares(3, 4, 1, 4), 0.4857, 1e-4);   // the lady tasting tea, two-sided
  EXPECT_NEAR(chance_of_equal_shares(8, 10, 1, 6), 0.0350, 1e-4);
  EXPECT_NEAR(chance_of_equal_shares(1, 6, 8, 10), 0.0350, 1e-4);  // whichever comes first
  EXPECT_EQ(chance_of_equal_shares(0, 0, 3, 5), 1);
  EXPECT_NEAR(chance_of_equal_shares(5, 5, 9, 9), 1, 1e-9);
  EXPECT_NEAR(chance_of_equal_shares(500'000, 1'000'000, 500'000, 1'000'000), 1, 1e-6);
  EXPECT_LT(chance_of_equal_shares(500'000, 1'000'000, 510'000, 1'000'000), 1e-10);
}

}  // namespace
}  // namespace afterwrite
