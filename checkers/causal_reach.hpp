#pragma once

#include <vector>

#include "checkers/causal_order.hpp"

namespace afterwrite {

/// Whether the step `first` lies causally behind the step `second`.
struct CausalQuestion {
  CausalInput::Index first = 0;
  CausalInput::Index second = 0;
};

/// Answers many at once: for each 64 lanes that are asked about one pass over the parts of the history that lie between the
/// two steps of a question.
std::vector<bool> lie_behind(const CausalInput& input, const CausalOrder& order,
                             const std::vector<CausalQuestion>& questions);

}  // namespace afterwrite
