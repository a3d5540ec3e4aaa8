#pragma once

#include <string>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// One JUnit test suite: a test case for each row asked for. `violated` is a failure that tells the first witness,
/// `unknown` an error that gives the reason, nothing is skipped. Rows of control sessions accuse nobody and are left
/// out. Any thread may call.
std::string junit_xml(const History& history, const Judgement& judgement, const RunSummary& summary);

}  // namespace afterwrite
