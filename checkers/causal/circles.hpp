#pragma once

#include <vector>

#include "checkers/causal/search.hpp"

namespace afterwrite {

/// What the search for circles of several arcs works on. Refers to what others own; they outlive it.
struct CausalSubject {
  const CausalInput& input;
  const CausalOrder& order;
  const CausalWrites& writes;
  const std::vector<bool>& broken;  ///< by read: found to break causal consistency already; its arcs are left out
};

/// Of arcs that go against the sequence, none of them a circle with what lies behind what: which reads close a circle
/// if all reads draw their arcs in order. A circle lies between the ends of arcs that go against the sequence, so only
/// there are the other arcs looked for.
std::vector<CausalBreach> find_circles(const CausalSubject& subject, const std::vector<CausalArc>& against);

}  // namespace afterwrite
