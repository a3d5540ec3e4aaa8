#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// Of one row at most so many witnesses go into a report; it says how many were left out. The counts count all.
inline constexpr std::size_t most_witnesses_a_row = 200;

/// The whole report for programs, as results/report.schema.json describes it. Every string in it is valid UTF-8. Any
/// thread may call.
nlohmann::ordered_json report_json(const History& history, const Judgement& judgement, const RunSummary& summary,
                                   std::size_t most_witnesses = most_witnesses_a_row);

}  // namespace afterwrite
