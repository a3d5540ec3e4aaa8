#pragma once

#include <cstdint>

#include "checkers/sieve/cleared.hpp"

namespace afterwrite {

/// What is known of the order of two versions that bear no numbers, besides that it must not contradict the order in
/// which they were first mentioned.
enum class KnownOrder : std::uint8_t {
  nothing,      ///< no assumption speaks of them
  same_writer,  ///< writer-order: one session's writes
  everyone,     ///< realtime-writes: those of which one was mentioned before the other was invoked
};

/// Where a version comes from, as far as KnownOrder goes by it: the number of the session that wrote it, or that of the
/// newest version that was mentioned before it was invoked.
using Origin = std::uint32_t;

/// One session's written or read versions of one key, in so far as it takes them to say whether the next one's relation
/// to all of them is known (OwedChain and all_known() of the exact judge). 12 bytes, all zero at first.
///
/// Versions bear the number of their first mention, so that all with a number up to some one were mentioned by the
/// moment at which that one was. Of what is owed, the version that was mentioned last is therefore the last whose
/// relation to another becomes known.
struct OwedMarks {
  std::uint32_t low = 0;  // numbered versions: the newest number's lower half; else the newest version
  std::uint32_t high =
      0;  // numbered versions: its upper half; else the last to be mentioned of the others, or the writer of all
  std::uint16_t events = 0;
  std::uint16_t broken = 0;  // not each of them is known to be older than the next

  bool empty() const { return events == 0; }

  std::int64_t newest_number() const { return static_cast<std::int64_t>((std::uint64_t{high} << 32U) | low); }
  void push_number(std::int64_t number) {
    low = static_cast<std::uint32_t>(static_cast<std::uint64_t>(number));
    high = static_cast<std::uint32_t>(static_cast<std::uint64_t>(number) >> 32U);
    events = 1;
  }

  std::uint32_t newest() const { return low; }
  /// The relation to what is owed of a version that is no older.
  Owing owing(std::uint32_t met, Origin origin, KnownOrder known) const;
  void push(std::uint32_t met, Origin origin, KnownOrder known);
};

/// Beyond so many events the exact judge no longer looks at each (exposure.cpp).
inline constexpr std::uint16_t most_events_compared = 256;

inline Owing OwedMarks::owing(std::uint32_t met, Origin origin, KnownOrder known) const {
  if (events == 0) return Owing::nothing;
  if (events == 1 && low == met) return Owing::known_by_facts;
  bool is_known = false;
  switch (known) {
    case KnownOrder::nothing:
      break;
    case KnownOrder::same_writer:
      is_known = broken == 0 && high == origin;
      break;
    case KnownOrder::everyone: {
      const bool last_known = low == met || low <= origin;
      const bool each_known = high <= origin && last_known;
      is_known = (broken == 0 && last_known) || (events <= most_events_compared && each_known);
      break;
    }
  }
  return is_known ? Owing::known_by_assumption : Owing::unknown;
}

inline void OwedMarks::push(std::uint32_t met, Origin origin, KnownOrder known) {
  if (events > 0 && low == met) return;
  if (known == KnownOrder::same_writer) {
    if (events > 0 && high != origin) broken = 1;
    high = origin;
  } else {
    if (events > 0 && low > origin) broken = 1;
    high = high > low ? high : low;
  }
  low = met;
  if (events <= most_events_compared) ++events;
}

}  // namespace afterwrite
