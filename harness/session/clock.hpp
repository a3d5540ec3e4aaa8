#pragma once

#include <chrono>

#include "harness/history/operation.hpp"

namespace afterwrite {

/// The one monotonic clock that every time and every deadline of a run is taken from.
using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;
using Duration = std::chrono::nanoseconds;

/// Translates the clock into the nanoseconds since the run began that histories record. A plain value, shared by copy.
struct RunClock {
  Clock::time_point origin = Clock::now();

  Nanoseconds now() const { return at(Clock::now()); }
  Nanoseconds at(Clock::time_point time) const {
    return std::chrono::duration_cast<Duration>(time - origin).count();
  }
};

}  // namespace afterwrite
