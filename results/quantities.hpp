#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/history/text.hpp"  // counted()

namespace afterwrite {

/// What a set of measured values looks like. All zero where nothing was measured (`count` is 0 then).
struct Distribution {
  std::uint64_t count = 0;
  double mean = 0;
  double median = 0;
  double p90 = 0;
  double p99 = 0;
  double max = 0;
};

/// Percentiles are values that were measured (nearest rank), not interpolated ones.
Distribution distribution(std::vector<double> values);

/// The value that the share `p` of all measured ones is no greater than.
struct Quantile {
  double p = 0;
  double value = 0;
};
/// At 1 %, at every 5 % and at 99 %, nearest rank too; none of nothing.
std::vector<Quantile> quantiles(std::vector<double> values);

/// `8.4 µs`, `0.42 ms`, `12.3 ms`, `212 ms`, `1.21 s`, `12.1 s`.
std::string milliseconds_text(double milliseconds);
/// Of a share between 0 and 1: `0.73 %`, `9.0 %`, `100 %`.
std::string percent_text(double share);

}  // namespace afterwrite
