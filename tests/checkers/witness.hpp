#pragma once

#include <string>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "tests/checkers/oracle.hpp"

namespace afterwrite::oracle {

/// What is wrong with the evidence of a register violation; empty if nothing is: the edges form a cycle, each follows
/// from the operations that it cites by the definitions in docs/guarantees.md, of a guarantee or assumption
/// that the violation names, and the operations are exactly those cited, the broken one among them.
std::string faults_of_witness(const History& history, const Violation& violation, Scope scope);

/// What is wrong with the evidence of a violation on a list; empty if nothing is: the lists that it cites show the
/// breach.
std::string faults_of_list_witness(const History& history, const Violation& violation, const Setting& setting);

/// How many edges the shortest cycle has that `operation` closes in this row, out of facts, the assumptions named and
/// the guarantee edges of the operations before that are no violations; 0 if there is none. Of no use for a null that
/// may be several versions.
std::size_t shortest_cycle(const History& history, const Setting& setting, std::size_t operation,
                           const Assumptions& assumptions);

/// The part of a history that consists of these operations alone (in order of the file).
History excerpt(const History& history, const std::vector<std::size_t>& operations);

}  // namespace afterwrite::oracle
