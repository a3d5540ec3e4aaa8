#include "results/baseline.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "checkers/interval.hpp"
#include "harness/history/text.hpp"
#include "results/quantities.hpp"
#include "results/report_schema.hpp"
#include "results/row_words.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::json;

/// Of a comparison in which nothing has changed: so seldom is anything called worse or better, if operations were
/// independent.
constexpr double level = 0.05;
/// They are not quite: of one stall many reads are stale. What differs by less than this part of the greater share is
/// noise, too.
constexpr double least_difference = 0.1;

Verdict verdict_named(const std::string& name) {
  for (const Verdict verdict : {Verdict::held, Verdict::violated, Verdict::unknown}) {
    if (to_string(verdict) == name) return verdict;
  }
  throw std::invalid_argument(fmt::format("'{}' is no verdict", visible_text(name)));
}

std::string whole_text(const std::filesystem::path& file) {
  std::error_code unseen;
  std::ifstream in(file, std::ios::binary);
  if (!in.is_open() || std::filesystem::is_directory(file, unseen)) {
    throw BadBaseline(
        fmt::format("--baseline: {} cannot be read; name the report.json of an earlier run", file.string()));
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

std::uint64_t count_of(const Json& row, const char* name) {
  const Json& count = row.at(name);
  if (!count.is_number_unsigned()) throw std::invalid_argument(fmt::format("'{}' is to be a whole number, not negative", name));
  return count.get<std::uint64_t>();
}

BaselineRow row_of(const Json& json) {
  BaselineRow row{{json.at("guarantee").get<std::string>(), json.at("scope").get<std::string>(),
                   json.at("group").get<std::string>()},
                  {verdict_named(json.at("verdict").get<std::string>()), count_of(json, "broken"),
                   count_of(json, "at_risk")}};
  row.figures.broken = std::min(row.figures.broken, row.figures.at_risk);
  return row;
}

Change change_of(const std::optional<RowFigures>& before, const std::optional<RowFigures>& now) {
  if (!now) return Change::not_judged;
  const bool was_violated = before && before->verdict == Verdict::violated;
  switch (now->verdict) {
    case Verdict::violated:
      return was_violated ? Change::same : Change::fresh;
    case Verdict::held:
      return was_violated ? Change::gone : before && before->verdict == Verdict::held ? Change::same : Change::now_held;
    case Verdict::unknown:
      return before && before->verdict == Verdict::unknown ? Change::same : Change::undecided;
  }
  return Change::same;
}

/// Whether the shares of rows that are violated on both sides differ beyond noise. All of them together are tested at
/// `level` (Bonferroni).
void weigh(std::vector<ComparedRow>& rows) {
  const auto violated_twice = [](const ComparedRow& row) {
    return row.before && row.now && row.before->verdict == Verdict::violated && row.now->verdict == Verdict::violated;
  };
  const auto tests = static_cast<double>(std::count_if(rows.begin(), rows.end(), violated_twice));
  for (ComparedRow& row : rows) {
    if (!violated_twice(row)) continue;
    row.chance = chance_of_equal_shares(row.before->broken, row.before->at_risk, row.now->broken, row.now->at_risk);
    const double before = row.before->rate();
    const double now = row.now->rate();
    const double difference = std::max(before, now) - std::min(before, now);
    if (*row.chance * tests >= level || difference < least_difference * std::max(before, now)) continue;
    row.change = now > before ? Change::worse : Change::better;
  }
}

std::string figures_in_words(const RowFigures& figures) {
  if (figures.verdict != Verdict::violated) return std::string(to_string(figures.verdict));
  return fmt::format("violated, {} of {} at risk", percent_text(figures.rate()), counted(figures.at_risk, "operation"));
}

}  // namespace

std::string_view to_string(Change change) {
  switch (change) {
    case Change::same:
      return "same";
    case Change::fresh:
      return "new";
    case Change::worse:
      return "worse";
    case Change::better:
      return "better";
    case Change::gone:
      return "gone";
    case Change::now_held:
      return "now-held";
    case Change::undecided:
      return "undecided";
    case Change::not_judged:
      return "not-judged";
  }
  return "";
}

Baseline read_baseline(const std::filesystem::path& file) {
  const std::string text = whole_text(file);
  const auto refuse = [&](const std::string& what) {
    throw BadBaseline(
        fmt::format("--baseline: {}: {}; `afterwrite report` writes it anew from its history", file.string(), what));
  };
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) refuse("is no whole JSON object");
  try {
    const std::string schema = json.value("schema", std::string("none"));
    if (schema != report_schema_name) {
      refuse(
          fmt::format("is of the schema '{}', and this version reads '{}'", visible_text(schema), report_schema_name));
    }
    Baseline baseline;
    baseline.file = file.string();
    baseline.verdict = verdict_named(json.at("verdict").get<std::string>());
    for (const Json& row : json.at("guarantees")) {
      if (!row.at("control").get<bool>()) baseline.rows.push_back(row_of(row));
    }
    return baseline;
  } catch (const Json::exception& error) {
    refuse(fmt::format("is no report ({})", visible_text(error.what(), 200)));
  } catch (const std::invalid_argument& error) {
    refuse(fmt::format("is no report ({})", error.what()));
  }
  return {};
}

bool Comparison::worse() const {
  return std::any_of(rows.begin(), rows.end(),
                     [](const ComparedRow& row) { return row.change == Change::fresh || row.change == Change::worse; });
}

bool Comparison::undecided() const {
  return std::any_of(rows.begin(), rows.end(), [](const ComparedRow& row) {
    return row.change == Change::undecided || row.change == Change::not_judged;
  });
}

Comparison compare(const Baseline& baseline, const Judgement& judgement) {
  Comparison comparison{baseline.file, baseline.verdict, {}};
  for (const Row& row : judgement.rows) {
    if (is_of_control(row)) continue;
    ComparedRow compared;
    compared.name = name_of(row);
    compared.now = RowFigures{row.verdict, std::min(row.broken, row.at_risk), row.at_risk};
    const auto before = std::find_if(baseline.rows.begin(), baseline.rows.end(),
                                     [&](const BaselineRow& one) { return one.name == compared.name; });
    if (before != baseline.rows.end()) compared.before = before->figures;
    comparison.rows.push_back(std::move(compared));
  }
  for (const BaselineRow& row : baseline.rows) {
    const bool judged = std::any_of(comparison.rows.begin(), comparison.rows.end(),
                                    [&](const ComparedRow& one) { return one.name == row.name; });
    if (!judged) comparison.rows.push_back({row.name, Change::same, row.figures, {}, {}});
  }
  for (ComparedRow& row : comparison.rows)
    row.change = change_of(row.before, row.now);
  weigh(comparison.rows);
  return comparison;
}

std::string change_in_words(const ComparedRow& row) {
  const std::string before = row.before ? figures_in_words(*row.before) : "not judged";
  const std::string now = row.now ? figures_in_words(*row.now) : "not judged";
  return fmt::format("{}; before: {}", now, before);
}

}  // namespace afterwrite
