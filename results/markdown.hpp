#pragma once

#include <string>
#include <string_view>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

// Any thread may call these.

/// `text` as one line that GitHub's and GitLab's Markdown show as it is, in a table too: control characters are visible, a backslash
/// is one, and no character is left that Markdown or HTML understands where it stands. Longer than `limit` bytes before that, it
/// ends in an ellipsis.
std::string markdown_text(std::string_view text, std::size_t limit = 300);

/// The same of what visible_text() was asked about already, whole: sentences of a report.
std::string markdown_line(std::string_view line);

/// A command as code that can be copied. Not for tables, where a pipe would end the cell.
std::string markdown_command(std::string_view command);

/// What a CI job's page should show of a run, as GitHub's and GitLab's Markdown: verdict, a table of rows with their
/// evidence, what changed against a baseline, the first violation shortened, how to repeat the run. Safe whatever a
/// system answered. Any thread may call.
std::string markdown_summary(const History& history, const Judgement& judgement, const RunSummary& summary);

}  // namespace afterwrite
