#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// How results are shown on stdout.
struct Presenting {
  bool json = false;             ///< the report, on one line
  std::filesystem::path folder;  ///< where reports lie; empty: none were written
  /// So many violations are told: in words in all, as JSON of each row. Absent: one in words, 200 a row as JSON.
  std::optional<std::size_t> entries = std::nullopt;
};

/// How many entries `--entries` asks for: a number, or `all`. Throws UsageError.
std::size_t asked_entries(const std::string& text);

/// Prints the summary for people, in colour on a terminal unless NO_COLOR is set, or the report for programs. Throws
/// EnvironmentError if stdout refuses.
void present(const History& history, const Judgement& judgement, const Presenting& presenting);
/// The same with a summary that was made already.
void present(const History& history, const Judgement& judgement, const RunSummary& summary,
             const Presenting& presenting);

}  // namespace afterwrite
