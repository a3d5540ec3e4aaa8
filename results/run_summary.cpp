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
constexpr std::string_view policy = "policy";
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

std::string name_of_sessions(bool of_control) {
  return std::string(of_control ? control : policy);
}

void summarise_functions(const History& history, bool of_control, std::vector<FunctionSummary>& summaries) {
  constexpr std::array<Function, 4> order{Function::read, Function::write, Function::append, Function::remove};
  for (const Function function : order) {
    FunctionSummary summary{
        .sessions = name_of_sessions(of_control), .function = function, .outcomes = {}, .latency_ms = {}};
    std::vector<double> latencies;
    for (const Operation& operation : history.operations) {
      if (operation.function != function || is_of_control(operation) != of_control) continue;
      count(summary.outcomes, operation.outcome);
      if (operation.outcome == Outcome::ok) {
        latencies.push_back(milliseconds_between(operation.invoke, operation.complete));
      }
    }
    if (summary.outcomes.all() == 0) continue;
    summary.latency_ms = distribution(std::move(latencies));
    summaries.push_back(std::move(summary));
  }
}

PolicyCost summarise_policy(const History& history, bool of_control) {
  PolicyCost cost;
  cost.sessions = name_of_sessions(of_control);
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

void most_frequent_errors(const History& history, bool of_control, std::vector<ErrorSummary>& all) {
  std::map<std::string, std::uint64_t> counts;
  for (const Operation& operation : history.operations) {
    if (operation.outcome != Outcome::ok && is_of_control(operation) == of_control) ++counts[operation.error];
  }
  std::vector<ErrorSummary> errors;
  for (const auto& [error, count] : counts)
    errors.push_back({name_of_sessions(of_control), error, count});
  std::stable_sort(errors.begin(), errors.end(),
                   [](const ErrorSummary& a, const ErrorSummary& b) { return a.count > b.count; });
  if (errors.size() > errors_kept) errors.resize(errors_kept);
  all.insert(all.end(), errors.begin(), errors.end());
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
  for (const bool of_control : {false, true}) {
    if (of_control && !any_control) continue;
    summarise_functions(history, of_control, summary.functions);
    summary.policy.push_back(summarise_policy(history, of_control));
    most_frequent_errors(history, of_control, summary.errors);
  }
  summary.lag = summarise_lag(history);
  return summary;
}

StalenessSummary summarise_staleness(const Judgement& judgement) {
  std::unordered_map<std::size_t, Repeat> worst;
  const auto take = [&](const Repeat& one) {
    Repeat& known = worst.emplace(one.operation, one).first->second;
    known.staleness_ms = std::max(known.staleness_ms, one.staleness_ms);
    known.versions_behind = std::max(known.versions_behind, one.versions_behind);
  };
  for (const Row& row : judgement.rows) {
    if (is_of_control(row)) continue;
    for (const Violation& violation : row.entries) {
      take({violation.operation, violation.staleness_ms, violation.versions_behind});
      for (const Repeat& repeat : violation.repeats)
        take(repeat);
    }
  }
  std::vector<double> overdue;
  std::vector<double> versions;
  for (const auto& [operation, one] : worst) {
    overdue.push_back(one.staleness_ms);
    if (one.versions_behind) versions.push_back(static_cast<double>(*one.versions_behind));
  }
  return {distribution(std::move(overdue)), distribution(std::move(versions))};
}

}  // namespace afterwrite
