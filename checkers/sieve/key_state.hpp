#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "checkers/sieve/at_risk.hpp"
#include "checkers/sieve/cleared.hpp"
#include "checkers/sieve/owed_marks.hpp"
#include "checkers/sieve/recent_versions.hpp"
#include "checkers/sieve/slot_table.hpp"
#include "checkers/sieve/value_identity.hpp"
#include "harness/history/scan/hash.hpp"

namespace afterwrite {

/// What became of the writes of a value.
enum class Written : std::uint8_t {
  not_yet,  ///< it was read; its write stands further on, or nowhere
  surely,
  perhaps,  ///< `info`
  never,    ///< `fail`
};

/// One value of a key. 24 bytes: what became of its writes stands in spare bits of the value's identity.
struct VersionSlot {
  ValueIdentity value;
  std::uint64_t word = 0;  // the recorded number; else the place in the order of first mention, and above it the origin

  bool empty() const { return value.high == 0 && value.low == 0; }
  bool is(const ValueIdentity& other) const {
    return value.low == other.low && (value.high & ~written_mask) == (other.high | used);
  }
  void fill(const ValueIdentity& other) { value = {other.low, other.high | used}; }

  Written written() const { return static_cast<Written>((value.high & written_mask) >> written_shift); }
  void set(Written written) {
    value.high = (value.high & ~written_mask) | (static_cast<std::uint64_t>(written) << written_shift);
  }
  std::int64_t recorded() const { return static_cast<std::int64_t>(word); }
  std::uint32_t rank() const { return static_cast<std::uint32_t>(word); }
  Origin origin() const { return static_cast<Origin>(word >> 32U); }
  void set_origin(Origin origin) { word = (std::uint64_t{origin} << 32U) | rank(); }

  std::uint32_t hash(std::uint64_t seed) const {
    return hash_of({value.low, value.high & ~(written_mask | used)}, seed);
  }
  static std::uint32_t hash_of(const ValueIdentity& value, std::uint64_t seed) {
    return static_cast<std::uint32_t>(fold_product(value.low ^ seed, value.high ^ 0xd6e8feb86659fd93) >> 7U);
  }
  static std::uint32_t place(std::uint32_t hash, std::uint32_t capacity) {
    return static_cast<std::uint32_t>((std::uint64_t{hash} * capacity) >> 32U);
  }
  static constexpr std::uint32_t spare = 4;
  static constexpr bool alone = false;

 private:
  static constexpr std::uint64_t used = std::uint64_t{1} << 63U;
  static constexpr unsigned written_shift = 61;
  static constexpr std::uint64_t written_mask = std::uint64_t{3} << written_shift;
};
static_assert(sizeof(VersionSlot) == 24);

/// What one session has written and read of a key. In a line of the cache with one other.
struct alignas(32) SessionSlot {
  std::uint32_t session = 0;  // its number and one
  OwedMarks written;
  OwedMarks read;

  bool empty() const { return session == 0; }
  std::uint32_t hash(std::uint64_t /*seed*/) const { return session; }
  /// Sessions are numbered from 0, so that where all of them use a key, each has its place.
  static std::uint32_t place(std::uint32_t hash, std::uint32_t capacity) { return hash & (capacity - 1); }
  static constexpr std::uint32_t spare = 8;
  static constexpr bool alone = true;
};
static_assert(sizeof(SessionSlot) == 32);

/// An operation that is to be counted once the writes of what was read before it are known.
struct Waiting {
  Nanoseconds invoke = 0;
  std::int64_t number = 0;
  std::uint32_t session = 0;
  Origin origin = 0;
  bool write = false;
  bool known = false;  // the origin
};

/// What is known of one key.
struct alignas(64) KeyState {
  enum class Numbering : std::uint8_t { unknown, ranked, recorded };

  SlotTable<SessionSlot> sessions;
  SlotTable<VersionSlot> values;
  RecentVersions recent;
  std::array<std::array<std::uint32_t, owing_count>, owing_count> reads{};  // as in Cleared
  std::array<std::array<std::uint32_t, 2>, 2> writes{};
  std::int64_t epoch = 0;
  Nanoseconds instant = -1;            // of the last read without duration
  std::int64_t instant_number = 0;     // of what it returned
  std::unique_ptr<KeyRisk> risk;       // only where something may have been at risk
  std::vector<std::uint32_t> swapped;  // numbers of versions that stand after the next number's
  std::uint32_t versions = 0;
  std::uint32_t not_yet = 0;  // versions that were read and whose writes have not come
  std::uint32_t waiting = 0;  // which queue its operations wait in, and one
  Numbering numbering = Numbering::unknown;
  bool suspect = false;
  bool written = false;              // by something that did not fail
  bool nothing_after_write = false;  // a read found nothing after that, in the order of the file

  std::int64_t number_of(const VersionSlot& slot) const {
    return numbering == Numbering::recorded ? slot.recorded() : std::int64_t{slot.rank()};
  }

  /// The place of a version in the order of all, where versions are not recorded.
  std::uint32_t place(std::uint32_t number) const {
    if (swapped.empty()) return number;
    if (is_swapped(number)) return number + 1;
    return number > 0 && is_swapped(number - 1) ? number - 1 : number;
  }
  bool is_swapped(std::uint32_t number) const;
  /// Lets the version with the next number stand before this one. False if it may not.
  bool swap_with_next(std::uint32_t number);
};

/// What one session did last, on whatever keys: two operations on one key that overlap are found by it.
class LastOperations {
 public:
  /// False if an operation on this key is, or may be, still going on at `invoke`.
  bool ended(std::uint32_t key, Nanoseconds invoke) const {
    if (forgotten_ > invoke) return false;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (completes_[i] > invoke && keys_[i] == key) return false;
    }
    return true;
  }
  void add(std::uint32_t key, Nanoseconds complete) {
    if (completes_[next_] > forgotten_) forgotten_ = completes_[next_];
    keys_[next_] = key;
    completes_[next_] = complete;
    next_ = (next_ + 1) % keys_.size();
  }

 private:
  static constexpr std::size_t kept = 4;
  std::array<std::uint32_t, kept> keys_{};
  std::array<Nanoseconds, kept> completes_{-1, -1, -1, -1};
  Nanoseconds forgotten_ = -1;  // the latest completion of one that is no longer kept
  std::size_t next_ = 0;
};

}  // namespace afterwrite
