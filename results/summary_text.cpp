#include "results/summary_text.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <set>
#include <utility>
#include <vector>

#include "harness/history/text.hpp"
#include "results/advice.hpp"
#include "results/entries_text.hpp"
#include "results/group_table.hpp"
#include "results/own_reads_text.hpp"
#include "results/promises.hpp"
#include "results/quantities.hpp"
#include "results/report_files.hpp"
#include "results/row_words.hpp"
#include "results/story.hpp"
#include "results/text_layout.hpp"

namespace afterwrite {
namespace {

constexpr std::size_t sentence_bytes = 1000;
// What a client library says of a server comes after its address: shorter, and the reason is cut off.
constexpr std::size_t error_bytes = 200;

std::string capitals(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::held:
      return Tone::good;
    case Verdict::violated:
      return Tone::bad;
    case Verdict::unknown:
      return Tone::doubtful;
  }
  return Tone::plain;
}

void write_run(TextLayout& out, const History& history, const RunSummary& summary,
               const std::optional<PromisedRows>& promised) {
  const Header& header = history.header;
  std::string what;
  const auto add = [&](std::string_view before, const std::string& text) {
    if (text.empty()) return;
    what += fmt::format("{}{}{}", what.empty() ? "" : ", ", before, visible_text(text, 100));
  };
  add("", header.system);
  add("read policy ", header.policy);
  add("workload ", header.workload);
  if (header.seed) add("seed ", fmt::format("{}", *header.seed));
  if (what.empty()) add("", history.name);
  out.item("  ", what);

  const Outcomes& outcomes = summary.outcomes;
  const Times times = times_of(header);
  std::string counts = fmt::format("{} by {} on {}", counted(outcomes.all(), "operation"),
                                   counted(summary.sessions, "session"), counted(summary.keys, "key"));
  if (times == Times::measured) {
    const double speed = summary.operations_per_second;
    counts += fmt::format(" in {}", milliseconds_text(summary.duration_ms));
    // A few operations a moment apart say nothing of a rate.
    if (summary.duration_ms >= 1) counts += fmt::format(" ({:.{}f} a second)", speed, speed < 10 ? 1 : 0);
  }
  if (outcomes.all() == 0) {
    counts = "no operation was recorded";
  } else if (outcomes.ok == outcomes.all()) {
    counts += ", all ok";
  } else {
    counts += fmt::format(": {} ok, {} failed, {} of unknown outcome", outcomes.ok, outcomes.fail, outcomes.info);
  }
  out.item("  ", counts);
  if (promised) out.item("  ", counts_in_words(*promised));
  if (outcomes.all() == 0) return;
  if (times == Times::order)
    out.item("  ", "No times were recorded, only the order: how long anything took is not known.");
  if (times == Times::none) {
    out.item("  ", "No times were recorded: only the order within each session is known.");
  }
}

/// What all concluded rows assume alike, so that it need not be said at each; empty if they differ.
std::string assumed_by_all(const std::vector<const Row*>& rows) {
  std::set<std::string> all;
  std::size_t concluded = 0;
  for (const Row* row : rows) {
    if (row->verdict == Verdict::unknown) continue;
    all.insert(row_assumptions(*row));
    ++concluded;
  }
  return all.size() == 1 && concluded > 1 ? *all.begin() : "";
}

std::vector<const Row*> rows_of(const Judgement& judgement, bool control) {
  std::vector<const Row*> rows;
  for (const Row& row : judgement.rows) {
    if (is_of_control(row) == control) rows.push_back(&row);
  }
  return rows;
}

void write_rows(TextLayout& out, const Judgement& judgement, Times times) {
  for (const bool control : {false, true}) {
    const std::vector<const Row*> rows = rows_of(judgement, control);
    if (rows.empty()) continue;
    out.empty_line();
    if (control) {
      out.item(
          "", "One session read any replica beside the policy. It shows what could be seen here, and decides nothing:");
    }
    const std::string assumed = assumed_by_all(rows);
    std::string last;
    for (const Row* row : rows) {
      std::string evidence = assumed.empty() ? row_evidence_and_assumptions(*row, times) : row_evidence(*row, times);
      const bool same = row->verdict == Verdict::unknown && evidence == last;
      out.item(fmt::format("{:<9}", capitals(to_string(row->verdict))),
               fmt::format("{}: {}", row_name(*row), same ? "for the same reason" : evidence),
               control ? Tone::plain : tone_of(row->verdict));
      last = std::move(evidence);
    }
    if (!assumed.empty()) out.item("         ", fmt::format("(each {})", assumed));
  }
}

/// The rows that the headline names: a joint one only where no row of one of its guarantees says the same.
std::vector<const Row*> telling_rows(const Judgement& judgement) {
  const std::vector<const Row*> rows = rows_of(judgement, false);
  const auto said_by_one = [&](const Row& joint) {
    return std::any_of(rows.begin(), rows.end(), [&](const Row* row) {
      return row->guarantees.count() == 1 && (row->guarantees & joint.guarantees).any() &&
             row->verdict == joint.verdict && row->scope == joint.scope && row->group == joint.group;
    });
  };
  std::vector<const Row*> telling;
  for (const bool joint : {false, true}) {
    for (const Row* row : rows) {
      if (row->verdict != judgement.verdict || (row->guarantees.count() > 1) != joint) continue;
      if (!joint || !said_by_one(*row)) telling.push_back(row);
    }
  }
  return telling;
}

/// In how many groups it is so.
std::string in_groups(const Judgement& judgement, const std::string& name) {
  std::size_t of_this = 0;
  std::size_t all = 0;
  for (const Row* row : rows_of(judgement, false)) {
    if (to_string(row->guarantees) != name) continue;
    of_this += row->verdict == judgement.verdict ? 1U : 0U;
    ++all;
  }
  return fmt::format("{} in {} of {} groups", name, of_this, all);
}

std::string named_rows(const Judgement& judgement) {
  const bool grouped = is_tabular(judgement);
  std::set<std::string> named;
  std::string list;
  for (const Row* row : telling_rows(judgement)) {
    const std::string name = grouped ? to_string(row->guarantees) : row_name(*row);
    if (!named.insert(name).second) continue;
    list += (list.empty() ? "" : ", ") + (grouped ? in_groups(judgement, name) : name);
  }
  return list;
}

/// The guarantees that the overall verdict speaks of, behind how many of them are broken although promised.
std::string headline(const Judgement& judgement, const std::optional<PromisedRows>& promised) {
  std::string text;
  for (const std::string& part : {violated_in_words(promised), named_rows(judgement)}) {
    if (!part.empty()) text += (text.empty() ? ": " : "; ") + part;
  }
  return text;
}

/// What stands behind a label in a section.
using LabelledLine = std::pair<std::string, std::string>;

void add_errors(std::vector<LabelledLine>& lines, const RunSummary& summary) {
  for (const std::string_view sessions : {"policy", "control"}) {
    std::string why;
    for (const ErrorSummary& one : summary.errors) {
      if (one.sessions != sessions) continue;
      why += fmt::format("{}{} x {}", why.empty() ? "" : "; ", one.count,
                         one.error.empty() ? "no reason recorded" : visible_text(one.error, error_bytes));
    }
    if (why.empty()) continue;
    if (sessions == "policy") {
      lines.emplace_back("  not ok   ", why);
    } else {
      lines.emplace_back("  control  ", "not ok: " + why);
    }
  }
}

/// Whether any read of these sessions was.
bool answered(const RunSummary& summary, std::string_view sessions) {
  return std::any_of(summary.functions.begin(), summary.functions.end(), [&](const FunctionSummary& function) {
    return function.sessions == sessions && function.function == Function::read && function.outcomes.ok > 0;
  });
}

void add_policy(std::vector<LabelledLine>& lines, const RunSummary& summary) {
  for (const PolicyCost& cost : summary.policy) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    if (const auto share = cost.leader_share(); share && answered(summary, cost.sessions)) {
      add(fmt::format("{} of {} served by the leader", percent_text(*share),
                      counted(cost.reads_of_known_role, "read")));
    }
    if (cost.waited_ms.count > 0) {
      add(fmt::format("{} waited, median {}, at most {}", counted(cost.waited_ms.count, "read"),
                      milliseconds_text(cost.waited_ms.median), milliseconds_text(cost.waited_ms.max)));
      add(fmt::format("{} added to the average read", milliseconds_text(cost.added_ms_a_read)));
    }
    if (cost.fallbacks > 0) add(fmt::format("{} fell back to the leader", counted(cost.fallbacks, "read")));
    if (text.empty()) continue;
    lines.emplace_back(cost.sessions == "policy" ? "  reads    " : "  control  ", text);
  }
}

void add_latencies(std::vector<LabelledLine>& lines, const RunSummary& summary) {
  for (const FunctionSummary& function : summary.functions) {
    if (function.latency_ms.count == 0) continue;
    const std::string latency =
        fmt::format("median {}, 99 % within {}, at most {}", milliseconds_text(function.latency_ms.median),
                    milliseconds_text(function.latency_ms.p99), milliseconds_text(function.latency_ms.max));
    if (function.sessions == "policy") {
      lines.emplace_back(fmt::format("  {:<8} ", to_string(function.function)), latency);
    } else {
      lines.emplace_back("  control  ", fmt::format("{}: {}", to_string(function.function), latency));
    }
  }
}

void write_cost(TextLayout& out, const History& history, const RunSummary& summary) {
  if (summary.outcomes.all() == 0) return;
  const bool measured = times_of(history.header) == Times::measured;
  std::vector<LabelledLine> lines;
  add_policy(lines, summary);
  if (measured) add_latencies(lines, summary);
  add_errors(lines, summary);
  if (lines.empty() && !measured) return;
  const std::string policy = visible_text(history.header.policy);
  out.heading(policy.empty() ? "What reads and writes cost" : fmt::format("What {} cost", policy));
  for (const auto& [label, text] : lines)
    out.item(label, text);
}

void write_lag(TextLayout& out, const RunSummary& summary) {
  if (summary.lag.empty()) return;
  out.heading("Lag seen");
  std::size_t widest = 0;
  for (const NodeLag& node : summary.lag)
    widest = std::max(widest, width(visible_text(node.node)));
  for (const NodeLag& node : summary.lag) {
    std::string text = node.lag_ms.count == 0
                           ? "never answered"
                           : fmt::format("median {}, at most {} ({})", milliseconds_text(node.lag_ms.median),
                                         milliseconds_text(node.lag_ms.max), counted(node.lag_ms.count, "sample"));
    if (node.unreachable > 0 && node.lag_ms.count > 0) text += fmt::format("; {} without an answer", node.unreachable);
    const std::string name = visible_text(node.node);
    out.item("  " + name + std::string(widest - width(name) + 2, ' '), text);
  }
}

void write_comparison(TextLayout& out, const RunSummary& summary) {
  if (!summary.against_baseline) return;
  const Comparison& comparison = *summary.against_baseline;
  out.heading(fmt::format("Against the baseline {}", visible_text(comparison.file, sentence_bytes)));
  for (const ComparedRow& row : comparison.rows) {
    const bool bad = row.change == Change::fresh || row.change == Change::worse;
    out.item(fmt::format("  {:<11}", to_string(row.change)),
             fmt::format("{}: {}", row_name(row.name), change_in_words(row)), bad ? Tone::bad : Tone::plain);
  }
}

void write_faults(TextLayout& out, const Judgement& judgement) {
  if (judgement.faults.empty()) return;
  out.heading("Faults injected");
  for (const FaultEpisode& episode : judgement.faults) {
    out.item(fmt::format("  {:<12}  ", effect_in_words(episode)),
             fmt::format("{}: {}", fault_in_words(episode), visible_text(episode.proof, sentence_bytes)),
             episode.bit ? Tone::plain : Tone::doubtful);
  }
}

void write_bank(TextLayout& out, const Judgement& judgement) {
  if (!judgement.bank) return;
  const BankSummary& bank = *judgement.bank;
  out.heading("Transfers");
  out.item("  ",
           fmt::format("{}; {} carried out more than once because a read did not show what was done: {} moved twice",
                       counted(bank.intents, "intent"), bank.carried_out_twice, bank.money_moved_twice));
  if (bank.twice_after_unknown_outcome > 0) {
    out.item("  ", fmt::format("{} more explained by an operation of unknown outcome: no guarantee is broken by these",
                               bank.twice_after_unknown_outcome));
  }
  for (const std::string& example : bank.examples)
    out.item("  for example ", visible_text(example, 100));
}

void write_findings(TextLayout& out, const Judgement& judgement) {
  if (!judgement.anomalies.empty()) {
    out.heading("Anomalies (no order of writes explains them)");
    for (const auto& [name, count] : judgement.anomalies)
      out.item("  ", fmt::format("{} x {}", count, visible_text(name)));
    for (const std::string& example : judgement.anomaly_examples) {
      out.item("    ", visible_text(example, sentence_bytes));
    }
  }
  std::vector<std::string> notes = judgement.notes;
  std::set<std::string> told;
  for (const Row& row : judgement.rows) {
    for (const std::string& dropped : row.dropped) {
      if (told.insert(dropped).second) notes.push_back("assumption dropped: " + dropped);
    }
  }
  if (notes.empty()) return;
  out.heading("Notes");
  constexpr std::size_t most = 12;
  for (std::size_t i = 0; i < notes.size() && i < most; ++i)
    out.item("  - ", visible_text(notes[i], sentence_bytes));
  if (notes.size() > most) out.item("  - ", fmt::format("and {} more in the report", notes.size() - most));
}

}  // namespace

std::string summary_text(const History& history, const Judgement& judgement, const RunSummary& summary,
                         const SummaryOptions& options) {
  TextLayout out(options.colour, options.columns);
  const std::optional<PromisedRows> promised = count_promised(history, judgement);
  out.item(capitals(to_string(judgement.verdict)), headline(judgement, promised), tone_of(judgement.verdict));
  write_run(out, history, summary, promised);
  if (is_tabular(judgement)) {
    write_group_tables(out, history, judgement);
    write_courses_text(out, summary.courses, summary.no_courses);
  } else {
    write_rows(out, judgement, times_of(history.header));
  }
  write_comparison(out, summary);
  write_entries(out, history, judgement, summary.given, options.entries);
  write_cost(out, history, summary);
  write_lag(out, summary);
  write_own_reads_text(out, history, summary, !options.folder.empty());
  write_faults(out, judgement);
  write_bank(out, judgement);
  write_findings(out, judgement);
  const std::vector<std::string> next = advice(history, judgement, summary);
  if (!next.empty()) out.heading("What to do next");
  for (const std::string& sentence : next)
    out.item("  - ", sentence);
  if (!options.folder.empty()) {
    out.heading("Reports");
    const ReportFiles files = report_files(options.folder);
    for (const auto& file : {files.page, files.json, files.junit, files.text})
      out.line("  " + visible_text(file.string(), 4096));
  }
  return out.text();
}

}  // namespace afterwrite
