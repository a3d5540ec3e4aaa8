#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "checkers/causal/order.hpp"

namespace afterwrite {

/// A part of the sequence: places `begin` to `end` (exclusive).
struct Stretch {
  CausalInput::Index begin = 0;
  CausalInput::Index end = 0;
};

/// Goes once through a stretch of the sequence and hands on what is known of what lies behind each node, kept only as
/// long as a later node needs it. Whether a step of the stretch lies behind another one of it depends on nothing
/// outside. `Known` is a plain value: `clear()`, and `merge(const Known&)` for what lies behind two nodes.
template <typename Known>
class CausalPass {
 public:
  using Index = CausalInput::Index;

  CausalPass(const CausalInput& input, const CausalOrder& order, Stretch stretch)
      : input_(input), order_(order), stretch_(stretch), kept_(stretch.end - stretch.begin) {
    for (Index at = stretch.begin; at < stretch.end; ++at) {
      order_.for_each_behind(order_.sequence()[at], [&](Index behind) {
        if (inside(behind)) ++kept(behind).uses;
      });
    }
  }

  /// Calls `visit(node, so_far, known)` for each node: what lies behind it by its owner's earlier steps alone
  /// (meaningful if it is a step that reads), and in all; to the latter it adds the step itself, for those that come
  /// after.
  template <typename Visit>
  void run(const Visit& visit) {
    Known so_far;
    so_far.clear();
    for (Index at = stretch_.begin; at < stretch_.end; ++at) {
      const Index node = order_.sequence()[at];
      const Index slot = take_over(node);
      kept(node).slot = slot;
      Known& known = all_[slot];
      if (node >= order_.steps()) {
        merge(known, order_.beside(node));
      } else {
        const Index end = input_.step_read_begin[node + 1];
        if (input_.step_read_begin[node] < end) so_far = known;
        for (Index read = input_.step_read_begin[node]; read < end; ++read) {
          order_.for_each_source(read, [&](Index write) { merge(known, input_.writes[write].step); });
        }
      }
      visit(node, so_far, known);
      if (kept(node).uses == 0) free_.push_back(slot);
    }
  }

 private:
  static constexpr Index none = CausalInput::none;
  struct Kept {
    Index uses = 0;     // nodes that have yet to look at what is known
    Index slot = none;  // where that is
  };

  bool inside(Index node) const { return order_.at(node) - stretch_.begin < kept_.size(); }
  Kept& kept(Index node) { return kept_[order_.at(node) - stretch_.begin]; }

  Index acquire() {
    if (free_.empty()) {
      all_.emplace_back();
      return static_cast<Index>(all_.size() - 1);
    }
    const Index slot = free_.back();
    free_.pop_back();
    return slot;
  }

  /// To begin with: what was known at the node before, which as a rule nobody else needs.
  Index take_over(Index node) {
    const Index before = order_.before(node);
    if (before == none || !inside(before)) {
      const Index slot = acquire();
      all_[slot].clear();
      return slot;
    }
    Kept& from = kept(before);
    if (--from.uses == 0) return from.slot;
    const Index slot = acquire();
    all_[slot] = all_[from.slot];
    return slot;
  }

  void merge(Known& into, Index node) {
    if (!inside(node)) return;
    Kept& from = kept(node);
    into.merge(all_[from.slot]);
    if (--from.uses == 0) free_.push_back(from.slot);
  }

  const CausalInput& input_;
  const CausalOrder& order_;
  Stretch stretch_;
  std::vector<Kept> kept_;
  std::vector<Known> all_;
  std::vector<Index> free_;
};

}  // namespace afterwrite
