#include "results/page/page_witness.hpp"

#include <optional>
#include <string>

#include "harness/history/text.hpp"
#include "harness/history/writer.hpp"
#include "results/page/embedded_json.hpp"
#include "results/row_words.hpp"
#include "results/story.hpp"

namespace afterwrite {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t name_bytes = 60;
constexpr std::size_t value_bytes = 80;
constexpr std::size_t error_bytes = 300;
constexpr std::size_t header_bytes = 120;
constexpr std::size_t longest_raw_line = 3000;

std::string name(std::string_view text) {
  return visible_text(text, name_bytes);
}

/// The first of the witness's operations that bears the value.
std::optional<std::size_t> bearer_of(const History& history, const Violation& violation, const Value& value) {
  for (const std::size_t index : violation.operations) {
    if (history.operations[index].value == value) return index;
  }
  return std::nullopt;
}

/// An edge leads from the first operation that shows it to the last; that of the initial state comes from nowhere.
Json page_edge(const History& history, const Violation& violation, const Edge& edge, PageOperations& operations) {
  Json json{{"kind", to_string(edge.kind)},
            {"older", display(edge.older, value_bytes)},
            {"newer", display(edge.newer, value_bytes)},
            {"from", nullptr},
            {"to", nullptr},
            {"reason", edge_in_words(history, edge)}};
  if (edge.kind == EdgeKind::initial) {
    if (const auto to = bearer_of(history, violation, edge.newer)) json["to"] = operations.number_of(*to);
  }
  if (edge.operations.size() < 2) return json;
  json["from"] = operations.number_of(edge.operations.front());
  json["to"] = operations.number_of(edge.operations.back());
  return json;
}

}  // namespace

std::size_t PageOperations::number_of(std::size_t index) {
  const auto [known, is_new] = numbers_.emplace(index, list_.size());
  if (!is_new) return known->second;
  const Operation& operation = history_.operations[index];
  std::string raw;
  append_operation_line(raw, operation, history_.place(index));
  Json json{{"place", history_.place(index)},
            {"line", operation.line},
            {"session", name(operation.session)},
            {"node", name(operation.node)},
            {"role", operation.role == Role::unknown ? "" : to_string(operation.role)},
            {"f", to_string(operation.function)},
            {"key", name(operation.key)},
            {"value", display(operation.value, value_bytes)},
            {"type", to_string(operation.outcome)},
            {"error", visible_text(operation.error, error_bytes)},
            {"from_ms", nullptr},
            {"to_ms", nullptr},
            {"raw", nullptr}};
  if (times_.measured()) {
    json["from_ms"] = times_.ms(operation.invoke);
    json["to_ms"] = times_.ms(operation.complete);
  }
  if (raw.size() <= longest_raw_line) json["raw"] = visible_json(raw);
  bytes_ += embedded(json).size() + 1;
  list_.push_back(std::move(json));
  return known->second;
}

Json page_witness(const History& history, const Judgement& judgement, const Row& row, const Violation& violation,
                  PageOperations& operations) {
  const Story story = tell(history, judgement, violation, row.scope);
  Json steps = Json::array();
  for (const StoryStep& step : story.steps) {
    steps.push_back({{"operation", operations.number_of(step.operation)},
                     {"words", step.words},
                     {"broken", step.operation == violation.operation}});
  }
  Json edges = Json::array();
  for (const Edge& edge : violation.cycle)
    edges.push_back(page_edge(history, violation, edge, operations));
  Json faults = Json::array();
  for (const std::string& episode : violation.faults)
    faults.push_back(name(episode));
  Json json{{"guarantees", to_string(violation.guarantees)},
            {"whose", story.whose},
            {"steps", std::move(steps)},
            {"edges", std::move(edges)},
            {"circumstances", story.circumstances},
            {"faults", std::move(faults)},
            {"assumptions", names(violation.assumptions)},
            {"expected", display(violation.expected, value_bytes)},
            {"observed", display(violation.observed, value_bytes)},
            {"versions_behind", nullptr}};
  if (violation.versions_behind) json["versions_behind"] = *violation.versions_behind;
  return json;
}

Json page_witness_header(const History& history) {
  Json header{{"kind", "header"},
              {"schema", history_schema},
              {"system", visible_text(history.header.system, header_bytes)},
              {"workload", visible_text(history.header.workload, header_bytes)},
              {"policy", visible_text(history.header.policy, header_bytes)},
              {"min_at_risk", 1}};
  if (const auto times = history.header.all.find("times"); times != history.header.all.end() && times->is_string()) {
    header["times"] = visible_text(times->get_ref<const std::string&>(), header_bytes);
  }
  return header;
}

Json page_witness_header(const Row& row) {
  return {{"assume", names(row.assumptions)},
          {"guarantees", Json::array({to_string(row.guarantees)})},
          {"scope", to_string(row.scope)}};
}

}  // namespace afterwrite
