#include "results/sweep_report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <unordered_set>
#include <vector>

#include "harness/history/text.hpp"
#include "results/markdown.hpp"
#include "results/quantities.hpp"
#include "results/repeating.hpp"
#include "results/row_words.hpp"
#include "results/text_layout.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::ordered_json;

std::string percent_number(double share) {
  if (share >= 0.9995 && share < 1) return ">99.9";
  return fmt::format("{:.{}f}", 100 * share, share > 0 && share < 0.1 ? 2 : 1);
}

/// `95.8 % (93.6 to 97.4) of 477`.
std::string rate_text(const Json& row) {
  const Json& rate = row.at("rate");
  const auto at_risk = row.at("at_risk").get<std::uint64_t>();
  if (at_risk == 0) return "none at risk";
  return fmt::format("{} % ({} to {}) of {}", percent_number(rate.at("value").get<double>()),
                     percent_number(rate.at("low").get<double>()), percent_number(rate.at("high").get<double>()),
                     at_risk);
}

}  // namespace

std::vector<std::string> sweep_row_names(const Json& sweep) {
  std::vector<std::string> single;
  std::vector<std::string> all;
  std::unordered_set<std::string> seen;
  for (const Json& cell : sweep.at("cells")) {
    for (const Json& row : cell.value("guarantees", Json::array())) {
      const auto name = row.at("name").get<std::string>();
      if (!seen.insert(name).second) continue;
      all.push_back(name);
      if (!row.at("joint").get<bool>()) single.push_back(name);
    }
  }
  return single.empty() ? all : single;
}

namespace {

/// What row_name() made is escaped already; a cell that is resumed may say anything.
std::string shown_name(const std::string& name) {
  constexpr std::size_t most = 60;
  return visible_command(name, most);
}

std::string rate_of(const Json& cell, const std::string& name) {
  for (const Json& row : cell.value("guarantees", Json::array())) {
    if (row.at("name") == name) return rate_text(row);
  }
  return "-";
}

/// What a cell shows of itself instead of a verdict.
std::string state_of(const Json& cell) {
  return cell.at("state") == "done" ? cell.at("verdict").get<std::string>() : cell.at("state").get<std::string>();
}

std::string share_text(const Json& cell) {
  const Json share = cell.value("leader_share", Json(nullptr));
  return share.is_number() ? percent_text(share.get<double>()) : "-";
}

std::string added_text(const Json& cell) {
  const Json added = cell.value("added_ms_a_read", Json(nullptr));
  return added.is_number() ? milliseconds_text(added.get<double>()) : "-";
}

std::string median_text(const Json& cell) {
  const Json median = cell.value("read_median_ms", Json(nullptr));
  return median.is_number() ? milliseconds_text(median.get<double>()) : "-";
}

/// Head first, then a line a cell.
std::vector<std::vector<std::string>> table_of(const Json& sweep) {
  std::vector<std::vector<std::string>> table(1);
  for (const Json& axis : sweep.at("over"))
    table[0].push_back(visible_text(axis.at("name").get<std::string>()));
  const std::vector<std::string> rows = sweep_row_names(sweep);
  table[0].emplace_back("verdict");
  for (const std::string& name : rows)
    table[0].push_back(shown_name(name));
  for (const char* name : {"by the leader", "added a read", "median read"})
    table[0].emplace_back(name);
  for (const Json& cell : sweep.at("cells")) {
    std::vector<std::string>& line = table.emplace_back();
    for (const auto& [name, value] : cell.at("settings").items())
      line.push_back(visible_text(value.get<std::string>(), 40));
    line.push_back(state_of(cell));
    for (const std::string& name : rows)
      line.push_back(rate_of(cell, name));
    line.push_back(share_text(cell));
    line.push_back(added_text(cell));
    line.push_back(median_text(cell));
  }
  return table;
}

/// `read-policy=leader, lag=0ms`.
std::string settings_text(const Json& cell) {
  std::string text;
  for (const auto& [name, value] : cell.at("settings").items())
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, value.get<std::string>());
  return visible_text(text, 200);
}

/// Why a cell is unknown: what its first row says that is.
std::string doubt_of(const Json& cell) {
  for (const Json& row : cell.value("guarantees", Json::array())) {
    if (row.at("verdict") != "unknown") continue;
    return fmt::format("{}: {}", shown_name(row.at("name").get<std::string>()),
                       visible_text(row.at("reason").get<std::string>(), 300));
  }
  return "there is no row";
}

/// The first lines, and how many more there are.
void add_some(std::vector<std::string>& all, const std::vector<std::string>& lines, const char* what) {
  constexpr std::size_t most = 20;
  all.insert(all.end(), lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(std::min(most, lines.size())));
  if (lines.size() > most)
    all.push_back(fmt::format("{}: {} more; sweep.json has all of them", what, lines.size() - most));
}

/// The table's lines, each column as wide as it has to be.
std::vector<std::string> aligned(const std::vector<std::vector<std::string>>& table) {
  std::vector<std::size_t> widths(table.front().size());
  for (const auto& line : table) {
    for (std::size_t i = 0; i < line.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], width(line[i]));
  }
  std::vector<std::string> lines;
  for (const auto& line : table) {
    std::string shown;
    for (std::size_t i = 0; i < line.size() && i < widths.size(); ++i)
      shown += line[i] + std::string(widths[i] - width(line[i]) + 2, ' ');
    lines.push_back(shown.substr(0, shown.find_last_not_of(' ') + 1));
  }
  return lines;
}

/// For a terminal that the table is too wide for: of each cell its settings and verdict, and below what else there is.
void write_one_by_one(TextLayout& out, const std::vector<std::vector<std::string>>& table, std::size_t settings) {
  const std::vector<std::string>& head = table.front();
  for (std::size_t i = 1; i < table.size(); ++i) {
    const std::vector<std::string>& line = table[i];
    std::string cell;
    for (std::size_t k = 0; k < settings; ++k)
      cell += fmt::format("{}{}", k == 0 ? "" : ", ", line[k]);
    out.item("", fmt::format("{}: {}", cell, line[settings]));
    std::string rest;
    for (std::size_t k = settings + 1; k < line.size(); ++k)
      rest += fmt::format("{}{} {}", rest.empty() ? "" : "; ", head[k], line[k]);
    out.item("  ", rest);
  }
}

Json share_json(const std::optional<double>& share) {
  return share ? Json(*share) : Json(nullptr);
}

}  // namespace

std::string sweep_again(const Json& sweep) {
  const auto command = sweep.at("command").get<std::string>();
  for (const Json& axis : sweep.at("over")) {
    if (axis.at("name") == "seed") return command;
  }
  return with_seed(command, sweep.at("seed").get<std::uint64_t>());
}

std::string sweep_going_on(const Json& sweep) {
  const auto& cells = sweep.at("cells");
  const bool whole = std::all_of(cells.begin(), cells.end(), [](const Json& cell) { return cell.at("state") != "pending"; });
  return whole ? "" : sweep.at("command").get<std::string>() + " --resume";
}

std::vector<std::string> sweep_notes(const Json& sweep) {
  std::vector<std::string> failed;
  std::vector<std::string> unknown;
  std::size_t pending = 0;
  for (const Json& cell : sweep.at("cells")) {
    if (cell.at("state") == "pending") ++pending;
    if (cell.at("state") == "failed") {
      failed.push_back(
          fmt::format("failed: {}: {}", settings_text(cell), visible_text(cell.value("error", std::string()), 500)));
    }
    if (state_of(cell) == "unknown")
      unknown.push_back(fmt::format("unknown: {}: {}", settings_text(cell), doubt_of(cell)));
  }
  std::vector<std::string> notes;
  add_some(notes, failed, "failed");
  add_some(notes, unknown, "unknown");
  if (!unknown.empty()) {
    notes.emplace_back(
        "An unknown cell speaks neither for its rule nor against it. Where nothing lags hardly a read can be stale, "
        "and "
        "unknown is what to expect of any rule; elsewhere let the cells last longer (--duration), or until enough "
        "reads "
        "were at risk (--until at-risk=N)");
  }
  if (pending > 0)
    notes.push_back(fmt::format("{} not carried out: the command with --resume goes on", counted(pending, "cell")));
  return notes;
}

Json sweep_outcome_json(const Judgement& judgement, const RunSummary& summary) {
  constexpr double confidence = 0.95;
  Json rows = Json::array();
  for (const Row& row : judgement.rows) {
    if (is_of_control(row)) continue;
    rows.push_back(
        {{"name", row_name(row)},
         {"guarantee", to_string(row.guarantees)},
         {"scope", to_string(row.scope)},
         {"group", valid_utf8(row.group)},
         {"joint", row.guarantees.count() > 1},
         {"verdict", to_string(row.verdict)},
         {"broken", row.broken},
         {"at_risk", row.at_risk},
         {"rate", {{"value", row.rate}, {"low", row.rate_low}, {"high", row.rate_high}, {"confidence", confidence}}},
         {"reason", valid_utf8(row.reason)}});
  }
  Json outcome{{"verdict", to_string(judgement.verdict)}, {"guarantees", std::move(rows)}};
  const PolicyCost cost = summary.policy.empty() ? PolicyCost{} : summary.policy.front();
  outcome["leader_share"] = share_json(cost.leader_share());
  outcome["added_ms_a_read"] = cost.added_ms_a_read;
  outcome["waits"] = cost.waited_ms.count;
  outcome["fallbacks"] = cost.fallbacks;
  outcome["read_median_ms"] = nullptr;
  outcome["read_p99_ms"] = nullptr;
  for (const FunctionSummary& function : summary.functions) {
    if (function.sessions != "policy" || function.function != Function::read || function.latency_ms.count == 0)
      continue;
    outcome["read_median_ms"] = function.latency_ms.median;
    outcome["read_p99_ms"] = function.latency_ms.p99;
  }
  outcome["operations"] = summary.outcomes.all();
  outcome["operations_per_second"] = summary.operations_per_second;
  Json lag = Json::array();
  for (const NodeLag& node : summary.lag)
    lag.push_back({{"node", valid_utf8(node.node)}, {"max_ms", node.lag_ms.max}});
  outcome["lag"] = std::move(lag);
  return outcome;
}

std::string sweep_text(const Json& sweep, std::size_t columns) {
  const auto table = table_of(sweep);
  TextLayout out(false, columns == 0 ? std::numeric_limits<std::size_t>::max() : columns);
  const std::vector<std::string> lines = aligned(table);
  const bool fits =
      columns == 0 || std::all_of(lines.begin(), lines.end(), [&](const auto& line) { return width(line) <= columns; });
  if (fits) {
    for (const std::string& line : lines)
      out.line(line);
  } else {
    write_one_by_one(out, table, sweep.at("over").size());
  }
  for (const std::string& note : sweep_notes(sweep))
    out.item("", note);
  const std::string going_on = sweep_going_on(sweep);
  if (!going_on.empty()) out.item("", "To go on: " + visible_command(going_on));
  if (sweep_again(sweep) != sweep.at("command"))
    out.item("", fmt::format("Again: the same command with --seed {}, into another --out", sweep.at("seed").get<std::uint64_t>()));
  return out.text();
}

std::string sweep_markdown(const Json& sweep) {
  std::string text =
      fmt::format("### afterwrite sweep: {}\n\n", markdown_text(sweep.at("system").get<std::string>(), 100));
  const auto table = table_of(sweep);
  for (std::size_t i = 0; i < table.size(); ++i) {
    text += "|";
    for (const std::string& cell : table[i]) {
      const bool bold = i > 0 && (cell == "violated" || cell == "failed");
      text += fmt::format(" {} |", bold ? "**" + cell + "**" : markdown_line(cell));
    }
    text += "\n";
    if (i > 0) continue;
    text += "|";
    for (std::size_t k = 0; k < table[0].size(); ++k)
      text += "---|";
    text += "\n";
  }
  for (const std::string& line : sweep_notes(sweep))
    text += fmt::format("\n{}\n", markdown_line(shortened_text(line, 800)));
  const std::string going_on = sweep_going_on(sweep);
  if (!going_on.empty()) text += fmt::format("\nTo go on: {}\n", markdown_command(going_on));
  return text + fmt::format("\nAgain: {}, into another `--out`\n\n", markdown_command(sweep_again(sweep)));
}

}  // namespace afterwrite
