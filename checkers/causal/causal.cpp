#include "checkers/causal/causal.hpp"

#include <algorithm>
#include <optional>

#include "checkers/causal/exposure.hpp"
#include "checkers/causal/search.hpp"
#include "checkers/causal/witness.hpp"

namespace afterwrite {

namespace {

/// How long what was owed had been there: since its acknowledgement, else since it was first seen on the way.
void measure(const History& history, const CausalEvidence& breach, Violation& violation) {
  const Operation& wanted = history.operations[breach.owed];
  const Operation& read = history.operations[breach.read];
  violation.expected = wanted.value;
  std::optional<Nanoseconds> since;
  if (wanted.outcome == Outcome::ok) since = wanted.complete;
  for (const Edge& edge : violation.cycle) {
    if (edge.kind != EdgeKind::reads_from || edge.operations.front() != breach.owed) continue;
    const Nanoseconds seen = history.operations[edge.operations.back()].complete;
    if (!since || seen < *since) since = seen;
  }
  if (since) violation.staleness_ms = static_cast<double>(std::max<Nanoseconds>(read.invoke - *since, 0)) / 1e6;
}

}  // namespace

CausalAnswer judge_causal(const CausalInput& input, const Exposure& exposure, bool one_clock) {
  const CausalOrder order(input);
  const CausalWrites writes(input, order);
  const CausalFindings findings = find_causal_breaches(input, order, writes);
  CausalAnswer answer;
  CausalWitness witness(input, order);
  for (const CausalBreach& breach : findings.breaches)
    answer.breaches.push_back(witness.evidence(breach));
  const CausalMeasure measure = measure_causal(input, order, writes, findings, exposure, one_clock);
  answer.decided = measure.decided;
  answer.at_risk = measure.at_risk;
  return answer;
}

Violation tell_causal(const History& history, const Scoping& scoping, const CausalEvidence& breach) {
  const auto& all = history.operations;
  Violation violation;
  violation.guarantees = only(Guarantee::causal);
  violation.operation = breach.read;
  violation.scope_name = scoping.names[scoping.of[breach.read]];
  violation.key = all[breach.read].key;
  violation.observed = all[breach.read].value;
  violation.expected = violation.observed;
  violation.operations.push_back(breach.read);
  for (const CausalEvidence::Link& link : breach.circle) {
    const Value older = link.older == CausalInput::none ? Value{} : all[link.older].value;
    violation.cycle.push_back(
        {link.kind, older, all[link.newer].value, {link.operations.begin(), link.operations.end()}});
    violation.operations.insert(violation.operations.end(), link.operations.begin(), link.operations.end());
  }
  std::sort(violation.operations.begin(), violation.operations.end());
  violation.operations.erase(std::unique(violation.operations.begin(), violation.operations.end()),
                             violation.operations.end());
  if (breach.owed != CausalInput::none) measure(history, breach, violation);
  return violation;
}

}  // namespace afterwrite
