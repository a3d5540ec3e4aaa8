#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "harness/session/workload.hpp"

namespace afterwrite::workloads {

/// How long a session waits after something went wrong, so that a dead node is not asked thousands of times a second.
inline constexpr Duration pause_after_failure = std::chrono::milliseconds(20);

/// The delays between a write and looking at it: a plain value.
class ReadDelay {
 public:
  explicit ReadDelay(std::pair<Duration, Duration> range) : range_(range) {}

  /// The range is 0 to 0: nobody waits for anything.
  bool none() const { return range_.second == Duration{0}; }

  /// Log-uniform, so that each order of magnitude is met equally often. A range that begins at 0 is drawn from as if it
  /// began at 100 us (a logarithm has no 0).
  Duration draw(Random& random) const;

  /// `count` such delays, each counted from the write, the shortest first.
  std::vector<Duration> draw_ascending(Random& random, std::size_t count) const;

 private:
  std::pair<Duration, Duration> range_;
};

/// session.pause(), but not for nothing (or less): load tests go without. False once the run is over.
bool pause_for(Session& session, Duration duration);

/// Call after each operation: waits a little unless it is `ok`. False once the run is over.
bool settle(Session& session, const Operation& operation);

/// One of `choices`, at random; there must be one.
std::size_t any_of(const std::vector<std::size_t>& choices, Random& random);

}  // namespace afterwrite::workloads
