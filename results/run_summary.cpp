#include "results/run_summary.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace afterwrite {
namespace {

constexpr std::string_view control = "control";
constexpr double nanoseconds_a_millisecond = 1e6;
constexpr std::size_t errors_kept = 5;

double milliseconds_between(Nanoseconds from, Nanoseconds to) {
  return static_cast<double>(to - from) / nanoseconds_a_millisecond;
}

void count(Outcomes& outcomes, Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      ++outcomes.ok;
      break;
    case Outcome::fail:
      ++outcomes.fail;
      break;
    case Outcome::info:
      ++outcomes.info;
      break;
  }
}

std::vector<FunctionSummary> summarise_functions(const History& history) {
  constexpr std::array<Function, 4> order{Function::read, Function::write, Function::append, Function::remove};
  std::vector<FunctionSummary> summaries;
  for (const Function function : order) {
    FunctionSummary summary{.function = function, .outcomes = {}, .latency_ms = {}};
    std::vector<double> latencies;
    for (const Operation& operation : history.operations) {
      if (operation.function != function) continue;
      count(summary.outcomes, operation.outcome);
      if (operation.outcome == Outcome::ok) {
        latencies.push_back(milliseconds_between(operation.invoke, operation.complete));
      }
    }
    if (summary.outcomes.all() == 0) continue;
    summary.latency_ms = distribution(std::move(latencies));
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

PolicyCost summarise_policy(const History& history, bool of_control) {
  PolicyCost cost;
  cost.sessions = of_control ? control : "policy";
  std::vector<double> waits;
  double waited = 0;
  for (const Operation& operation : history.operations) {
    if (operation.is_write() || is_of_control(operation) != of_control) continue;
    ++cost.reads;
    if (operation.role != Role::unknown) ++cost.reads_of_known_role;
    if (operation.role == Role::leader) ++cost.leader_reads;
    if (operation.fallback) ++cost.fallbacks;
    waited += operation.waited_ms;
    if (operation.waited_ms > 0) waits.push_back(operation.waited_ms);
  }
  cost.waited_ms = distribution(std::move(waits));
  if (cost.reads > 0) cost.added_ms_a_read = waited / static_cast<double>(cost.reads);
  return cost;
}

std::vector<NodeLag> summarise_lag(const History& history) {
  std::map<std::string, std::pair<std::uint64_t, std::vector<double>>> nodes;
  for (const LagSample& sample : history.lags) {
    auto& [unreachable, lags] = nodes[sample.node];
    if (sample.reachable) {
      lags.push_back(sample.lag_ms);
    } else {
      ++unreachable;
    }
  }
  std::vector<NodeLag> summaries;
  for (auto& [node, seen] : nodes)
    summaries.push_back({node, seen.first, distribution(std::move(seen.second))});
  return summaries;
}

std::vector<std::pair<std::string, std::uint64_t>> most_frequent_errors(const History& history) {
  std::map<std::string, std::uint64_t> counts;
  for (const Operation& operation : history.operations) {
    if (operation.outcome != Outcome::ok) ++counts[operation.error];
  }
  std::vector<std::pair<std::string, std::uint64_t>> errors(counts.begin(), counts.end());
  std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (errors.size() > errors_kept) errors.resize(errors_kept);
  return errors;
}

}  // namespace

bool is_of_control(const Operation& operation) {
  if (operation.labels.empty()) return false;
  const auto label = operation.labels.find(std::string(control));
  return label != operation.labels.end() && label->second == "true";
}

bool is_of_control(const Row& row) {
  return row.group == control;
}

RunSummary summarise(const History& history) {
  RunSummary summary;
  summary.truncated = history.truncated;
  if (history.operations.empty()) {
    summary.lag = summarise_lag(history);
    return summary;
  }
  std::unordered_set<std::string_view> sessions;
  std::unordered_set<std::string_view> keys;
  Nanoseconds first = history.operations.front().invoke;
  bool any_control = false;
  for (const Operation& operation : history.operations) {
    sessions.insert(operation.session);
    keys.insert(operation.key);
    count(summary.outcomes, operation.outcome);
    first = std::min(first, operation.invoke);
    any_control = any_control || is_of_control(operation);
  }
  summary.sessions = sessions.size();
  summary.keys = keys.size();
  summary.duration_ms = milliseconds_between(first, history.operations.back().complete);
  if (summary.duration_ms > 0) {
    summary.operations_per_second = 1000.0 * static_cast<double>(history.operations.size()) / summary.duration_ms;
  }
  summary.functions = summarise_functions(history);
  summary.policy.push_back(summarise_policy(history, false));
  if (any_control) summary.policy.push_back(summarise_policy(history, true));
  summary.lag = summarise_lag(history);
  summary.errors = most_frequent_errors(history);
  return summary;
}

StalenessSummary summarise_staleness(const Judgement& judgement) {
  std::unordered_set<std::size_t> seen;
  std::vector<double> overdue;
  std::vector<double> versions;
  for (const Row& row : judgement.rows) {
    if (is_of_control(row)) continue;
    for (const Violation& violation : row.entries) {
      if (!seen.insert(violation.operation).second) continue;
      overdue.push_back(violation.staleness_ms);
      if (violation.versions_behind) versions.push_back(static_cast<double>(*violation.versions_behind));
    }
  }
  return {distribution(std::move(overdue)), distribution(std::move(versions))};
}

}  // namespace afterwrite
