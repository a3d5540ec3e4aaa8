#include "results/page/page_data.hpp"

#include <algorithm>
#include <utility>

#include "harness/history/text.hpp"
#include "results/page/embedded_json.hpp"
#include "results/page/page_groups.hpp"
#include "results/page/page_series.hpp"
#include "results/page/page_times.hpp"
#include "results/page/page_violations.hpp"
#include "results/repeating.hpp"
#include "results/report_json.hpp"

namespace afterwrite {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t report_bytes = 200'000;
constexpr std::size_t run_bytes = 60'000;
constexpr std::size_t command_bytes = 10'000;

/// What others put into a header can be of any size; it is not to crowd out the rest.
Json bounded_report(Json report) {
  const Json run = bounded(report["run"], run_bytes);
  report["run"] = nullptr;
  Json kept = bounded(report, report_bytes);
  kept["run"] = run;
  // Evidence is for people's eyes already: each escape in it would be one of an escape.
  for (std::size_t row = 0; row < kept["guarantees"].size(); ++row) {
    const auto evidence = kept["guarantees"][row].find("evidence");
    if (evidence == kept["guarantees"][row].end() || !evidence->is_string()) continue;
    *evidence = shortened_text(report["guarantees"][row]["evidence"].get<std::string>(), evidence->get<std::string>().size());
  }
  return kept;
}

/// How many there are of what `report` may hold the first of.
Json totals(const Judgement& judgement) {
  const auto violated = std::count_if(judgement.rows.begin(), judgement.rows.end(), [](const Row& row) {
    return row.verdict == Verdict::violated && !is_of_control(row);
  });
  return {{"rows", judgement.rows.size()}, {"violated_rows", violated}, {"faults", judgement.faults.size()}};
}

}  // namespace

Json page_data(const History& history, const Judgement& judgement, const RunSummary& summary) {
  const PageTimes times(history, summary);
  Json report = report_json(history, judgement, summary, 0);
  Json groups = page_groups(history, judgement, summary);
  // What the table by label shows is not said twice.
  if (!groups.is_null()) {
    Json others = Json::array();
    for (Json& row : report["guarantees"]) {
      if (!row.contains("labels")) others.push_back(std::move(row));
    }
    report["guarantees"] = std::move(others);
    report.erase("courses");
  }
  report.erase("staleness_curve_command");
  return {{"report", bounded_report(std::move(report))},
          {"totals", totals(judgement)},
          {"measured", times.measured()},
          {"since_run_began", times.since_run_began()},
          {"faults", page_faults(judgement, times)},
          {"groups", std::move(groups)},
          {"series", page_series(history, judgement, summary, times)},
          {"violations", page_violations(history, judgement, times)},
          {"again", shortened_text(repeating_command(history.header), command_bytes)},
          {"check", judging_command(history, summary.given)},
          {"curve", summary.own_reads ? "" : summary.curve_command},
          {"is_stream", history.is_stream}};
}

}  // namespace afterwrite
