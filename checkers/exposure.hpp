#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "checkers/key_order.hpp"
#include "checkers/owed.hpp"

namespace afterwrite {

/// What the lag samples and failovers of a history say about reads that could have been stale (docs/guarantees.md, "At risk").
class Exposure {
 public:
  explicit Exposure(const History& history);

  /// False if no lag was sampled: then only what others were seen to miss counts.
  bool sampled() const { return !samples_.empty(); }

  /// Condition 1: at some reachable node, the first sample after `invoke` (and any in that very moment) shows an invisible beat
  /// that was acknowledged before `owed_since`.
  bool behind(Nanoseconds invoke, Nanoseconds owed_since) const;

  /// Condition 3: what was acknowledged at `owed_since` is newer than anything that a node promoted before `invoke` had.
  bool lost(Nanoseconds invoke, Nanoseconds owed_since) const;
  /// The moment of the first promotion that lost it, if one did.
  std::optional<Nanoseconds> lost_from(Nanoseconds owed_since) const;
  bool any_failover() const { return !promotions_.empty(); }

 private:
  struct Sample {
    Nanoseconds time;
    std::optional<Nanoseconds> beat_acknowledged;  // absent: nothing invisible, or the node did not answer
  };
  struct Promotion {
    Nanoseconds time;
    Nanoseconds newest_beat;
  };
  std::map<std::string, std::vector<Sample>> samples_;
  std::vector<Promotion> promotions_;
};

/// Condition 2 for one register: whether a read invoked after some moment returned a provably older version.
class LaterReads {
 public:
  LaterReads(const History& history, const KeyHistory& key, const KeyOrder& order, bool one_clock);

  /// What reads after some moment showed, to be asked about one version after the other.
  class Since;
  /// `session` is the asking read's: without one clock only its own later reads compare.
  Since since(const std::string& session, Nanoseconds invoke) const;

 private:
  /// Reads in order of invocation, each with the oldest version from there on, by one measure: the version itself, or the operation
  /// from whose completion on it was in effect.
  struct Track {
    std::vector<Nanoseconds> invokes;
    std::vector<std::uint32_t> oldest;
  };
  struct Tracks {
    Track initial;
    Track recorded;
    std::unordered_map<std::string_view, Track> by_writer;  // in effect for the writer's session
    Track in_effect;                                        // in effect for everyone
    bool all_recorded = true;  // every version that these reads returned bears a number
  };
  static std::optional<std::uint32_t> oldest_since(const Track& track, Nanoseconds invoke);

  const KeyHistory& key_;
  const History& history_;
  const KeyOrder& order_;
  bool one_clock_;
  std::unordered_map<std::string_view, Tracks> tracks_;  // by session, or one for all under ""
};

class LaterReads::Since {
 public:
  /// True if one of those reads returned a version that is older than this one for one single reason.
  bool show_older_than(VersionIndex version, const Assumptions& tier) const;

 private:
  friend class LaterReads;
  const LaterReads* later_ = nullptr;
  const Tracks* tracks_ = nullptr;
  Nanoseconds invoke_ = 0;
  std::optional<VersionIndex> initial_;
  std::optional<VersionIndex> recorded_;
  std::optional<OperationIndex> in_effect_;
};

/// How much a set of guarantees was put to the test on one register.
struct Measure {
  std::uint64_t decided = 0;
  std::uint64_t at_risk = 0;
  Assumptions assumptions;  ///< those without which fewer would be decided
};
struct MeasureSubject {
  const History& history;
  const KeyHistory& key;
  const KeyOrder& order;
  const SessionViews& views;
  const std::vector<bool>& in_group;
  const Exposure& exposure;
  const LaterReads& later;
};
/// `broken` holds the operations that were found to be violations of the set or of one of its members. Those that were decided are
/// also named in `decided`, unless that is null.
Measure measure_register(const MeasureSubject& subject, Guarantees set, const Flagged& broken,
                         std::vector<OperationIndex>* decided = nullptr);

}  // namespace afterwrite
