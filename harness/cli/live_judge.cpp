#include "harness/cli/live_judge.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <utility>

#include "harness/session/clock.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

namespace {

constexpr Duration shortest_pause = std::chrono::milliseconds(300);
constexpr int pause_per_round = 8;

template <typename Record>
void move_to_end(std::vector<Record>& to, std::vector<Record>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

}  // namespace

SeenSoFar SeenSoFar::with(const Judgement& judgement) const {
  std::uint64_t violated = 0;
  std::map<std::pair<unsigned long, Scope>, std::uint64_t> at_risk_of;  // by guarantees and scope
  for (const Row& row : judgement.rows) {
    if (is_of_control(row)) continue;
    violated += row.violations;
    at_risk_of[{row.guarantees.to_ulong(), row.scope}] += row.at_risk;
  }
  const auto least = std::min_element(at_risk_of.begin(), at_risk_of.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  return {std::max(violations, violated), std::max(at_risk, least == at_risk_of.end() ? 0 : least->second)};
}

LiveJudge::LiveJudge(const Header& header, Question question) : question_(std::move(question)) {
  question_.live = true;
  history_.name = "the running audit";
  history_.header = header;
  judging_ = std::jthread([this](const std::stop_token& stop) { judge_until_stopped(stop); });
}

LiveJudge::~LiveJudge() = default;

void LiveJudge::take(const Operation& operation) {
  const std::scoped_lock lock(mutex_);
  pending_.operations.push_back(operation);
}

void LiveJudge::take(const FaultEvent& event) {
  const std::scoped_lock lock(mutex_);
  pending_.faults.push_back(event);
}

void LiveJudge::take(const LagSample& sample) {
  const std::scoped_lock lock(mutex_);
  pending_.lags.push_back(sample);
}

void LiveJudge::judge_until_stopped(const std::stop_token& stop) {
  Duration pause = shortest_pause;
  SeenSoFar seen;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, pause, [] { return false; });
      if (stop.stop_requested()) return;
      move_to_end(history_.operations, pending_.operations);
      move_to_end(history_.faults, pending_.faults);
      move_to_end(history_.lags, pending_.lags);
    }
    const auto begun = Clock::now();
    seen = seen.with(judge(history_, question_));
    violations_ = seen.violations;
    at_risk_ = seen.at_risk;
    pause = std::max<Duration>(shortest_pause, pause_per_round * (Clock::now() - begun));
  }
}

}  // namespace afterwrite
