#pragma once

#include <array>

#include "checkers/causal/pass.hpp"

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

/// Goes through a stretch of the sequence with vector clocks over the lanes `first_lane` .. `first_lane + lanes_a_pass
/// - 1`. Calls `visit(step, so_far, behind)` with what lies behind a step by its owner's earlier steps alone
/// (meaningful if it reads), and in all.
template <typename Visit>
void run_clocks(const CausalInput& input, const CausalOrder& order, CausalInput::Index first_lane, Stretch stretch,
                const Visit& visit) {
  using Index = CausalInput::Index;
  struct Places {
    std::array<Index, lanes_a_pass> of;
    void clear() { of.fill(0); }
    void merge(const Places& other) {
      for (std::size_t i = 0; i < lanes_a_pass; ++i)
        of[i] = std::max(of[i], other.of[i]);
    }
  };
  CausalPass<Places>(input, order, stretch).run([&](Index step, const Places& so_far, Places& behind) {
    if (step >= order.steps()) return;
    visit(step, CausalClock(so_far.of.data(), first_lane), CausalClock(behind.of.data(), first_lane));
    const Index lane = order.lane(step);
    if (lane != CausalOrder::none && lane - first_lane < lanes_a_pass) behind.of[lane - first_lane] = order.place(step);
  });
}

/// Over the whole sequence.
template <typename Visit>
void run_clocks(const CausalInput& input, const CausalOrder& order, CausalInput::Index first_lane, const Visit& visit) {
  run_clocks(input, order, first_lane, {0, order.nodes()}, visit);
}

}  // namespace afterwrite
