#include "results/row_words.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/history/text.hpp"
#include "results/quantities.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {
namespace {

/// What is at risk: reads, unless the guarantee speaks of writes or of both.
std::string_view subject(const Guarantees& guarantees) {
  const bool reads = has(guarantees, Guarantee::read_your_writes) || has(guarantees, Guarantee::monotonic_reads);
  const bool writes = has(guarantees, Guarantee::monotonic_writes) || has(guarantees, Guarantee::writes_follow_reads);
  return reads && writes ? "operation" : writes ? "write" : "read";
}

std::string_view what_they_did(const Guarantees& guarantees, bool one) {
  if (guarantees.count() > 1) return "broke only the guarantees jointly";
  if (has(guarantees, Guarantee::read_your_writes)) return one ? "was stale" : "were stale";
  if (has(guarantees, Guarantee::monotonic_reads)) return "went back to an older state";
  if (has(guarantees, Guarantee::monotonic_writes)) return "overtook an earlier write of its session";
  return "overtook a write that its session had read";
}

std::string at_risk(const Row& row) {
  return fmt::format("{} at-risk {}{}", row.at_risk, subject(row.guarantees), row.at_risk == 1 ? "" : "s");
}

/// Of registers and lists alike; a write that was overtaken is not overdue.
std::string how_stale(const Row& row) {
  double longest = 0;
  std::int64_t behind = 0;
  for (const Violation& violation : row.entries) {
    longest = std::max(longest, violation.staleness_ms);
    behind = std::max(behind, violation.versions_behind.value_or(0));
  }
  if (longest <= 0 || subject(row.guarantees) == "write") return "";
  std::string text = fmt::format("; up to {} overdue", milliseconds_text(longest));
  if (behind > 0) text += fmt::format(", up to {} behind", counted(static_cast<std::uint64_t>(behind), "version"));
  return text;
}

std::string violated_evidence(const Row& row) {
  if (row.violations == 0) return row.reason;
  return fmt::format("{} of {} {}, {} (95 % interval {} to {}){}", row.violations, at_risk(row),
                     what_they_did(row.guarantees, row.violations == 1), percent_text(row.rate),
                     percent_text(row.rate_low), percent_text(row.rate_high), how_stale(row));
}

std::string held_evidence(const Row& row) {
  constexpr double rule_of_three = 3.0;
  const double bound = std::min(1.0, rule_of_three / static_cast<double>(std::max<std::uint64_t>(row.at_risk, 1)));
  std::string_view found = "0 broke it";
  if (row.guarantees == only(Guarantee::read_your_writes)) found = "0 stale";
  if (row.guarantees == only(Guarantee::monotonic_reads)) found = "0 went back";
  return fmt::format("{}, {}; below about {} at 95 % if {}s were independent", at_risk(row), found, percent_text(bound),
                     subject(row.guarantees));
}

}  // namespace

std::string row_name(const Row& row) {
  std::string text = to_string(row.guarantees);
  if (row.scope != Scope::session) text += fmt::format(" per {}", to_string(row.scope));
  if (is_of_control(row)) return text + " (control)";
  if (!row.group.empty()) text += fmt::format(" (group {})", visible_text(row.group));
  return text;
}

std::string row_evidence(const Row& row) {
  std::string text = visible_text(row.reason, 2000);
  if (row.verdict == Verdict::violated) text = violated_evidence(row);
  if (row.verdict == Verdict::held) text = held_evidence(row);
  return text;
}

std::string row_assumptions(const Row& row) {
  if (row.verdict == Verdict::unknown || row.assumptions.none()) return "";
  return fmt::format("assuming {}", fmt::join(names(row.assumptions), ", "));
}

std::string row_evidence_and_assumptions(const Row& row) {
  const std::string assumptions = row_assumptions(row);
  return row_evidence(row) + (assumptions.empty() ? "" : "; " + assumptions);
}

}  // namespace afterwrite
