#include "results/measurements.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace afterwrite {
namespace {

constexpr double nanoseconds_a_millisecond = 1e6;

double milliseconds(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / nanoseconds_a_millisecond;
}

}  // namespace

std::size_t Measurements::bucket_of(std::uint64_t value) const {
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - digits_);
  return (static_cast<std::size_t>(shift) << (digits_ - 1)) + static_cast<std::size_t>(value >> shift);
}

void Measurements::add(std::int64_t nanoseconds) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0));
  ++count_;
  sum_ += value;
  if (!buckets_.empty()) return sort_in(value, value, 1);
  values_.push_back(value);
  if (values_.size() <= exact_up_to_) return;
  for (const std::uint64_t one : values_)
    sort_in(one, one, 1);
  values_ = {};
}

void Measurements::add(const Measurements& others) {
  for (const std::uint64_t value : others.values_)
    add(static_cast<std::int64_t>(value));
  if (others.buckets_.empty()) return;
  count_ += others.count_;
  sum_ += others.sum_;
  for (const std::uint64_t one : values_)
    sort_in(one, one, 1);
  values_ = {};
  for (const Bucket& bucket : others.buckets_) {
    if (bucket.count > 0) sort_in(bucket.greatest, bucket.greatest, bucket.count);
  }
}

void Measurements::sort_in(std::uint64_t value, std::uint64_t greatest, std::uint64_t count) {
  const std::size_t place = bucket_of(value);
  if (place >= buckets_.size()) buckets_.resize(place + 1);
  buckets_[place].count += count;
  buckets_[place].greatest = std::max(buckets_[place].greatest, greatest);
}

double Measurements::sum_ms() const {
  return static_cast<double>(sum_) / nanoseconds_a_millisecond;
}

std::uint64_t Measurements::nearest_rank(double share) const {
  const auto rank =
      std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))), 1, count_);
  std::uint64_t passed = 0;
  std::uint64_t greatest = 0;
  for (const Bucket& bucket : buckets_) {
    passed += bucket.count;
    greatest = std::max(greatest, bucket.greatest);
    if (passed >= rank) break;
  }
  return greatest;
}

Distribution Measurements::in_milliseconds() const {
  if (count_ == 0) return {};
  Distribution measured;
  if (buckets_.empty()) {
    std::vector<double> values;
    for (const std::uint64_t value : values_)
      values.push_back(milliseconds(value));
    measured = distribution(std::move(values));
  } else {
    measured = {.count = count_,
                .mean = 0,
                .median = milliseconds(nearest_rank(0.5)),
                .p90 = milliseconds(nearest_rank(0.9)),
                .p99 = milliseconds(nearest_rank(0.99)),
                .max = milliseconds(nearest_rank(1))};
  }
  measured.mean = sum_ms() / static_cast<double>(count_);
  return measured;
}

}  // namespace afterwrite
