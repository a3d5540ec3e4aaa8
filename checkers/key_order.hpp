#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkers/key_history.hpp"
#include "checkers/version_graph.hpp"

namespace afterwrite {

/// What orders the versions of one register before any guarantee is asked for: the facts, and then one assumption after
/// the other (docs/guarantees.md, "Tiers"). Refers to the history and the key; both must outlive it.
class KeyOrder {
 public:
  /// `assumed` are the assumptions to go by. One that contradicts the facts (and the assumptions before it) is dropped.
  KeyOrder(const History& history, const KeyHistory& key, Assumptions assumed);

  /// The assumptions of each tier, the first without any.
  const std::vector<Assumptions>& tiers() const { return tiers_; }
  /// Those that this key contradicts.
  const Assumptions& dropped() const { return dropped_; }

  /// A graph of the versions (node = VersionIndex), not yet sealed, with the edges of facts and of `assumptions`.
  VersionGraph graph(const Assumptions& assumptions) const;

  /// Whether `a` is older than `b` for one single reason.
  std::optional<EdgeKind> directly_older(VersionIndex a, VersionIndex b, const Assumptions& assumptions) const;

  /// The operations that show the edge older -> newer of this kind (facts and assumptions).
  std::vector<OperationIndex> evidence(EdgeKind kind, VersionIndex older, VersionIndex newer) const;

  /// From when on a version was there for sure: its acknowledgement, else its first read. Nothing for one never seen.
  std::optional<Nanoseconds> there_since(VersionIndex version) const;

  /// What was acknowledged before this moment was there before the version, so that a node without the one lacks the other: the
  /// version's own acknowledgement. A write that nobody acknowledged may have taken effect as soon as it was invoked; one that was
  /// not recorded, at any time.
  Nanoseconds not_there_before(VersionIndex version) const;

  /// The operation from whose completion on a version's write is in effect, for its own session or for everyone; `no_operation` if
  /// it never is for sure.
  OperationIndex effect(VersionIndex version, EdgeKind kind) const;
  /// Whether what is in effect from that operation's completion on is older than this version, if the assumption holds. For
  /// realtime-writes the operation must have ended earlier: see effect_before().
  bool in_effect_before(OperationIndex effect, VersionIndex newer, EdgeKind kind) const;
  /// The operation that shows `older` to be in effect before the write of `newer` began, for its own session or for
  /// everyone; `no_operation` if none does. Where times touch that is one of the session that wrote `newer`.
  OperationIndex effect_before(VersionIndex older, VersionIndex newer, EdgeKind kind) const;

  /// How many versions the history knows that are newer than `older` (the initial state or a recorded one) and not newer than `newer`,
  /// by their recorded numbers. These number the changes of a key in some systems and those of the whole store in others, so a difference
  /// of two would say nothing. Nothing where the numbers do not tell, or are of several epochs.
  std::optional<std::int64_t> versions_between(VersionIndex older, VersionIndex newer) const;

  /// When a version was first mentioned, in order of completion: a good guess at the order of versions.
  std::uint64_t rank(VersionIndex version) const;

 private:
  /// The operation from whose completion on a write is in effect; `no_operation` if it never is for sure.
  struct Effect {
    OperationIndex own = no_operation;     // for its own session
    OperationIndex anyone = no_operation;  // for everyone
  };

  /// An operation of one session on this key that ended in the moment in which the session began a write, or such a write.
  struct Touching {
    std::string_view session;
    Nanoseconds moment;
    OperationIndex operation;
    VersionIndex version;
    bool effect;  // else the write that begins
  };

  void find_effects();
  void find_touching();
  bool shows_effect(std::size_t place) const;
  bool precedes(OperationIndex effect, OperationIndex write) const;
  bool ended_before(OperationIndex effect, OperationIndex write) const;
  void add_touching(VersionGraph& graph) const;
  void add_recorded(VersionGraph& graph) const;
  void add_writer_order(VersionGraph& graph) const;
  void add_realtime(VersionGraph& graph) const;
  void add_sweep(VersionGraph& graph, const std::vector<VersionIndex>& versions, EdgeKind kind) const;

  const History& history_;
  const KeyHistory& key_;
  std::vector<Effect> effects_;
  mutable std::vector<RecordedVersion> numbers_;  // each once, in order; made when first asked for
  std::vector<Touching> touching_;  // by session, moment and place in the file; a write without duration begins, then ends
  std::map<std::pair<VersionIndex, std::string_view>, OperationIndex> touching_effects_;  // the first of each session
  std::vector<Assumptions> tiers_;
  Assumptions dropped_;
};

}  // namespace afterwrite
