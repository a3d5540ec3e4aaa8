#pragma once

#include <string>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// The report as one HTML page that needs nothing else: no network, no other file. Less than 2 MB whatever was
/// recorded. Any thread may call.
std::string report_page(const History& history, const Judgement& judgement, const RunSummary& summary);

}  // namespace afterwrite
