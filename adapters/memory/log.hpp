#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/history/operation.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite::memory {

/// The number of an entry, from 1; 0 stands before all.
using Index = std::int64_t;

/// A place in the log, spelled `EPOCH/INDEX`. A later epoch is later.
struct Position {
  std::int64_t epoch = 0;
  Index index = 0;
  auto operator<=>(const Position&) const = default;
};
std::string to_string(Position position);
/// Nothing if `text` is no position of this system.
std::optional<Position> parse_position(std::string_view text);

/// What a key holds. The value is shared by the log and all nodes, and never changes.
struct KeyState {
  std::shared_ptr<const Value> value;
  RecordedVersion version;  ///< 0 in epoch 0: never written

  bool never_written() const { return version == RecordedVersion{}; }
};

/// One change of one key.
struct Entry {
  std::string key;
  std::int64_t epoch = 0;
  Clock::time_point committed;
  KeyState before;
  KeyState after;
};

/// What the leader did, in order: the replication stream. Guarded by its owner.
class Log {
 public:
  /// The number of the last entry; 0 if there was none.
  Index end() const { return forgotten_ + static_cast<Index>(entries_.size()); }
  /// Entries up to this one are no longer kept.
  Index forgotten() const { return forgotten_; }
  /// forgotten() < index <= end().
  const Entry& at(Index index) const;

  void append(Entry entry) { entries_.push_back(std::move(entry)); }
  /// Drops what is after `end`.
  void truncate(Index end);
  /// Drops what is up to `index`, to bound memory.
  void forget(Index index);

 private:
  std::deque<Entry> entries_;
  Index forgotten_ = 0;
};

}  // namespace afterwrite::memory
