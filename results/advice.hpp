#pragma once

#include <string>
#include <vector>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// What to do next, the most useful first: which policies avoid what was found, how to come from `unknown` to a
/// verdict, how to make `held` say more. A few sentences, safe to print. Any thread may call.
std::vector<std::string> advice(const History& history, const Judgement& judgement, const RunSummary& summary);

}  // namespace afterwrite
