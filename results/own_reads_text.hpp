#pragma once

#include "harness/history/history.hpp"
#include "results/run_summary.hpp"
#include "results/text_layout.hpp"

namespace afterwrite {

/// The safe windows in words; or, where reports were made without a staleness curve, why, and the command that makes it.
/// Any thread may call.
void write_own_reads_text(TextLayout& out, const History& history, const RunSummary& summary, bool reports_made);

}  // namespace afterwrite
