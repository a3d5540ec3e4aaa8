#pragma once

#include <nlohmann/json.hpp>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// All that the report page shows: `report` is report_json() without its witnesses and with the first of very many rows
/// and faults, of which `totals` says how many there are, `groups` the rows that a table shows instead (page_groups.hpp),
/// `violations` (page_violations.hpp), `series` and `faults` (page_series.hpp) what the page draws beyond it,
/// `again` the command of the run, `check` that of the judgement and `curve` that which makes a curve where there is none (each may be empty),
/// `is_stream` whether the history must be piped into them. Every text in it is made visible and
/// shortened. Its size is bounded whatever was recorded. Any thread may call.
nlohmann::ordered_json page_data(const History& history, const Judgement& judgement, const RunSummary& summary);

}  // namespace afterwrite
