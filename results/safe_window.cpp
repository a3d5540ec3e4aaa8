#include "results/safe_window.hpp"

#include <algorithm>
#include <cmath>

#include "checkers/interval.hpp"
#include "results/delay_grid.hpp"

namespace afterwrite {
namespace {

constexpr double level = 0.05;
constexpr Nanoseconds millisecond = 1'000'000;

/// Of so many reads none may be stale, and the share is shown (about 3/share: the rule of three).
std::uint64_t least_reads(double share) {
  return static_cast<std::uint64_t>(std::ceil(std::log(level) / std::log1p(-share)));
}

}  // namespace

SafeWindow safe_window(std::vector<DelayedRead> reads, double share, double duration_ms) {
  std::sort(reads.begin(), reads.end(), [](const DelayedRead& a, const DelayedRead& b) { return a.delay > b.delay; });
  SafeWindow window{.share = share, .needs_reads = least_reads(share)};
  std::uint64_t later = 0;
  std::uint64_t stale = 0;
  while (later < reads.size()) {
    const std::size_t at = delay_bound_below(reads[later].delay);
    for (; later < reads.size() && delay_bound_below(reads[later].delay) == at; ++later)
      stale += reads[later].stale ? 1U : 0U;
    if (stale == 0) {
      window.reads = later;
      window.fresh_from_ms = delay_bound_ms(at);
    }
    if (later < window.needs_reads) continue;
    if (chance_of_at_most(stale, later, share) > level) break;
    window.window_ms = delay_bound_ms(at);
    window.reads = later;
  }
  if (window.window_ms) return window;
  if (window.reads > 0 && duration_ms > 0) {
    constexpr double a_minute = 60'000;
    const double minutes =
        duration_ms / a_minute * static_cast<double>(window.needs_reads) / static_cast<double>(window.reads);
    window.about_minutes = static_cast<std::uint64_t>(std::ceil(std::min(minutes, 1e9)));
  }
  return window;
}

WindowInUse window_in_use(const std::vector<DelayedRead>& reads, double window_ms) {
  WindowInUse window{.window_ms = window_ms};
  const auto from = static_cast<Nanoseconds>(window_ms * static_cast<double>(millisecond));
  for (const DelayedRead& read : reads) {
    if (read.since_write < from) continue;
    ++window.reads;
    window.stale += read.stale ? 1U : 0U;
  }
  return window;
}

}  // namespace afterwrite
