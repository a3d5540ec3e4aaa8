#pragma once

#include "checkers/causal/search.hpp"
#include "checkers/exposure.hpp"

namespace afterwrite {

/// How much causal consistency was put to the test (docs/guarantees.md, "Causal").
struct CausalMeasure {
  std::uint64_t decided = 0;
  std::uint64_t at_risk = 0;
};

/// A read is owed what lies behind its owner's earlier steps. It is at risk as any other read is, for the newest of
/// that; as for what others were later seen to miss, the oldest of their reads is asked about alone, so that a few may
/// be left out.
CausalMeasure measure_causal(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes,
                             const CausalFindings& findings, const Exposure& exposure, bool one_clock);

}  // namespace afterwrite
