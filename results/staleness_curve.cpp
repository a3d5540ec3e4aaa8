#include "results/staleness_curve.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "checkers/interval.hpp"
#include "checkers/own_reads.hpp"
#include "results/delay_grid.hpp"

namespace afterwrite {
namespace {

constexpr std::array safe_shares{0.01, 0.001, 0.0001};
/// Rules of thumb that are in use.
constexpr std::array windows_in_use_ms{2000.0, 5000.0};

/// When each session's writes, to whatever key, were acknowledged.
class LastWrites {
 public:
  explicit LastWrites(const History& history) {
    for (const Operation& operation : history.operations) {
      if (operation.is_write() && operation.outcome == Outcome::ok) completes_[operation.session].push_back(operation.complete);
    }
    for (auto& [session, completes] : completes_)
      std::sort(completes.begin(), completes.end());
  }

  /// How long ago the last one was when `read` began; the longest time there is if there was none.
  Nanoseconds before(const Operation& read) const {
    const auto own = completes_.find(read.session);
    if (own == completes_.end()) return INT64_MAX;
    const auto later = std::upper_bound(own->second.begin(), own->second.end(), read.invoke);
    return later == own->second.begin() ? INT64_MAX : read.invoke - *std::prev(later);
  }

 private:
  std::unordered_map<std::string, std::vector<Nanoseconds>> completes_;
};

/// The own reads that say something of lag. Where the policy asks followers what they have before it reads, none but those
/// of control sessions; where it sends the early ones to the leader, none but those too if there are any, since early ones
/// of theirs and late ones of everybody would be no sample of anything.
std::vector<DelayedRead> sample_of_lag(const History& history, const std::vector<OwnRead>& own_reads) {
  const LastWrites last_writes(history);
  const auto operation = [&](const OwnRead& own) -> const Operation& { return history.operations[own.operation]; };
  const std::string_view policy = history.header.policy;
  const bool control_alone =
      policy.starts_with("version-token") ||
      (policy.starts_with("recent-writer") &&
       std::any_of(own_reads.begin(), own_reads.end(), [&](const OwnRead& own) { return is_of_control(operation(own)); }));
  std::vector<DelayedRead> reads;
  for (const OwnRead& own : own_reads) {
    if (operation(own).role == Role::leader || (control_alone && !is_of_control(operation(own)))) continue;
    reads.push_back({own.delay, own.stale, std::min(own.delay, last_writes.before(operation(own)))});
  }
  return reads;
}

std::string why_none_says_anything(std::uint64_t own_reads, std::uint64_t leader_reads) {
  if (own_reads == 0) return "no read is known to have come after its session's own acknowledged write";
  if (leader_reads == own_reads)
    return fmt::format("the leader served all {} own reads, which says nothing of lag", own_reads);
  return "version-token picks a follower by what that follower has, so that its reads are no sample of lag; those of "
         "sessions that read any replica beside it would be (--control)";
}

/// The window of a policy `recent-writer:1.5s`, in milliseconds.
std::optional<double> window_of(std::string_view policy) {
  constexpr std::string_view name = "recent-writer:";
  constexpr std::array<std::pair<std::string_view, double>, 6> units{
      {{"ns", 1e-6}, {"us", 1e-3}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}}};
  if (!policy.starts_with(name)) return std::nullopt;
  policy.remove_prefix(name.size());
  double number = 0;
  const auto [end, failed] = std::from_chars(policy.data(), policy.data() + policy.size(), number);
  if (failed != std::errc{} || !(number > 0)) return std::nullopt;
  const std::string_view rest(end, static_cast<std::size_t>(policy.data() + policy.size() - end));
  const auto unit = std::find_if(units.begin(), units.end(), [&](const auto& one) { return one.first == rest; });
  if (unit == units.end()) return std::nullopt;
  constexpr double longest_ms = 1e12;  // far beyond any run, and within what a clock of nanoseconds can count
  const double window_ms = number * unit->second;
  return window_ms < longest_ms ? std::optional(window_ms) : std::nullopt;
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

OwnReadFindings summarise_own_reads(const History& history, const Question& question, const Judgement& judgement) {
  if (times_of(history.header) != Times::measured) return {{}, "the history has no measured times"};
  auto own_reads = find_own_reads(history, question, judgement);
  if (!own_reads) return {{}, "read-your-writes was not asked for by session"};
  // They come when faults are healed and the lag has been waited out, and later after their writes than any other.
  std::erase_if(*own_reads, [&](const OwnRead& own) { return is_of_final_check(history.operations[own.operation]); });
  OwnReadSummary summary;
  for (const OwnRead& own : *own_reads)
    summary.leader_reads += history.operations[own.operation].role == Role::leader ? 1U : 0U;
  summary.from_followers = std::none_of(own_reads->begin(), own_reads->end(), [&](const OwnRead& own) {
    return history.operations[own.operation].role == Role::unknown;
  });
  std::vector<DelayedRead> reads = sample_of_lag(history, *own_reads);
  if (reads.empty()) return {{}, why_none_says_anything(own_reads->size(), summary.leader_reads)};
  const double duration_ms = summarise(history).duration_ms;
  for (const double share : safe_shares)
    summary.safe.push_back(safe_window(reads, share, duration_ms));
  const std::optional<double> own_window = window_of(history.header.policy);
  if (own_window) summary.in_use.push_back(window_in_use(reads, *own_window));
  for (WindowInUse& window : summary.in_use)
    window.of_this_run = true;
  for (const double window : windows_in_use_ms) {
    if (window != own_window) summary.in_use.push_back(window_in_use(reads, window));
  }
  summary.curve = staleness_curve(std::move(reads));
  return {std::move(summary), {}};
}

}  // namespace afterwrite
