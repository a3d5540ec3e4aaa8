#include "checkers/interval.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace afterwrite {

namespace {

using Binomial = boost::math::binomial_distribution<double>;

double log_ways(double of, double taken) {
  return boost::math::lgamma(of + 1) - boost::math::lgamma(taken + 1) - boost::math::lgamma(of - taken + 1);
}

}  // namespace

Interval share_interval(std::uint64_t hits, std::uint64_t trials) {
  if (trials == 0) return {};
  constexpr double each_side = 0.025;
  const auto n = static_cast<double>(trials);
  const auto k = static_cast<double>(hits);
  return {Binomial::find_lower_bound_on_p(n, k, each_side), Binomial::find_upper_bound_on_p(n, k, each_side)};
}

double chance_of_at_most(std::uint64_t hits, std::uint64_t trials, double share) {
  if (hits >= trials) return 1;
  return boost::math::cdf(Binomial(static_cast<double>(trials), share), static_cast<double>(hits));
}

// By logarithms, so that a million trials are no matter: Boost's hypergeometric distribution counts in 32 bits.
double chance_of_equal_shares(std::uint64_t hits_a, std::uint64_t trials_a, std::uint64_t hits_b,
                              std::uint64_t trials_b) {
  if (trials_a == 0 || trials_b == 0) return 1;
  const std::uint64_t hits = hits_a + hits_b;
  const auto a = static_cast<double>(trials_a);
  const auto b = static_cast<double>(trials_b);
  const auto all_hits = static_cast<double>(hits);
  const double all = log_ways(a + b, all_hits);
  const auto log_chance = [&](std::uint64_t of_a) {
    const auto k = static_cast<double>(of_a);
    return log_ways(a, k) + log_ways(b, all_hits - k) - all;
  };
  // What is as likely as what was seen, but for the last bits, counts.
  constexpr double tolerance = 1e-7;
  const double seen = log_chance(hits_a) + tolerance;
  const std::uint64_t least = hits > trials_b ? hits - trials_b : 0;
  double chance = 0;
  for (std::uint64_t k = least; k <= std::min(hits, trials_a); ++k) {
    const double one = log_chance(k);
    if (one <= seen) chance += std::exp(one);
  }
  return std::min(chance, 1.0);
}

}  // namespace afterwrite
