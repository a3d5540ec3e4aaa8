#pragma once

#include <array>
#include <functional>
#include <vector>

#include "checkers/causal_order.hpp"

namespace afterwrite {

/// So many lanes are looked at in one pass over the history: what a pass takes grows with it, and so does what a clock
/// takes for each write that is yet to be read.
inline constexpr CausalInput::Index lanes_a_pass = 64;

/// What lies causally behind a step: of each lane of a pass, how many of its steps.
class CausalClock {
 public:
  using Index = CausalInput::Index;

  CausalClock(const Index* places, Index first_lane) : places_(places), first_lane_(first_lane) {}
  /// Of a lane of this pass. If no step of it lies behind in the stretch that is looked at, 0.
  Index operator[](Index lane) const { return places_[lane - first_lane_]; }
  bool covers(Index lane) const { return lane - first_lane_ < lanes_a_pass; }

 private:
  const Index* places_;
  Index first_lane_;
};

/// A part of the sequence: places `begin` to `end` (exclusive).
struct Stretch {
  CausalInput::Index begin = 0;
  CausalInput::Index end = 0;
};

/// Vector clocks over the lanes `first_lane` .. `first_lane + lanes_a_pass - 1`, kept only as long as a later step needs them,
/// over the whole sequence or a stretch of it: whether a step of the stretch lies behind another one of it depends on
/// nothing outside.
class CausalClocks {
 public:
  using Index = CausalInput::Index;

  CausalClocks(const CausalInput& input, const CausalOrder& order, Index first_lane, Stretch stretch);
  CausalClocks(const CausalInput& input, const CausalOrder& order, Index first_lane)
      : CausalClocks(input, order, first_lane, {0, order.nodes()}) {}

  /// Gets a step, what lies behind it by its owner's earlier steps alone (meaningful if it reads), and what lies behind
  /// it in all.
  using Visit = std::function<void(Index step, const CausalClock& so_far, const CausalClock& behind)>;
  /// Goes through the steps in sequence.
  void run(const Visit& visit);

 private:
  using Places = std::array<Index, lanes_a_pass>;
  static constexpr Index none = CausalInput::none;
  /// What is kept of a node of the stretch.
  struct Kept {
    Index uses = 0;     // nodes that have yet to look at its clock
    Index slot = none;  // where its clock is
  };

  bool inside(Index node) const { return order_.at(node) - stretch_.begin < kept_.size(); }
  Kept& kept(Index node) { return kept_[order_.at(node) - stretch_.begin]; }
  Index acquire();
  Index take_over(Index node);
  void merge(Places& into, Index node);

  const CausalInput& input_;
  const CausalOrder& order_;
  Index first_lane_;
  Stretch stretch_;
  std::vector<Kept> kept_;
  std::vector<Places> clocks_;
  std::vector<Index> free_;
};

}  // namespace afterwrite
