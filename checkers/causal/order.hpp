#pragma once

#include <unordered_map>
#include <vector>

#include "checkers/causal/input.hpp"
#include "checkers/components.hpp"

namespace afterwrite {

/// What lies causally behind what: the order of each owner's steps and who read from whom ("so" and "wr" of Biswas and
/// Enea 2019), without the reads that contradict it.
///
/// A step of an owner follows all sure steps of that owner that precede it: those with which it does not overlap. Nodes
/// are the steps and, after them, joints: where an owner's steps overlap, a joint stands for all that it had done by
/// some moment. Linear in the number of steps, after sorting; no recursion. Refers to the input, which must outlive it.
class CausalOrder {
 public:
  using Index = CausalInput::Index;
  static constexpr Index none = CausalInput::none;

  explicit CausalOrder(const CausalInput& input);

  /// The reads whose write follows from the read itself, as far as those that stand before them allow: each would close
  /// a cycle. They draw nothing.
  const std::vector<Index>& contradictions() const { return contradictions_; }
  bool contradicts(Index read) const { return !dropped_.empty() && dropped_[read]; }

  Index nodes() const { return static_cast<Index>(before_.size()); }
  /// The node that stands for all that the step's owner had done before it; a joint's first part. Or none.
  Index before(Index node) const { return before_[node]; }
  /// What else a joint stands for; none of a step.
  Index beside(Index node) const { return node < steps() ? none : beside_[node - steps()]; }
  Index steps() const { return static_cast<Index>(input_.steps.size()); }

  /// All nodes, each after what lies behind it, and otherwise as the steps stand; and each node's place in that.
  const std::vector<Index>& sequence() const { return sequence_; }
  Index at(Index node) const { return at_[node]; }

  /// Each sure step is on a lane, on which every step precedes the next: an owner has as many as it has steps that
  /// overlap. An unsure one has a lane to itself if it was seen, else none; these come last. Places on a lane count
  /// from 1.
  Index lanes() const { return lanes_; }
  /// The first so many lanes are worth clocks: those of sure steps, unless there are too many of them.
  Index clocked_lanes() const { return sure_lanes_ <= most_clocked ? sure_lanes_ : 0; }
  Index lane(Index step) const { return lane_[step]; }
  Index place(Index step) const { return place_[step]; }

  /// The steps of one owner that are sure, in order of completion. Those that precede a step are the first ones, and, where
  /// the owner has several sessions, touching().
  Index owned_begin(Index owner) const { return owned_begin_[owner]; }
  Index owned(Index at) const { return owned_[at]; }
  Index preceding(Index step) const { return preceding_[step]; }  ///< how many
  /// The sure steps of its own session that ended in the moment in which the step began, unless all of the owner's did that
  /// count already; of those that one of them follows, that one alone.
  const std::vector<Index>& touching(Index step) const;
  /// Whether no two steps of the owner overlap.
  bool sequential(Index owner) const { return sequential_[owner]; }

  /// Calls `take(write)` for each write that a read saw for sure and that nothing before it puts behind it, unless it
  /// contradicts. Steps never read from themselves.
  template <typename Take>
  void for_each_source(Index read, const Take& take) const {
    const CausalInput::Read& r = input_.reads[read];
    if (contradicts(read) || r.source == CausalInput::unclear) return;
    if (!input_.holds_list[r.key]) {
      if (r.source != CausalInput::initial_state) take(r.source);
      return;
    }
    const CausalInput::Shown& shown = input_.lists[r.source];
    // What the owner saw before lies behind it anyway, unless that read was dropped.
    for (Index i = dropped_.empty() ? shown.fresh : shown.begin; i < shown.end; ++i)
      take(input_.elements[i]);
  }

  /// Calls `take(node)` for each node right behind this one.
  template <typename Take>
  void for_each_behind(Index node, const Take& take) const {
    if (before_[node] != none) take(before_[node]);
    if (beside(node) != none) take(beside(node));
    if (node >= steps()) return;
    for (Index read = input_.step_read_begin[node]; read < input_.step_read_begin[node + 1]; ++read) {
      for_each_source(read, [&](Index write) { take(input_.writes[write].step); });
    }
  }

 private:
  void order_owners();
  bool of_several_sessions(const std::vector<Index>& steps) const;
  void order_owner(Index owner, const std::vector<Index>& steps);
  void follow(Index step, const std::vector<Index>& touching);
  void assign_lanes(const std::vector<Index>& steps);
  void find_seen();
  bool arrange();
  bool place_after_all_behind(Index root, std::vector<std::uint8_t>& state, std::vector<Index>& waiting);
  void drop_contradictions();

  const CausalInput& input_;
  std::vector<bool> seen_;  // by step: whether a read saw a write of it
  std::vector<Index> before_;
  std::vector<Index> beside_;
  std::vector<Index> sequence_;
  std::vector<Index> at_;
  static constexpr Index most_clocked = 512;
  Index lanes_ = 0;
  Index sure_lanes_ = 0;
  std::vector<Index> lane_;
  std::vector<Index> place_;
  std::vector<Index> owned_begin_;
  std::vector<Index> owned_;
  std::vector<Index> preceding_;
  std::unordered_map<Index, std::vector<Index>> touching_;
  std::vector<bool> sequential_;
  std::vector<bool> dropped_;  // by read; empty if none is
  std::vector<Index> contradictions_;
};

}  // namespace afterwrite
