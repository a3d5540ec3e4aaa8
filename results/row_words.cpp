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
  if (has(guarantees, Guarantee::causal)) return "read";
  const bool reads = has(guarantees, Guarantee::read_your_writes) || has(guarantees, Guarantee::monotonic_reads);
  const bool writes = has(guarantees, Guarantee::monotonic_writes) || has(guarantees, Guarantee::writes_follow_reads);
  return reads && writes ? "operation" : writes ? "write" : "read";
}

std::string_view what_they_did(const Guarantees& guarantees, bool one) {
  if (has(guarantees, Guarantee::causal)) return one ? "missed what lay behind it" : "missed what lay behind them";
  if (has(guarantees, Guarantee::read_your_writes)) return one ? "was stale" : "were stale";
  if (has(guarantees, Guarantee::monotonic_reads)) return "went back to an older state";
  if (has(guarantees, Guarantee::monotonic_writes)) return "overtook an earlier write of its session";
  return "overtook a write that its session had read";
}

std::string at_risk(const Row& row) {
  return fmt::format("{} at-risk {}{}", row.at_risk, subject(row.guarantees), row.at_risk == 1 ? "" : "s");
}

/// Of registers and lists alike; a write that was overtaken is not overdue.
std::string how_stale(const Row& row, Times times) {
  double longest = 0;
  std::int64_t behind = 0;
  for (const Violation& violation : row.entries) {
    longest = std::max(longest, longest_staleness_ms(violation));
    behind = std::max(behind, violation.versions_behind.value_or(0));
    for (const Repeat& repeat : violation.repeats)
      behind = std::max(behind, repeat.versions_behind.value_or(0));
  }
  if (subject(row.guarantees) == "write") return "";
  const std::string versions = fmt::format("up to {} behind", counted(static_cast<std::uint64_t>(behind), "version"));
  if (times != Times::measured) return behind > 0 ? "; " + versions : "";
  if (longest <= 0) return "";
  return fmt::format("; up to {} overdue{}", milliseconds_text(longest), behind > 0 ? ", " + versions : "");
}

std::string violated_evidence(const Row& row, Times times) {
  const std::string rate = fmt::format("{} (95 % interval {} to {}){}", percent_text(row.rate),
                                       percent_text(row.rate_low), percent_text(row.rate_high), how_stale(row, times));
  // What each operation of a joint row broke was counted when it was concluded.
  if (row.guarantees.count() > 1) return fmt::format("{}; {}", visible_text(row.reason, 2000), rate);
  return fmt::format("{} of {} {}, {}", row.broken, at_risk(row), what_they_did(row.guarantees, row.broken == 1), rate);
}

std::string held_evidence(const Row& row) {
  constexpr double rule_of_three = 3.0;
  const double bound = std::min(1.0, rule_of_three / static_cast<double>(std::max<std::uint64_t>(row.at_risk, 1)));
  std::string_view found = "0 broke it";
  if (row.guarantees == only(Guarantee::read_your_writes)) found = "0 stale";
  if (row.guarantees == only(Guarantee::causal)) found = "0 missed what lay behind them";
  if (row.guarantees == only(Guarantee::monotonic_reads)) found = "0 went back";
  return fmt::format("{}, {}; below about {} at 95 % if {}s were independent", at_risk(row), found, percent_text(bound),
                     subject(row.guarantees));
}

}  // namespace

RowName name_of(const Row& row) {
  return {to_string(row.guarantees), std::string(to_string(row.scope)), valid_utf8(row.group)};
}

std::string row_name(const RowName& row) {
  std::string text = visible_text(row.guarantee, 100);
  if (row.scope != to_string(Scope::session)) text += fmt::format(" per {}", visible_text(row.scope));
  if (!row.group.empty()) text += fmt::format(" (group {})", visible_text(row.group, group_bytes));
  return text;
}

std::string row_name(const Row& row) {
  RowName name = name_of(row);
  if (!is_of_control(row)) return row_name(name);
  name.group.clear();
  return row_name(name) + " (control)";
}

std::string row_evidence(const Row& row, Times times) {
  std::string text = visible_text(row.reason, 2000);
  if (row.verdict == Verdict::violated) text = violated_evidence(row, times);
  if (row.verdict == Verdict::held) text = held_evidence(row);
  return text;
}

double longest_staleness_ms(const Violation& violation) {
  double longest = violation.staleness_ms;
  for (const Repeat& repeat : violation.repeats)
    longest = std::max(longest, repeat.staleness_ms);
  return longest;
}

std::string row_assumptions(const Row& row) {
  if (row.verdict == Verdict::unknown || row.assumptions.none()) return "";
  return fmt::format("assuming {}", fmt::join(names(row.assumptions), ", "));
}

std::string row_evidence_and_assumptions(const Row& row, Times times) {
  const std::string assumptions = row_assumptions(row);
  return row_evidence(row, times) + (assumptions.empty() ? "" : "; " + assumptions);
}

}  // namespace afterwrite
