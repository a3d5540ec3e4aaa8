#pragma once

#include <optional>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// The page's one time axis: milliseconds since the run began, which in our own histories is where the clock stood at
/// nought; in those of others, whose clock may stand anywhere, since the first operation.
class PageTimes {
 public:
  PageTimes(const History& history, const RunSummary& summary);

  /// Whether times were measured; without, nothing is said that rests on them.
  bool measured() const { return measured_; }
  bool since_run_began() const { return origin_ == 0; }
  double ms(Nanoseconds time) const;

 private:
  bool measured_;
  Nanoseconds origin_ = 0;
};

}  // namespace afterwrite
