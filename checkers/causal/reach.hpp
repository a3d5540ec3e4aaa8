#pragma once

#include <vector>

#include "checkers/causal/order.hpp"

namespace afterwrite {

/// Whether the step `first` lies causally behind the step, or is part of what the joint `second` stands for.
struct CausalQuestion {
  CausalInput::Index first = 0;
  CausalInput::Index second = 0;
};

/// Answers many at once, by passes over the parts of the history that lie between the two steps of a question: one for
/// each 64 lanes that clocks are kept for, and one for each few hundred steps on other lanes that stand near each
/// other.
std::vector<bool> lie_behind(const CausalInput& input, const CausalOrder& order,
                             const std::vector<CausalQuestion>& questions);

}  // namespace afterwrite
