#include "results/quantities.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace afterwrite {
namespace {

double nearest_rank(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace

Distribution distribution(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {.count = values.size(),
          .mean = sum / static_cast<double>(values.size()),
          .median = nearest_rank(values, 0.5),
          .p90 = nearest_rank(values, 0.9),
          .p99 = nearest_rank(values, 0.99),
          .max = values.back()};
}

std::vector<Quantile> quantiles(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  std::vector<Quantile> all;
  const auto add = [&](double p) { all.push_back({p, nearest_rank(values, p)}); };
  add(0.01);
  constexpr int twentieths = 20;
  for (int i = 1; i < twentieths; ++i)
    add(static_cast<double>(i) / twentieths);
  add(0.99);
  return all;
}

std::string milliseconds_text(double milliseconds) {
  if (milliseconds == 0) return "0 ms";
  if (milliseconds >= 9995) return fmt::format("{:.1f} s", milliseconds / 1000);
  if (milliseconds >= 999.5) return fmt::format("{:.2f} s", milliseconds / 1000);
  if (milliseconds >= 99.95) return fmt::format("{:.0f} ms", milliseconds);
  if (milliseconds >= 0.995) return fmt::format("{:.1f} ms", milliseconds);
  if (milliseconds >= 0.0995) return fmt::format("{:.2f} ms", milliseconds);
  const double microseconds = 1000 * milliseconds;
  if (microseconds >= 9.95) return fmt::format("{:.0f} µs", microseconds);
  return microseconds >= 0.05 ? fmt::format("{:.1f} µs", microseconds) : "under 0.1 µs";
}

std::string percent_text(double share) {
  const double percent = 100 * share;
  if (percent == 0) return "0 %";
  if (share >= 1) return "100 %";
  if (percent >= 99.95) return "over 99.9 %";  // not all: an interval from 100 % to 100 % would say nothing
  if (percent >= 0.995) return fmt::format("{:.1f} %", percent);
  return fmt::format("{:.2g} %", percent);
}

}  // namespace afterwrite
