#include "results/run_meter.hpp"

#include <algorithm>
#include <cmath>

namespace afterwrite {
namespace {

constexpr double nanoseconds_a_millisecond = 1e6;
constexpr std::size_t errors_kept = 5;

/// Whole nanoseconds add up to the same in whatever order they come.
std::int64_t nanoseconds(double milliseconds) {
  constexpr double most = 9e18;
  return static_cast<std::int64_t>(std::llround(std::min(milliseconds * nanoseconds_a_millisecond, most)));
}

void most_frequent_errors(const std::map<std::string, std::uint64_t, std::less<>>& counts, const std::string& sessions,
                          std::vector<ErrorSummary>& all) {
  std::vector<ErrorSummary> errors;
  for (const auto& [error, count] : counts)
    errors.push_back({sessions, error, count});
  std::stable_sort(errors.begin(), errors.end(),
                   [](const ErrorSummary& a, const ErrorSummary& b) { return a.count > b.count; });
  if (errors.size() > errors_kept) errors.resize(errors_kept);
  all.insert(all.end(), errors.begin(), errors.end());
}

}  // namespace

void RunMeter::add(const ScannedOperation& operation, bool of_control) {
  const bool first = sides_[0].operations + sides_[1].operations == 0;
  first_invoke_ = first ? operation.invoke : std::min(first_invoke_, operation.invoke);
  last_complete_ = first ? operation.complete : std::max(last_complete_, operation.complete);
  if (over_time_) timeline_.add(operation, of_control);
  Side& side = sides_[of_control ? 1 : 0];
  ++side.operations;
  Calls& calls = side.functions[static_cast<std::size_t>(operation.function)];
  calls.outcomes.add(operation.outcome);
  if (operation.outcome == Outcome::ok) {
    // What the policy costs is that of the load.
    if (!operation.final_check) calls.latency.add(operation.complete - operation.invoke);
  } else {
    const auto found = side.errors.find(operation.error);
    if (found != side.errors.end()) {
      ++found->second;
    } else {
      side.errors.emplace(operation.error, 1);
    }
  }
  if (operation.function != Function::read || operation.final_check) return;
  ++side.cost.reads;
  side.cost.reads_of_known_role += operation.role != Role::unknown ? 1 : 0;
  side.cost.leader_reads += operation.role == Role::leader ? 1 : 0;
  side.cost.fallbacks += operation.fallback ? 1 : 0;
  if (operation.waited_ms > 0) side.waits.add(nanoseconds(operation.waited_ms));
}

void RunMeter::add(const RunMeter& others) {
  if (others.sides_[0].operations + others.sides_[1].operations == 0) return;
  const bool first = sides_[0].operations + sides_[1].operations == 0;
  first_invoke_ = first ? others.first_invoke_ : std::min(first_invoke_, others.first_invoke_);
  last_complete_ = first ? others.last_complete_ : std::max(last_complete_, others.last_complete_);
  timeline_.add(others.timeline_);
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    Side& side = sides_[i];
    const Side& other = others.sides_[i];
    side.operations += other.operations;
    for (std::size_t f = 0; f < side.functions.size(); ++f) {
      side.functions[f].outcomes.add(other.functions[f].outcomes);
      side.functions[f].latency.add(other.functions[f].latency);
    }
    side.cost.reads += other.cost.reads;
    side.cost.reads_of_known_role += other.cost.reads_of_known_role;
    side.cost.leader_reads += other.cost.leader_reads;
    side.cost.fallbacks += other.cost.fallbacks;
    side.waits.add(other.waits);
    for (const auto& [error, count] : other.errors)
      side.errors[error] += count;
  }
}

void RunMeter::summarise_side(const Side& side, bool of_control, RunSummary& summary) {
  const std::string sessions = of_control ? "control" : "policy";
  for (const Function function : {Function::read, Function::write, Function::append, Function::remove}) {
    const Calls& calls = side.functions[static_cast<std::size_t>(function)];
    if (calls.outcomes.all() == 0) continue;
    summary.outcomes.add(calls.outcomes);
    summary.functions.push_back({.sessions = sessions,
                                 .function = function,
                                 .outcomes = calls.outcomes,
                                 .latency_ms = calls.latency.in_milliseconds()});
  }
  PolicyCost cost = side.cost;
  cost.sessions = sessions;
  cost.waited_ms = side.waits.in_milliseconds();
  if (cost.reads > 0) cost.added_ms_a_read = side.waits.sum_ms() / static_cast<double>(cost.reads);
  summary.policy.push_back(std::move(cost));
  most_frequent_errors(side.errors, sessions, summary.errors);
}

RunSummary RunMeter::summary(std::uint64_t sessions, std::uint64_t keys) const {
  RunSummary summary;
  const std::uint64_t operations = sides_[0].operations + sides_[1].operations;
  if (operations == 0) return summary;
  summary.sessions = sessions;
  summary.keys = keys;
  summary.duration_ms = static_cast<double>(last_complete_ - first_invoke_) / nanoseconds_a_millisecond;
  if (summary.duration_ms > 0) {
    summary.operations_per_second = 1000.0 * static_cast<double>(operations) / summary.duration_ms;
  }
  summarise_side(sides_[0], false, summary);
  if (sides_[1].operations > 0) summarise_side(sides_[1], true, summary);
  summary.timeline = timeline_.timeline();
  return summary;
}

}  // namespace afterwrite
