#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/history/operation.hpp"

namespace afterwrite {

/// One own read that no leader is known to have served.
struct DelayedRead {
  Nanoseconds delay = 0;  ///< since the newest own acknowledged write of the key
  bool stale = false;
  Nanoseconds since_write = 0;  ///< since the session's last write to any key; at most `delay`
};

/// The least delay after which at most `share` of the own reads were stale, at 95 % confidence if they were
/// independent.
struct SafeWindow {
  double share = 0;
  std::optional<double> window_ms = std::nullopt;  ///< absent: the reads do not show one
  std::uint64_t reads = 0;        ///< that were at least so late; without a window, at least `fresh_from_ms`
  double fresh_from_ms = 0;       ///< without a window and with reads: the least delay of the grid from which on none was stale
  std::uint64_t needs_reads = 0;  ///< so many of them show a window, if none is stale
  std::optional<std::uint64_t> about_minutes =
      std::nullopt;  ///< how long a run like this one would take for them; absent with a window, or if nothing tells
};

/// What a window would have let through: own reads at least so late after their session's last write to any key, from
/// which a `recent-writer` window counts.
struct WindowInUse {
  double window_ms = 0;
  std::uint64_t reads = 0;
  std::uint64_t stale = 0;
  bool of_this_run = false;  ///< its read policy had this one
};

/// Goes from the latest reads to earlier ones, from bound to bound (results/delay_grid.hpp), and tests each at 95 %:
/// that of the reads at least so late the share of stale ones is no more than `share` (one-sided, exact binomial). It
/// begins at the first delay that enough reads are later than to show it if none is stale, and ends before the first
/// that fails. Whichever delay it stops at, the order and the beginning depend on delays alone: so the chance to name
/// any delay wrongly stays below 5 % however many are tested (fixed-sequence testing, Maurer, Hothorn and Lehmacher
/// 1995). `duration_ms` is that of the run.
SafeWindow safe_window(std::vector<DelayedRead> reads, double share, double duration_ms);

WindowInUse window_in_use(const std::vector<DelayedRead>& reads, double window_ms);

}  // namespace afterwrite
