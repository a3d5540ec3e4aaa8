#include "harness/run/beat_ledger.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace afterwrite {

void BeatLedger::acknowledge(std::int64_t number, Nanoseconds time) {
  const std::lock_guard lock(mutex_);
  assert((entries_.empty() || (entries_.back().number < number && entries_.back().acknowledged <= time)) &&
         "beats are acknowledged in order");
  entries_.push_back({number, time});
}

// With mutex_ held.
std::vector<BeatLedger::Entry>::const_iterator BeatLedger::beyond(std::int64_t number) const {
  return std::upper_bound(entries_.begin(), entries_.end(), number,
                          [](std::int64_t wanted, const Entry& entry) { return wanted < entry.number; });
}

std::optional<Nanoseconds> BeatLedger::acknowledged_at(std::int64_t number) const {
  const std::optional<Entry> entry = newest_up_to(number);
  if (!entry || entry->number != number) return std::nullopt;
  return entry->acknowledged;
}

std::optional<BeatLedger::Entry> BeatLedger::newest() const {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) return std::nullopt;
  return entries_.back();
}

std::optional<BeatLedger::Entry> BeatLedger::newest_up_to(std::int64_t number) const {
  const std::lock_guard lock(mutex_);
  const auto after = beyond(number);
  if (after == entries_.begin()) return std::nullopt;
  return *std::prev(after);
}

std::optional<BeatLedger::Entry> BeatLedger::oldest_beyond(std::int64_t number) const {
  const std::lock_guard lock(mutex_);
  const auto after = beyond(number);
  if (after == entries_.end()) return std::nullopt;
  return *after;
}

}  // namespace afterwrite
