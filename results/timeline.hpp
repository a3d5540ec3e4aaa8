#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/history/scan/scanned_operation.hpp"
#include "results/measurements.hpp"
#include "results/quantities.hpp"

namespace afterwrite {

/// How many operations came to what.
struct Outcomes {
  std::uint64_t ok = 0;
  std::uint64_t fail = 0;
  std::uint64_t info = 0;

  std::uint64_t all() const { return ok + fail + info; }
  /// The share that took effect; 0 of none.
  double availability() const { return all() == 0 ? 0 : static_cast<double>(ok) / static_cast<double>(all()); }

  void add(Outcome outcome) {
    ok += outcome == Outcome::ok ? 1 : 0;
    fail += outcome == Outcome::fail ? 1 : 0;
    info += outcome == Outcome::info ? 1 : 0;
  }
  void add(const Outcomes& others) {
    ok += others.ok;
    fail += others.fail;
    info += others.info;
  }
};

/// Reads, or everything else.
struct TimelineCalls {
  Outcomes outcomes;
  Distribution latency_ms;  ///< of those that are `ok` and of sessions that follow the policy
};

/// What was completed in one stretch of time.
struct TimelineBin {
  TimelineCalls reads;
  TimelineCalls writes;
  Outcomes final_check;  ///< reads that are no load, and none of `reads`
};

/// A run over time: stretches of equal length, without a gap. Empty if there were no operations.
struct Timeline {
  static constexpr std::size_t most_bins = 320;

  Nanoseconds begin = 0;  ///< of the first bin
  Nanoseconds width = 0;  ///< of each bin: a millisecond, or two, four, eight ... of them
  std::vector<TimelineBin> bins;

  struct Span {
    Nanoseconds begin = 0;
    Nanoseconds end = 0;
  };
  std::optional<Span> final_check;  ///< from its first invocation to its last completion
};

/// Sorts operations by the time of their completion, in memory that does not grow with their number or with the length
/// of the run: bins are made twice as wide where they would become too many. The order in which operations come makes
/// no difference. Belongs to one thread.
class TimelineMeter {
 public:
  void add(const ScannedOperation& operation, bool of_control);
  void add(const TimelineMeter& others);

  Timeline timeline() const;

 private:
  struct Calls {
    Outcomes outcomes;
    Measurements latency{Measurements::coarse()};
  };
  /// Reads, the others, and the final check.
  using Bin = std::array<Calls, 3>;
  static std::size_t place_of(const ScannedOperation& operation);
  void take_span(const Timeline::Span& span);

  Bin& bin_at(Nanoseconds time);
  void widen();

  Nanoseconds width_ = 1'000'000;
  std::int64_t first_ = 0;  // the first bin's number: its begin over the width
  std::vector<Bin> bins_;
  std::optional<Timeline::Span> final_check_;
  // The bin that was added to last; most operations follow one of the same.
  Nanoseconds last_begin_ = 0;
  std::size_t last_ = SIZE_MAX;
};

}  // namespace afterwrite
