#pragma once

#include <string>
#include <string_view>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// `text` as one line that Markdown shows as it is, in a table too: control characters visible, and no character left
/// that Markdown or HTML understands. Longer than `limit` bytes before that, it ends in an ellipsis. Any thread may
/// call.
std::string markdown_text(std::string_view text, std::size_t limit = 300);

/// What a CI job's page should show of a run, as GitHub's and GitLab's Markdown: verdict, a table of rows with their
/// evidence, what changed against a baseline, the first violation shortened, how to repeat the run. Safe whatever a
/// system answered. Any thread may call.
std::string markdown_summary(const History& history, const Judgement& judgement, const RunSummary& summary);

}  // namespace afterwrite
