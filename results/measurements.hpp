#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "results/quantities.hpp"

namespace afterwrite {

/// Durations, added one by one, of which a distribution is wanted. Up to a few thousand it is exact. Of more, each
/// percentile is a value that was measured within 0.4 % of the exact one, so that memory does not grow with them;
/// count, mean and maximum stay exact. The order in which they come makes no difference. Belongs to one thread.
class Measurements {
 public:
  Measurements() = default;
  /// For many that are only drawn: exact up to a few dozen, and of more, within 6 %.
  static Measurements coarse() { return {coarse_digits, coarse_up_to}; }

  void add(std::int64_t nanoseconds);
  /// The others are as exact as these, or more so.
  void add(const Measurements& others);

  std::uint64_t count() const { return count_; }
  double sum_ms() const;
  Distribution in_milliseconds() const;

 private:
  __extension__ using Sum = unsigned __int128;

  Measurements(int digits, std::size_t exact_up_to) : digits_(digits), exact_up_to_(exact_up_to) {}

  static constexpr int fine_digits = 9;
  static constexpr std::size_t fine_up_to = 4096;
  static constexpr int coarse_digits = 5;
  static constexpr std::size_t coarse_up_to = 48;

  /// Values that agree in their first binary digits.
  struct Bucket {
    std::uint64_t count = 0;
    std::uint64_t greatest = 0;
  };
  void sort_in(std::uint64_t value, std::uint64_t greatest, std::uint64_t count);
  std::uint64_t nearest_rank(double share) const;
  std::size_t bucket_of(std::uint64_t value) const;

  int digits_ = fine_digits;
  std::size_t exact_up_to_ = fine_up_to;
  std::uint64_t count_ = 0;
  Sum sum_ = 0;
  std::vector<std::uint64_t> values_;  // while there are few
  std::vector<Bucket> buckets_;        // from then on
};

}  // namespace afterwrite
