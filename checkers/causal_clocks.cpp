#include "checkers/causal_clocks.hpp"

#include <algorithm>

namespace afterwrite {

using Index = CausalInput::Index;

CausalClocks::CausalClocks(const CausalInput& input, const CausalOrder& order, Index first_lane, Stretch stretch)
    : input_(input), order_(order), first_lane_(first_lane), stretch_(stretch), kept_(stretch.end - stretch.begin) {
  for (Index at = stretch.begin; at < stretch.end; ++at) {
    order_.for_each_behind(order_.sequence()[at], [&](Index behind) {
      if (inside(behind)) ++kept(behind).uses;
    });
  }
}

Index CausalClocks::acquire() {
  if (free_.empty()) {
    clocks_.emplace_back();
    return static_cast<Index>(clocks_.size() - 1);
  }
  const Index slot = free_.back();
  free_.pop_back();
  return slot;
}

/// A clock to begin with: that of the node before, which as a rule nobody else needs.
Index CausalClocks::take_over(Index node) {
  const Index before = order_.before(node);
  if (before == none || !inside(before)) {
    const Index slot = acquire();
    clocks_[slot].fill(0);
    return slot;
  }
  Kept& from = kept(before);
  if (--from.uses == 0) return from.slot;
  const Index slot = acquire();
  clocks_[slot] = clocks_[from.slot];
  return slot;
}

void CausalClocks::merge(Places& into, Index node) {
  if (!inside(node)) return;
  Kept& kept_node = kept(node);
  const Places& from = clocks_[kept_node.slot];
  for (std::size_t i = 0; i < lanes_a_pass; ++i) into[i] = std::max(into[i], from[i]);
  if (--kept_node.uses == 0) free_.push_back(kept_node.slot);
}

void CausalClocks::run(const Visit& visit) {
  Places so_far;
  for (Index at = stretch_.begin; at < stretch_.end; ++at) {
    const Index node = order_.sequence()[at];
    const Index slot = take_over(node);
    kept(node).slot = slot;
    Places& clock = clocks_[slot];
    if (node >= order_.steps()) {
      merge(clock, order_.beside(node));
    } else {
      const Index end = input_.step_read_begin[node + 1];
      if (input_.step_read_begin[node] < end) so_far = clock;
      for (Index read = input_.step_read_begin[node]; read < end; ++read) {
        order_.for_each_source(read, [&](Index write) { merge(clock, input_.writes[write].step); });
      }
      visit(node, CausalClock(so_far.data(), first_lane_), CausalClock(clock.data(), first_lane_));
      const Index lane = order_.lane(node) - first_lane_;
      if (order_.lane(node) != none && lane < lanes_a_pass) clock[lane] = order_.place(node);
    }
    if (kept(node).uses == 0) free_.push_back(slot);
  }
}

}  // namespace afterwrite
