#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "checkers/judgement.hpp"

namespace afterwrite {

/// Index of an operation in History::operations.
using OperationIndex = std::uint32_t;
inline constexpr OperationIndex no_operation = 0xffffffff;

/// Index of a version in KeyHistory::versions.
using VersionIndex = std::uint32_t;
inline constexpr VersionIndex initial_version = 0;

/// Operations that some guarantee was found to be broken by.
using Flagged = std::unordered_set<OperationIndex>;

struct ScalarHash {
  std::size_t operator()(const Scalar& scalar) const;
};

/// One written state of a register.
struct Version {
  Value value;                           ///< null for the initial state and for a delete
  OperationIndex write = no_operation;   ///< none for the initial state and for a value whose write is not recorded
  Outcome outcome = Outcome::ok;         ///< of that write
  bool removal = false;
  std::optional<RecordedVersion> recorded;
  OperationIndex recorded_by = no_operation;
  OperationIndex first_read = no_operation;  ///< the read of anyone that completed first
};

/// What a read of a register returned, or a write made.
enum class Sight : std::uint8_t {
  version,         ///< exactly one version
  ambiguous_null,  ///< nothing there: the initial state, or one of several deletes
  none,            ///< nothing to judge: no answer, a failed write, or an anomaly
};

/// When an operation was under way by itself, whatever transaction it is part of.
struct OwnTimes {
  Nanoseconds invoke = 0;
  Nanoseconds complete = 0;
};

/// Deletes that a null read may have seen: those of the runs, except those that the read came before.
struct SeenRemovals {
  /// In order of invocation. All reads of one session get the same runs, only that they grow; they may be empty.
  std::vector<std::span<const VersionIndex>> runs;
  std::vector<VersionIndex> after_read;  ///< of the runs

  bool contains(VersionIndex of_a_run) const;
  std::size_t count() const;
};

/// The deletes of one key that did not fail, so laid out that those which a null read may have seen are found at once: those of
/// one session, or of all where their times compare, in order of invocation.
class Removals {
 public:
  void add(VersionIndex version, const std::string& session, Nanoseconds invoke, bool one_clock);
  /// To be called after the last add().
  void sort();

  /// Those invoked no later than `complete`, as far as times compare with those of the session: its own run first.
  std::vector<std::span<const VersionIndex>> invoked_by(const std::string& session, Nanoseconds complete) const;

 private:
  struct Track {
    std::vector<std::pair<Nanoseconds, VersionIndex>> added;
    std::vector<VersionIndex> versions;
  };
  bool one_clock_ = false;
  std::map<std::string, Track> tracks_;  // by session, or one for all under ""
};

/// All operations on one key, sorted out: which version each of them wrote or saw.
struct KeyHistory {
  std::string key;
  bool list = false;
  std::vector<OperationIndex> operations;  ///< in order of completion
  std::vector<Sight> sights;               ///< of each of them
  std::vector<VersionIndex> seen;          ///< the version, where the sight is `version`
  std::vector<Version> versions;           ///< registers only; [0] is the initial state
  Removals removals;                       ///< those of them that deletes made
  /// Of each operation: whether it is a read after its own transaction's write of this key, which no guarantee judges.
  /// Empty if nothing is part of a transaction.
  std::vector<bool> internal;
  /// Why this key cannot be judged in full (a value written twice ...); empty if it can.
  std::string doubt;
};

/// Breaches of something else than a session guarantee, counted by name.
struct Anomalies {
  std::map<std::string, std::uint64_t> counts;
  std::vector<std::string> examples;  ///< at most a few of each kind

  void add(const std::string& name, std::string example);
};

/// What the sorting needs to know besides the history.
struct SortingRules {
  bool one_clock = false;   ///< times of different sessions compare
  bool unfinished = false;  ///< truncated or live: an unknown value may be a write in flight
  bool any_delete = false;  ///< something is deleted, by operations that are not among those to be sorted
  /// By operation, where operations bear the times of their whole transaction; null: they bear their own.
  const std::vector<OwnTimes>* own_times = nullptr;
};
OwnTimes own_times(const History& history, OperationIndex operation, const SortingRules& rules);

/// Sorts the operations by key, in order of first appearance, and finds the anomalies of registers. The operations of a
/// transaction stand together (checkers/transactions.hpp). `unexplained` counts values read
/// whose write is not recorded in an unfinished history; `ambiguous_nulls` the reads that could be of several deletes.
struct SortedHistory {
  std::vector<KeyHistory> keys;
  Anomalies anomalies;
  std::uint64_t unexplained = 0;
  std::uint64_t ambiguous_nulls = 0;
  bool deletes_in_flight = false;  ///< the history is unfinished and deletes: one more may have been under way
};
SortedHistory sort_by_key(const History& history, const SortingRules& rules);

/// The deletes that a null read may have seen: invoked before it completed, as far as times compare. One of its own session that it
/// precedes is none of them, nor one that stands after it in its transaction.
SeenRemovals seen_removals(const History& history, const KeyHistory& key, std::size_t place, const SortingRules& rules);

/// Whether a read had ended before this write of what it returned began. In one transaction the order of the file says so. Else where the times touch, a session's own read precedes its write
/// if it stands first in the file; between sessions nothing tells which of two equal moments came first, and who is in doubt is not
/// said to have read the future.
bool reads_future(const History& history, OperationIndex read, OperationIndex write, const SortingRules& rules);

}  // namespace afterwrite
