/// What tests of the staleness curve draw: the delays of reads.
#pragma once

#include <cmath>
#include <random>

namespace afterwrite {

using Random = std::mt19937_64;

inline double uniform(Random& random) {
  return std::uniform_real_distribution<double>()(random);
}

/// The delay after which a session of a workload reads back: 1 ms to 2 s, log-uniform.
inline double read_delay_ms(Random& random) {
  return std::exp(uniform(random) * std::log(2000.0));
}

}  // namespace afterwrite
