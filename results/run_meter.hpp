#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/history/history.hpp"
#include "harness/history/scan/scanned_operation.hpp"
#include "results/measurements.hpp"
#include "results/run_summary.hpp"
#include "results/timeline.hpp"

namespace afterwrite {

/// Sums up a run operation by operation, in memory that does not grow with their number. Several may share a history's
/// operations, in whatever order, and be added up. Belongs to one thread.
class RunMeter {
 public:
  /// `over_time`: with the summary's timeline, which is for the report page alone.
  explicit RunMeter(bool over_time = true) : over_time_(over_time) {}

  void add(const ScannedOperation& operation, bool of_control);
  void add(const RunMeter& others);

  /// `sessions` and `keys` are how many there were.
  RunSummary summary(std::uint64_t sessions, std::uint64_t keys) const;

 private:
  struct Calls {
    Outcomes outcomes;
    Measurements latency;
  };
  /// The sessions that follow the policy, or the others.
  struct Side {
    std::uint64_t operations = 0;
    std::array<Calls, 4> functions;  // by Function
    PolicyCost cost;                 // its counts
    Measurements waits;
    std::map<std::string, std::uint64_t, std::less<>> errors;
  };
  static void summarise_side(const Side& side, bool of_control, RunSummary& summary);

  std::array<Side, 2> sides_;
  bool over_time_;
  TimelineMeter timeline_;
  Nanoseconds first_invoke_ = 0;
  Nanoseconds last_complete_ = 0;
};

}  // namespace afterwrite
