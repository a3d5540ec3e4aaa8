#pragma once

#include <string>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"

namespace afterwrite::oracle {

/// What is wrong with the evidence of a violation of `causal` in a history in which transactions are whole steps; empty
/// if nothing is: each edge follows from the operations that it cites by the definitions in docs/guarantees.md, and
/// they lead from one operation to the next round a circle that the broken operation closes.
std::string faults_of_causal_witness(const History& history, const Violation& violation, Scope scope, bool one_clock);

}  // namespace afterwrite::oracle
