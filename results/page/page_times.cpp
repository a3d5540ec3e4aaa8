#include "results/page/page_times.hpp"

#include <algorithm>

namespace afterwrite {

namespace {

constexpr double nanoseconds_a_millisecond = 1e6;
/// A run that begins this long after its clock's nought has another program's clock.
constexpr double latest_beginning_ms = 600'000;

}  // namespace

PageTimes::PageTimes(const History& history, const RunSummary& summary)
    : measured_(times_of(history.header) == Times::measured) {
  const Timeline& timeline = summary.timeline;
  if (timeline.bins.empty()) return;
  const double begin_ms = static_cast<double>(timeline.begin) / nanoseconds_a_millisecond;
  if (begin_ms < 0 || begin_ms > std::max(summary.duration_ms, latest_beginning_ms)) origin_ = timeline.begin;
}

double PageTimes::ms(Nanoseconds time) const {
  // Thousandths of a millisecond are enough for a drawing, and short to write.
  const double microseconds = (static_cast<double>(time) - static_cast<double>(origin_)) / 1e3;
  return static_cast<double>(static_cast<std::int64_t>(microseconds)) / 1e3;
}

}  // namespace afterwrite
