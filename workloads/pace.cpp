#include "workloads/pace.hpp"

#include <algorithm>
#include <cmath>

namespace afterwrite::workloads {

Duration ReadDelay::draw(Random& random) const {
  if (none()) return Duration{0};
  constexpr Duration least = std::chrono::microseconds(100);
  const Duration shortest = std::max(range_.first, std::min(least, range_.second));
  if (shortest == range_.second) return shortest;
  std::uniform_real_distribution<double> logarithm(std::log(static_cast<double>(shortest.count())),
                                                   std::log(static_cast<double>(range_.second.count())));
  const Duration drawn{std::llround(std::exp(logarithm(random)))};
  return std::clamp(drawn, shortest, range_.second);
}

std::vector<Duration> ReadDelay::draw_ascending(Random& random, std::size_t count) const {
  std::vector<Duration> delays(count);
  for (Duration& delay : delays)
    delay = draw(random);
  std::sort(delays.begin(), delays.end());
  return delays;
}

bool pause_for(Session& session, Duration duration) {
  return duration > Duration{0} ? session.pause(duration) : session.running();
}

bool settle(Session& session, const Operation& operation) {
  return operation.outcome == Outcome::ok ? session.running() : session.pause(pause_after_failure);
}

std::size_t any_of(const std::vector<std::size_t>& choices, Random& random) {
  return choices[std::uniform_int_distribution<std::size_t>(0, choices.size() - 1)(random)];
}

}  // namespace afterwrite::workloads
