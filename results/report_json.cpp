#include "results/report_json.hpp"

#include <algorithm>

#include "checkers/interval.hpp"
#include "harness/history/text.hpp"
#include "harness/history/writer.hpp"
#include "results/group_table.hpp"
#include "results/own_reads_json.hpp"
#include "results/promises.hpp"
#include "results/report_schema.hpp"
#include "results/row_words.hpp"
#include "results/story.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::ordered_json;

constexpr double nanoseconds_a_millisecond = 1e6;

Json scalar_json(const Scalar& scalar) {
  if (const auto* number = std::get_if<std::int64_t>(&scalar)) return *number;
  return valid_utf8(std::get<std::string>(scalar));
}

Json value_json(const Value& value) {
  if (is_null(value)) return nullptr;
  if (!is_list(value)) return scalar_json(to_scalar(value));
  Json list = Json::array();
  for (const Scalar& element : std::get<List>(value))
    list.push_back(scalar_json(element));
  return list;
}

Json texts_json(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts)
    list.push_back(valid_utf8(text));
  return list;
}

/// Of what others put into a header or a fault's detail: the same with every string made valid UTF-8.
Json sanitised(const nlohmann::json& json) {
  return Json::parse(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

bool has_measured_times(const History& history) {
  return times_of(history.header) == Times::measured;
}

/// What rests on times is null where none were measured.
Json measured(const History& history, Json figure) {
  return has_measured_times(history) ? std::move(figure) : Json(nullptr);
}

/// null where there is none.
Json number_json(const std::optional<double>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json distribution_json(const Distribution& measured) {
  return {{"count", measured.count}, {"mean", measured.mean}, {"median", measured.median},
          {"p90", measured.p90},     {"p99", measured.p99},   {"max", measured.max}};
}

Json outcomes_json(const Outcomes& outcomes) {
  return {{"operations", outcomes.all()},
          {"ok", outcomes.ok},
          {"fail", outcomes.fail},
          {"info", outcomes.info},
          {"availability", outcomes.availability()}};
}

/// All fields of the history's line, and where that line stands. Times that nobody measured are left out.
Json operation_json(const History& history, std::size_t index) {
  const Operation& operation = history.operations[index];
  std::string line;
  append_operation_line(line, operation, index);
  Json fields = Json::parse(line);
  const bool timed = has_measured_times(history);
  Json json{{"index", history.place(index)}, {"line", operation.line}};
  for (auto& [name, value] : fields.items()) {
    if (name == "kind" || name == "i" || (!timed && (name == "invoke" || name == "complete"))) continue;
    json[name] = std::move(value);
  }
  return json;
}

Json edge_json(const History& history, const Edge& edge) {
  Json places = Json::array();
  for (const std::size_t index : edge.operations)
    places.push_back(history.place(index));
  return {{"kind", to_string(edge.kind)},
          {"older", value_json(edge.older)},
          {"newer", value_json(edge.newer)},
          {"operations", std::move(places)},
          {"reason", edge_in_words(history, edge)}};
}

Json witness_json(const History& history, const Judgement& judgement, const Row& row, const Violation& violation) {
  const Operation& broken = history.operations[violation.operation];
  const Story story = tell(history, judgement, violation, row.scope);
  Json told = Json::array();
  for (const StoryStep& step : story.steps) {
    told.push_back({{"operation", history.place(step.operation)},
                    {"line", history.operations[step.operation].line},
                    {"at_ms", number_json(step.at_ms)},
                    {"words", step.words}});
  }
  Json json{
      {"entry", violation.number},
      {"guarantees", to_string(violation.guarantees)},
      {"scope_name", valid_utf8(violation.scope_name)},
      {"key", valid_utf8(violation.key)},
      {"operation", history.place(violation.operation)},
      {"line", broken.line},
      {"node", valid_utf8(broken.node)},
      {"role", to_string(broken.role)},
      {"expected", value_json(violation.expected)},
      {"observed", value_json(violation.observed)},
      {"staleness_ms", measured(history, longest_staleness_ms(violation))},
      {"versions_behind", nullptr},
      {"count", violation.count},
      {"assumptions", names(violation.assumptions)},
      {"faults", texts_json(violation.faults)},
      {"lost_at", nullptr},
      {"operations", Json::array()},
      {"edges", Json::array()},
      {"story", {{"steps", std::move(told)}, {"reasons", story.reasons}, {"circumstances", story.circumstances}}}};
  if (violation.versions_behind) json["versions_behind"] = *violation.versions_behind;
  if (!violation.lost_at.empty()) json["lost_at"] = valid_utf8(violation.lost_at);
  for (const std::size_t index : violation.operations)
    json["operations"].push_back(operation_json(history, index));
  for (const Edge& edge : violation.cycle)
    json["edges"].push_back(edge_json(history, edge));
  return json;
}

/// What is known of a group beside its verdicts.
void add_group(Json& json, const History& history, const Promises& promises, const Row& row) {
  if (row.labels.empty()) return;
  json["labels"] = Json::object();
  for (const auto& [label, value] : row.labels)
    json["labels"][valid_utf8(label)] = valid_utf8(value);
  const std::optional<bool> promised = promises.of(row);
  json["promised"] = promised ? Json(*promised) : Json(nullptr);
  json["told"] = Json::object();
  for (const auto& [evidence, count] : evidence_of(history, row))
    json["told"][valid_utf8(evidence)] = count;
}

Json row_json(const History& history, const Judgement& judgement, const Row& row, std::size_t most_witnesses) {
  Json witnesses = Json::array();
  const std::size_t shown = std::min(row.entries.size(), most_witnesses);
  for (std::size_t i = 0; i < shown; ++i) {
    witnesses.push_back(witness_json(history, judgement, row, row.entries[i]));
  }
  return {{"guarantee", to_string(row.guarantees)},
          {"scope", to_string(row.scope)},
          {"group", valid_utf8(row.group)},
          {"control", is_of_control(row)},
          {"verdict", to_string(row.verdict)},
          {"broken", row.broken},
          {"violations", row.violations},
          {"decided", row.decided},
          {"at_risk", row.at_risk},
          {"rate", {{"value", row.rate}, {"low", row.rate_low}, {"high", row.rate_high}, {"confidence", confidence}}},
          {"assumptions", names(row.assumptions)},
          {"dropped_assumptions", texts_json(row.dropped)},
          {"reason", valid_utf8(row.reason)},
          {"evidence", row_evidence_and_assumptions(row, times_of(history.header))},
          {"witnesses", std::move(witnesses)},
          {"witnesses_left_out", row.entries.size() - shown}};
}

/// The header's own fields, whatever they are, and what the history itself shows.
Json run_json(const History& history, const RunSummary& summary) {
  Json run{{"history", valid_utf8(history.name)},
           {"system", valid_utf8(history.header.system)},
           {"workload", valid_utf8(history.header.workload)},
           {"policy", valid_utf8(history.header.policy)},
           {"seed", nullptr},
           {"truncated", summary.truncated},
           {"sessions", summary.sessions},
           {"keys", summary.keys},
           {"duration_ms", measured(history, summary.duration_ms)},
           {"operations_per_second", measured(history, summary.operations_per_second)}};
  if (history.header.seed) run["seed"] = *history.header.seed;
  for (const auto& [name, value] : history.header.all.items()) {
    if (name == "kind" || name == "schema" || run.contains(name)) continue;
    run[valid_utf8(name)] = sanitised(value);
  }
  return run;
}

Json fault_json(const FaultEpisode& episode) {
  return {{"episode", valid_utf8(episode.episode)},
          {"fault", valid_utf8(episode.fault)},
          {"targets", texts_json(episode.targets)},
          {"start_ms", static_cast<double>(episode.start) / nanoseconds_a_millisecond},
          {"end_ms", static_cast<double>(episode.end) / nanoseconds_a_millisecond},
          {"bit", episode.bit},
          {"proof", valid_utf8(episode.proof)},
          {"detail", sanitised(episode.detail)}};
}

Json policy_json(const RunSummary& summary) {
  Json list = Json::array();
  for (const PolicyCost& cost : summary.policy) {
    Json json{{"sessions", cost.sessions},
              {"reads", cost.reads},
              {"reads_of_known_role", cost.reads_of_known_role},
              {"leader_reads", cost.leader_reads},
              {"leader_share", nullptr},
              {"waits", cost.waited_ms.count},
              {"waited_ms", distribution_json(cost.waited_ms)},
              {"added_ms_a_read", cost.added_ms_a_read},
              {"fallbacks", cost.fallbacks}};
    if (const auto share = cost.leader_share()) json["leader_share"] = *share;
    list.push_back(std::move(json));
  }
  return list;
}

Json bank_json(const BankSummary& bank) {
  return {{"intents", bank.intents},
          {"carried_out_twice", bank.carried_out_twice},
          {"twice_after_unknown_outcome", bank.twice_after_unknown_outcome},
          {"money_moved_twice", bank.money_moved_twice},
          {"examples", texts_json(bank.examples)}};
}

Json availability_json(const History& history, const RunSummary& summary) {
  Json functions = Json::array();
  for (const FunctionSummary& function : summary.functions) {
    functions.push_back({{"sessions", function.sessions},
                         {"f", to_string(function.function)},
                         {"outcomes", outcomes_json(function.outcomes)},
                         {"latency_ms", measured(history, distribution_json(function.latency_ms))}});
  }
  Json errors = Json::array();
  for (const ErrorSummary& one : summary.errors) {
    errors.push_back({{"sessions", one.sessions}, {"error", valid_utf8(one.error)}, {"count", one.count}});
  }
  return {{"outcomes", outcomes_json(summary.outcomes)},
          {"functions", std::move(functions)},
          {"errors", std::move(errors)}};
}

Json lag_json(const RunSummary& summary) {
  Json list = Json::array();
  for (const NodeLag& node : summary.lag) {
    list.push_back({{"node", valid_utf8(node.node)},
                    {"unreachable", node.unreachable},
                    {"lag_ms", distribution_json(node.lag_ms)}});
  }
  return list;
}

Json lag_distribution_json(const RunSummary& summary) {
  Json list = Json::array();
  for (const NodeLag& node : summary.lag) {
    if (node.quantiles.empty()) continue;
    Json points = Json::array();
    for (const Quantile& quantile : node.quantiles)
      points.push_back({{"p", quantile.p}, {"ms", quantile.value}});
    list.push_back(
        {{"node", valid_utf8(node.node)}, {"samples", node.lag_ms.count}, {"quantiles", std::move(points)}});
  }
  return list;
}

Json figures_json(const std::optional<RowFigures>& figures) {
  if (!figures) return nullptr;
  const Interval interval = share_interval(figures->broken, figures->at_risk);
  return {{"verdict", to_string(figures->verdict)},
          {"broken", figures->broken},
          {"at_risk", figures->at_risk},
          {"rate", {{"value", figures->rate()}, {"low", interval.low}, {"high", interval.high}, {"confidence", confidence}}}};
}

Json comparison_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (const ComparedRow& row : comparison.rows) {
    rows.push_back({{"guarantee", valid_utf8(row.name.guarantee)},
                    {"scope", valid_utf8(row.name.scope)},
                    {"group", valid_utf8(row.name.group)},
                    {"change", to_string(row.change)},
                    {"before", figures_json(row.before)},
                    {"now", figures_json(row.now)},
                    {"chance", number_json(row.chance)}});
  }
  return {{"file", valid_utf8(comparison.file)},
          {"verdict_before", to_string(comparison.verdict_before)},
          {"worse", comparison.worse()},
          {"undecided", comparison.undecided()},
          {"rows", std::move(rows)}};
}

/// Members that are there only where the history has a basis for them.
void add_staleness(Json& report, const History& history, const Judgement& judgement, const RunSummary& summary) {
  if (summary.own_reads) {
    report.update(own_reads_json(*summary.own_reads));
  } else {
    report["no_staleness_curve"] = valid_utf8(summary.no_own_reads);
    if (!summary.curve_command.empty()) report["staleness_curve_command"] = summary.curve_command;
  }
  if (!summary.courses.empty()) {
    report["courses"] = courses_json(history, summary.courses);
  } else if (!judgement.grouped_by.empty()) {
    report["no_courses"] = valid_utf8(summary.no_courses);
  }
  if (Json lag = lag_distribution_json(summary); !lag.empty()) report["lag_distribution"] = std::move(lag);
  Json behind = Json::array();
  for (const auto& [versions, reads] : count_versions_behind(judgement))
    behind.push_back({{"versions", versions}, {"reads", reads}});
  if (!behind.empty()) report["versions_behind"] = std::move(behind);
}

}  // namespace

Json report_json(const History& history, const Judgement& judgement, const RunSummary& summary,
                 std::size_t most_witnesses) {
  Json report{{"schema", report_schema_name},
              {"verdict", to_string(judgement.verdict)},
              {"run", run_json(history, summary)},
              {"guarantees", Json::array()},
              {"anomalies", Json::object()},
              {"anomaly_examples", texts_json(judgement.anomaly_examples)},
              {"faults", Json::array()},
              {"staleness", nullptr},
              {"policy_cost", policy_json(summary)},
              {"availability", availability_json(history, summary)},
              {"lag", lag_json(summary)},
              {"bank", nullptr},
              {"notes", texts_json(judgement.notes)}};
  const Promises promises(history, judgement);
  for (const Row& row : judgement.rows) {
    Json json = row_json(history, judgement, row, most_witnesses);
    add_group(json, history, promises, row);
    report["guarantees"].push_back(std::move(json));
  }
  if (const auto promised = count_promised(history, judgement)) report["promises"] = promises_json(*promised);
  for (const auto& [name, count] : judgement.anomalies)
    report["anomalies"][valid_utf8(name)] = count;
  for (const FaultEpisode& episode : judgement.faults)
    report["faults"].push_back(fault_json(episode));
  const StalenessSummary staleness = summarise_staleness(judgement);
  if (staleness.overdue_ms.count > 0 && (has_measured_times(history) || staleness.versions.count > 0)) {
    report["staleness"] = {{"overdue_ms", measured(history, distribution_json(staleness.overdue_ms))},
                           {"versions", nullptr}};
    if (staleness.versions.count > 0) report["staleness"]["versions"] = distribution_json(staleness.versions);
  }
  if (judgement.bank) report["bank"] = bank_json(*judgement.bank);
  add_staleness(report, history, judgement, summary);
  if (summary.against_baseline) report["against_baseline"] = comparison_json(*summary.against_baseline);
  return report;
}

}  // namespace afterwrite
