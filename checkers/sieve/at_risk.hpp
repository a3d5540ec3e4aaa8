#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "checkers/sieve/cleared.hpp"
#include "checkers/sieve/owed_marks.hpp"
#include "checkers/sieve/slot_table.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

// What was at risk on a cleared key (docs/guarantees.md, "At risk") shows only when all later reads and lag samples are
// known. A first pass over the file collects them here, a second one asks.

/// Reads of one key that returned a version although another, newer in their order, had been mentioned before they
/// began: of these, those that no later read undercuts.
class Staircase {
 public:
  void add(Nanoseconds invoke, std::int64_t number);
  /// The least number that any of them returned that was invoked after `moment`; the greatest there is if none was.
  std::int64_t oldest_after(Nanoseconds moment) const;

 private:
  struct Step {
    Nanoseconds invoke;
    std::int64_t number;
  };
  std::vector<Step> steps_;  // both grow
};

/// The stale reads of one key. Where only versions of one writer are known to be older than others, those of each
/// writer stand by themselves.
struct StaleReads {
  Staircase all;
  std::map<Origin, Staircase> by_writer;
};

/// What all lag samples together say of each moment. Immutable; any thread may ask.
class LagTimeline {
 public:
  explicit LagTimeline(const std::vector<LagSample>& samples);

  /// False if no node was ever seen to be behind.
  bool any_behind() const { return any_behind_; }
  /// Of the first sample of each node after this moment, the oldest invisible beat: what was acknowledged later could
  /// not yet be shown everywhere. Of a node with samples in that very moment, the least that all of these show. The
  /// greatest time there is if nothing was invisible.
  Nanoseconds invisible_since(Nanoseconds invoke) const;

 private:
  struct Until {
    Nanoseconds time;           // of the sample: it speaks of moments up to it, and after the one before
    Nanoseconds oldest_then;    // of that very moment
    Nanoseconds oldest_before;  // of those before
  };
  std::vector<Until> until_;
  bool any_behind_ = false;
};

/// What a chain of owed versions (OwedMarks) adds up to for the question of what was at risk.
struct OwedRisk {
  Nanoseconds since = -1;   ///< the latest moment from which on one of them was there for sure
  std::uint32_t older = 0;  ///< without numbers: the newest version that is known to be older than one of them
  std::uint16_t after = 0;  ///< how many are behind the one that is known of
  bool of_first = false;    ///< that is the first of all

  /// False if the exact judge, which asks only of the first and the latest of them, might know less.
  bool push(Nanoseconds there_since, Origin origin);
};

/// At-risk accounting of one key in the second pass. Its tables lie in `memory`, which outlives it.
struct KeyRisk {
  explicit KeyRisk(BlockMemory& tables) : memory(tables) {}
  ~KeyRisk() {
    sessions.clear(memory);
    acknowledged.clear(memory);
  }
  KeyRisk(const KeyRisk&) = delete;
  KeyRisk& operator=(const KeyRisk&) = delete;

  struct Session {
    std::uint32_t session = 0;  // its number and one
    OwedRisk written;
    OwedRisk read;

    bool empty() const { return session == 0; }
    static std::uint32_t hash_of(std::uint32_t session) { return session * 0x9e3779b9U; }
    std::uint32_t hash(std::uint64_t /*seed*/) const { return hash_of(session); }
    static std::uint32_t place(std::uint32_t hash, std::uint32_t capacity) {
      return static_cast<std::uint32_t>((std::uint64_t{hash} * capacity) >> 32U);
    }
    static constexpr std::uint32_t spare = 4;
    static constexpr bool alone = false;
  };
  struct Acknowledged {
    std::int64_t number = 0;
    Nanoseconds moment_and_one = 0;

    bool empty() const { return moment_and_one == 0; }
    static std::uint32_t hash_of(std::int64_t number) {
      return static_cast<std::uint32_t>((static_cast<std::uint64_t>(number) * 0x9e3779b97f4a7c15) >> 32U);
    }
    std::uint32_t hash(std::uint64_t /*seed*/) const { return hash_of(number); }
    static std::uint32_t place(std::uint32_t hash, std::uint32_t capacity) {
      return static_cast<std::uint32_t>((std::uint64_t{hash} * capacity) >> 32U);
    }
    static constexpr std::uint32_t spare = 4;
    static constexpr bool alone = false;
  };

  BlockMemory& memory;
  StaleReads stale;
  SlotTable<Session> sessions;
  SlotTable<Acknowledged> acknowledged;
  AtRisk counts;

  Session& of_session(std::uint32_t session);
  Acknowledged& of_version(std::int64_t number);
  void acknowledge(std::int64_t number, Nanoseconds moment);
  Nanoseconds acknowledged_at(std::int64_t number);
};

/// What the second pass goes by: the samples, and by the sieve's number of each key what the first pass saw of it.
struct Exposed {
  std::shared_ptr<const LagTimeline> timeline;
  std::vector<StaleReads> stale;
};

}  // namespace afterwrite
