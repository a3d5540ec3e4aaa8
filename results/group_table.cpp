#include "results/group_table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "harness/history/text.hpp"
#include "results/promises.hpp"
#include "results/quantities.hpp"
#include "results/row_words.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {
namespace {

constexpr std::size_t several = 2;
constexpr std::size_t most_broken_told = 60;
constexpr const char* no_risk = "-";

std::string label_of(const Operation& operation, const char* name) {
  const auto found = operation.labels.find(name);
  return found == operation.labels.end() ? std::string() : found->second;
}

/// `getTimeline, post` and `held`, where rows are told apart by route, write and condition in this order.
std::pair<std::string, std::string> line_and_column(const Row& row, const std::vector<std::string>& grouped_by) {
  std::string line;
  std::string column;
  for (std::size_t i = 0; i < grouped_by.size(); ++i) {
    const auto found = row.labels.find(grouped_by[i]);
    const std::string value = found == row.labels.end() ? std::string() : found->second;
    if (i + 1 == grouped_by.size()) {
      column = value;
    } else {
      line += (i == 0 ? "" : ", ") + value;
    }
  }
  return {line, column};
}

std::string cell(const Row& row) {
  switch (row.verdict) {
    case Verdict::held:
      return fmt::format("held ({})", row.at_risk);
    case Verdict::violated:
      return fmt::format("VIOLATED {}/{}", row.broken, row.at_risk);
    case Verdict::unknown:
      return row.at_risk == 0 ? no_risk : fmt::format("? ({})", row.at_risk);
  }
  return {};
}

struct Table {
  std::string title;
  std::vector<const Row*> rows;
};

std::vector<Table> tables_of(const Judgement& judgement) {
  std::vector<Table> tables;
  for (const Row& row : judgement.rows) {
    if (row.labels.size() < several || row.guarantees.count() > 1) continue;
    std::string title = to_string(row.guarantees);
    if (row.scope != Scope::session) title += fmt::format(" per {}", to_string(row.scope));
    const auto known =
        std::find_if(tables.begin(), tables.end(), [&](const Table& table) { return table.title == title; });
    Table& table = known == tables.end() ? tables.emplace_back(Table{title, {}}) : *known;
    table.rows.push_back(&row);
  }
  return tables;
}

void write_table(TextLayout& out, const Table& table, const std::vector<std::string>& grouped_by) {
  const auto unknown = [](const Row* row) { return row->verdict == Verdict::unknown; };
  if (std::all_of(table.rows.begin(), table.rows.end(), unknown)) {
    out.item("  ", fmt::format("unknown in each of the {} groups: too few reads were at risk", table.rows.size()));
    return;
  }
  std::map<std::string, std::map<std::string, std::string>> lines;
  std::set<std::string> columns;
  std::set<std::string> shown;  // columns in which anything was at risk
  for (const Row* row : table.rows) {
    const auto [line, column] = line_and_column(*row, grouped_by);
    lines[line][column] = cell(*row);
    columns.insert(column);
    if (row->at_risk > 0) shown.insert(column);
  }
  std::size_t widest = 0;
  for (const auto& [line, cells] : lines)
    widest = std::max(widest, width(visible_text(line, group_bytes)));
  std::map<std::string, std::size_t> widths;
  for (const std::string& column : shown) {
    widths[column] = width(visible_text(column));
    for (const auto& [line, cells] : lines) {
      if (const auto found = cells.find(column); found != cells.end())
        widths[column] = std::max(widths[column], found->second.size());
    }
  }
  std::string head(widest + 2, ' ');
  for (const std::string& column : shown)
    head += fmt::format("  {:<{}}", visible_text(column), widths[column]);
  out.line(head);
  bool dashes = false;
  for (const auto& [line, cells] : lines) {
    std::string text = fmt::format("  {:<{}}", visible_text(line, group_bytes), widest);
    bool any = false;
    for (const std::string& column : shown) {
      const auto found = cells.find(column);
      const std::string what = found == cells.end() ? "" : found->second;
      any = any || (!what.empty() && what != no_risk);
      text += fmt::format("  {:<{}}", what, widths[column]);
    }
    if (!any) continue;
    out.line(text.substr(0, text.find_last_not_of(' ') + 1));
    dashes = dashes || std::any_of(cells.begin(), cells.end(),
                                   [&](const auto& one) { return one.second == no_risk && shown.contains(one.first); });
  }
  if (dashes) out.line(fmt::format("  {} is none: read, and never at risk", no_risk));
}

std::string evidence_text(const History& history, const Row& row) {
  std::string text;
  for (const auto& [evidence, count] : evidence_of(history, row))
    text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", visible_text(evidence), count);
  return text;
}

void write_broken(TextLayout& out, const History& history, const Promises& promises, const Table& table) {
  std::size_t told = 0;
  std::size_t left_out = 0;
  for (const Row* row : table.rows) {
    if (row->verdict != Verdict::violated || !promises.counts(*row)) continue;
    if (++told > most_broken_told) {
      ++left_out;
      continue;
    }
    if (told == 1) out.line("  broken although promised:");
    std::string text =
        fmt::format("{}: {} of {}", visible_text(row->group, group_bytes), row->broken, counted(row->at_risk, "read"));
    if (const std::string evidence = evidence_text(history, *row); !evidence.empty())
      text += fmt::format(" ({})", evidence);
    if (!row->entries.empty()) text += fmt::format("; first entry {}", row->entries.front().number);
    out.item("    ", text);
  }
  if (left_out > 0) out.item("    ", fmt::format("and {} more in the report", left_out));
}

}  // namespace

std::map<std::string, std::uint64_t> evidence_of(const History& history, const Row& row) {
  std::set<std::size_t> broken;
  for (const Violation& violation : row.entries) {
    broken.insert(violation.operation);
    for (const Repeat& repeat : violation.repeats)
      broken.insert(repeat.operation);
  }
  std::map<std::string, std::uint64_t> counts;
  for (const std::size_t index : broken) {
    const std::string evidence = label_of(history.operations[index], "evidence");
    if (!evidence.empty()) ++counts[evidence];
  }
  return counts;
}

bool is_tabular(const Judgement& judgement) {
  return std::any_of(judgement.rows.begin(), judgement.rows.end(),
                     [](const Row& row) { return row.labels.size() >= several; });
}

void write_group_tables(TextLayout& out, const History& history, const Judgement& judgement) {
  const Promises promises(history, judgement);
  for (const Table& table : tables_of(judgement)) {
    out.heading(fmt::format("{} (reads at risk; ? is too few)", table.title));
    write_table(out, table, judgement.grouped_by);
    write_broken(out, history, promises, table);
  }
}

}  // namespace afterwrite
