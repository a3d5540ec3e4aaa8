#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

struct SummaryOptions {
  bool colour = false;  ///< escapes for a terminal
  /// Where write_reports() put the reports; named at the end unless empty.
  std::filesystem::path folder;
  std::size_t entries = 1;   ///< so many violations are told as stories
  std::size_t columns = 100;  ///< where lines are wrapped, those that people copy excepted
};

/// What a person should see first: the verdict, the evidence for it, the first witnesses as stories, what the policy
/// cost, what was injected and whether it bit, what else was found, and what to do next. Safe to print whatever a
/// system answered. Any thread may call.
std::string summary_text(const History& history, const Judgement& judgement, const RunSummary& summary,
                         const SummaryOptions& options = {});

}  // namespace afterwrite
