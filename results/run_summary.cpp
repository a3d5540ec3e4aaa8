#include "results/run_summary.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "harness/history/scan/scanned_operation.hpp"
#include "results/run_meter.hpp"

namespace afterwrite {
namespace {

constexpr std::string_view control = "control";

}  // namespace

std::vector<NodeLag> summarise_lag(const std::vector<LagSample>& samples) {
  std::map<std::string, std::pair<std::uint64_t, std::vector<double>>> nodes;
  for (const LagSample& sample : samples) {
    auto& [unreachable, lags] = nodes[sample.node];
    if (sample.reachable) {
      if (lags.empty()) unreachable = 0;
      lags.push_back(sample.lag_ms);
    } else {
      ++unreachable;
    }
  }
  std::vector<NodeLag> summaries;
  for (auto& [node, seen] : nodes)
    summaries.push_back({node, seen.first, distribution(seen.second), quantiles(std::move(seen.second))});
  return summaries;
}

bool is_of_control(const Operation& operation) {
  if (operation.labels.empty()) return false;
  const auto label = operation.labels.find(std::string(control));
  return label != operation.labels.end() && label->second == "true";
}

bool is_of_final_check(const Operation& operation) {
  return !operation.labels.empty() && scanned(operation).final_check;
}

bool is_of_control(const Row& row) {
  return row.group == control;
}

bool repeats_another(const Row& row, const Judgement& judgement) {
  if (row.guarantees.count() < 2 || !row.entries.empty()) return false;
  return std::any_of(judgement.rows.begin(), judgement.rows.end(), [&](const Row& other) {
    return other.guarantees.count() == 1 && other.verdict == row.verdict && other.scope == row.scope &&
           other.group == row.group;
  });
}

RunSummary summarise(const History& history) {
  std::unordered_set<std::string_view> sessions;
  std::unordered_set<std::string_view> keys;
  RunMeter meter;
  for (const Operation& operation : history.operations) {
    sessions.insert(operation.session);
    keys.insert(operation.key);
    meter.add(scanned(operation), is_of_control(operation));
  }
  RunSummary summary = meter.summary(sessions.size(), keys.size());
  summary.lag = summarise_lag(history.lags);
  summary.truncated = history.truncated;
  return summary;
}

namespace {

/// Each operation of a violation at its worst, control sessions' left out.
std::vector<Repeat> stale_operations(const Judgement& judgement) {
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
  std::vector<Repeat> all;
  for (const auto& [operation, one] : worst)
    all.push_back(one);
  return all;
}

}  // namespace

StalenessSummary summarise_staleness(const Judgement& judgement) {
  std::vector<double> overdue;
  std::vector<double> versions;
  for (const Repeat& one : stale_operations(judgement)) {
    overdue.push_back(one.staleness_ms);
    if (one.versions_behind) versions.push_back(static_cast<double>(*one.versions_behind));
  }
  return {distribution(std::move(overdue)), distribution(std::move(versions))};
}

std::map<std::int64_t, std::uint64_t> count_versions_behind(const Judgement& judgement) {
  std::map<std::int64_t, std::uint64_t> counts;
  for (const Repeat& one : stale_operations(judgement)) {
    if (one.versions_behind) ++counts[*one.versions_behind];
  }
  return counts;
}

}  // namespace afterwrite
