#pragma once

#include "adapters/memory/memory.hpp"

namespace afterwrite::memory {

/// The planted bugs, in the order of memory_bugs(); `none` is no row there.
enum class Bug {
  none,
  stale_follower,
  lost_on_failover,
  sticky_moves,
  early_acknowledgement,
  lost_write,
  reapply,
  time_travel,
  dirty_read,
  phantom,
  list_reorder,
};

/// Throws UsageError with the nearest known name.
Bug parse_bug(std::string_view name);
std::string_view to_string(Bug bug);

/// How often the bugs strike that strike now and then: once in so many times.
inline constexpr int odds_of_sticky_moves = 4;
inline constexpr int odds_of_lost_write = 20;
inline constexpr int odds_of_reapply = 8;
inline constexpr int odds_of_dirty_read = 20;
inline constexpr int odds_of_phantom = 50;
inline constexpr int odds_of_list_reorder = 10;

/// How long a write is shown that will be rolled back.
inline constexpr Duration dirty_for = std::chrono::milliseconds(20);
/// What a promoted follower loses of the time before the old leader's death.
inline constexpr Duration lost_at_failover = std::chrono::seconds(1);
/// How far back a restarted follower goes, and how long it takes no news then.
inline constexpr Duration travelled_back = std::chrono::seconds(5);
inline constexpr Duration without_news = std::chrono::seconds(2);

}  // namespace afterwrite::memory
