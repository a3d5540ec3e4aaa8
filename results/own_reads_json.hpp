#pragma once

#include <nlohmann/json.hpp>

#include "results/run_summary.hpp"

namespace afterwrite {

/// The members of report.json that own reads are the basis of: `staleness_curve`, `safe_window` and `windows_in_use`. A pure
/// function; any thread may call.
nlohmann::ordered_json own_reads_json(const OwnReadSummary& own);

}  // namespace afterwrite
