#pragma once

#include <cstdint>
#include <vector>

#include "checkers/causal/evidence.hpp"
#include "checkers/causal/input.hpp"
#include "checkers/exposure.hpp"
#include "checkers/owed.hpp"

namespace afterwrite {

/// What came of judging for causal consistency across keys.
struct CausalAnswer {
  std::vector<CausalEvidence> breaches;  ///< in order of the operations that broke it
  std::uint64_t decided = 0;
  std::uint64_t at_risk = 0;
};

/// Judges by the definition of Biswas and Enea, "On the Complexity of Checking Transactional Consistency" (OOPSLA
/// 2019), as docs/guarantees.md ("Causal") has it: T2 writes x, T2 lies causally behind T3, T3 reads x from T1, so T2
/// is older than T1; violated iff these orders, with who read from whom and the order of each owner's steps, have a
/// circle. A pure function; any thread may call.
CausalAnswer judge_causal(const CausalInput& input, const Exposure& exposure, bool one_clock);

/// Makes a violation of a breach, whose operations are those of `history`. Whose they are says `scoping`.
Violation tell_causal(const History& history, const Scoping& scoping, const CausalEvidence& breach);

}  // namespace afterwrite
