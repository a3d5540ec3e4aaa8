#include "results/staleness_curve.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "checkers/interval.hpp"
#include "checkers/own_reads.hpp"
#include "results/delay_grid.hpp"

namespace afterwrite {
namespace {

constexpr std::array safe_shares{0.01, 0.001, 0.0001};
/// Rules of thumb that are in use.
constexpr std::array windows_in_use_ms{2000.0, 5000.0};

/// The reads of the policy that say something of lag: where the policy asks followers what they have before it reads,
/// none but those of control sessions.
bool says_something_of_lag(const History& history, const Operation& read) {
  if (read.role == Role::leader) return false;
  return !history.header.policy.starts_with("version-token") || is_of_control(read);
}

}  // namespace

std::vector<CurvePoint> staleness_curve(std::vector<DelayedRead> reads) {
  std::sort(reads.begin(), reads.end(), [](const DelayedRead& a, const DelayedRead& b) { return a.delay < b.delay; });
  // A point of less than this is so uncertain that it shows nothing.
  constexpr std::size_t fewest = 10;
  constexpr std::size_t most_points = 60;
  const std::size_t enough = std::max(fewest, reads.size() / most_points);
  std::vector<CurvePoint> points;
  CurvePoint point;
  const auto finish = [&] {
    if (point.reads == 0) return;
    const Interval interval = share_interval(point.stale, point.reads);
    point.share = static_cast<double>(point.stale) / static_cast<double>(point.reads);
    point.low = interval.low;
    point.high = interval.high;
    points.push_back(std::exchange(point, {}));
  };
  // Every second bound of the grid from 1 ms on.
  const auto cell_of = [](Nanoseconds delay) { return (delay_bound_below(delay) + 1) / 2; };
  const auto begin_ms = [](std::size_t cell) { return cell == 0 ? 0 : delay_bound_ms(2 * cell - 1); };
  std::size_t cell = 0;
  for (const DelayedRead& read : reads) {
    const std::size_t at = cell_of(read.delay);
    if (at != cell && point.reads >= enough) finish();
    if (point.reads == 0) point.from_ms = begin_ms(at);
    cell = at;
    ++point.reads;
    point.stale += read.stale ? 1U : 0U;
    point.to_ms = begin_ms(at + 1);
  }
  finish();
  return points;
}

std::optional<OwnReadSummary> summarise_own_reads(const History& history, const Question& question,
                                                  const Judgement& judgement) {
  const auto own_reads = find_own_reads(history, question, judgement);
  if (!own_reads) return std::nullopt;
  OwnReadSummary summary;
  std::vector<DelayedRead> reads;
  for (const OwnRead& own : *own_reads) {
    const Operation& read = history.operations[own.operation];
    summary.leader_reads += read.role == Role::leader ? 1U : 0U;
    if (says_something_of_lag(history, read)) reads.push_back({own.delay, own.stale});
  }
  if (reads.empty()) return std::nullopt;
  const double duration_ms = summarise(history).duration_ms;
  for (const double share : safe_shares)
    summary.safe.push_back(safe_window(reads, share, duration_ms));
  for (const double window : windows_in_use_ms)
    summary.in_use.push_back(window_in_use(reads, window));
  summary.curve = staleness_curve(std::move(reads));
  return summary;
}

}  // namespace afterwrite
