#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "harness/history/operation.hpp"

namespace afterwrite {

/// When each beat was acknowledged. Numbers and times both only grow; beats that failed or are unsure are not in it.
/// Any thread.
class BeatLedger {
 public:
  struct Entry {
    std::int64_t number = 0;
    Nanoseconds acknowledged = 0;
  };

  /// `number` must be above all numbers before it.
  void acknowledge(std::int64_t number, Nanoseconds time);

  /// Nothing if that beat was never acknowledged.
  std::optional<Nanoseconds> acknowledged_at(std::int64_t number) const;
  /// The newest acknowledged beat.
  std::optional<Entry> newest() const;
  /// The newest acknowledged beat whose number is `number` or less.
  std::optional<Entry> newest_up_to(std::int64_t number) const;
  /// The oldest acknowledged beat whose number is above `number`: the oldest that is not visible where `number` is.
  std::optional<Entry> oldest_beyond(std::int64_t number) const;

 private:
  std::vector<Entry>::const_iterator beyond(std::int64_t number) const;

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace afterwrite
