#pragma once

#include <cstdint>

namespace afterwrite {

/// Of all intervals that reports tell.
inline constexpr double confidence = 0.95;

/// Bounds of a share, 0 to 1.
struct Interval {
  double low = 0;
  double high = 1;
};

/// The 95 % interval of Clopper and Pearson (1934) for the share behind `hits` of `trials`, if these were independent.
/// All of 0 to 1 without trials. `hits` are at most `trials`.
Interval share_interval(std::uint64_t hits, std::uint64_t trials);

/// How likely it is to see at most `hits` in so many independent trials of this share, 0 < share < 1.
double chance_of_at_most(std::uint64_t hits, std::uint64_t trials, double share);

/// How likely it would be, if both shares were one, to find them at least so far apart: the two-sided exact test of
/// Fisher (1922). Of no trials on either side: 1.
double chance_of_equal_shares(std::uint64_t hits_a, std::uint64_t trials_a, std::uint64_t hits_b,
                              std::uint64_t trials_b);

}  // namespace afterwrite
