#include "checkers/causal.hpp"

#include "checkers/causal_exposure.hpp"
#include "checkers/causal_search.hpp"
#include "checkers/causal_witness.hpp"

namespace afterwrite {

CausalAnswer judge_causal(const History& history, const CausalInput& input, const Scoping& scoping,
                          const Exposure& exposure, bool one_clock) {
  const CausalOrder order(input);
  const CausalWrites writes(input, order);
  const CausalFindings findings = find_causal_breaches(input, order, writes);
  CausalAnswer answer;
  CausalWitness witness(history, scoping, input, order);
  for (const CausalBreach& breach : findings.breaches)
    answer.violations.push_back(witness.violation(breach));
  const CausalMeasure measure = measure_causal(history, input, order, writes, findings, exposure, one_clock);
  answer.decided = measure.decided;
  answer.at_risk = measure.at_risk;
  return answer;
}

}  // namespace afterwrite
