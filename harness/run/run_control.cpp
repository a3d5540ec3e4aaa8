#include "harness/run/run_control.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace afterwrite {
namespace {

Duration interval_of(std::optional<double> rate) {
  if (!rate) return Duration{0};
  return Duration{static_cast<Duration::rep>(std::clamp(1e9 / *rate, 1.0, 1e18))};
}

}  // namespace

std::string_view to_string(RunEnd end) {
  switch (end) {
    case RunEnd::duration:
      return "duration";
    case RunEnd::operations:
      return "operations";
    case RunEnd::enough:
      return "enough";
    case RunEnd::workload_done:
      return "workload-done";
    case RunEnd::interrupted:
      return "interrupted";
    case RunEnd::lost_system:
      return "lost-system";
    case RunEnd::recorder_failed:
      return "recorder-failed";
    case RunEnd::session_failed:
      return "session-failed";
  }
  return "unknown";
}

RunControl::RunControl(std::size_t sessions, std::optional<std::uint64_t> operations, std::optional<double> rate)
    : sessions_(sessions), operations_(operations), interval_(interval_of(rate)) {}

bool RunControl::await_start() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stage() != Stage::gate; });
  return stage() == Stage::loading;
}

bool RunControl::wait_until(Stage stage, Clock::time_point time) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, time, [&] { return !in(stage); });
  return in(stage);
}

bool RunControl::pace() {
  if (interval_ == Duration{0}) return in(Stage::loading);
  Clock::time_point place;
  {
    const std::lock_guard lock(mutex_);
    place = std::max(next_place_, Clock::now());
    next_place_ = place + interval_;
  }
  return wait_until(Stage::loading, place);
}

bool RunControl::take_ticket() {
  return !operations_ || tickets_taken_.fetch_add(1, std::memory_order_relaxed) < *operations_;
}

void RunControl::return_ticket() {
  if (!operations_ || tickets_returned_.fetch_add(1, std::memory_order_relaxed) + 1 != *operations_) return;
  end_load(RunEnd::operations, fmt::format("the {} operations asked for were done", *operations_));
}

void RunControl::arrive(bool counted) {
  const std::lock_guard lock(mutex_);
  ++arrived_;
  if (counted) ++arrived_counted_;
  if (arrived_counted_ == sessions_ && in(Stage::loading)) {
    end(RunEnd::workload_done, "no session had anything more to do");
    enter(Stage::draining);
  }
  changed_.notify_all();
}

bool RunControl::await_check() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stage() >= Stage::checking; });
  return stage() == Stage::checking;
}

void RunControl::leave() {
  const std::lock_guard lock(mutex_);
  ++left_;
  changed_.notify_all();
}

void RunControl::start() {
  const std::lock_guard lock(mutex_);
  if (!in(Stage::gate)) return;
  next_place_ = Clock::now();
  enter(Stage::loading);
}

void RunControl::end_load(RunEnd reason, const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (stage() > Stage::loading) return;
  end(reason, why);
  enter(Stage::draining);
}

void RunControl::abort(RunEnd reason, const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (in(Stage::over)) return;
  if (ended_) {
    notes_.push_back(why);
  } else {
    end(reason, why);
  }
  enter(Stage::over);
}

void RunControl::begin_check() {
  const std::lock_guard lock(mutex_);
  if (stage() < Stage::checking) enter(Stage::checking);
}

bool RunControl::wait_load_ended(Duration duration) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, duration, [&] { return stage() > Stage::loading; });
}

bool RunControl::wait_arrived(std::size_t sessions, Duration duration) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, duration, [&] { return arrived_ >= sessions; });
}

bool RunControl::wait_left(std::size_t sessions, Duration duration) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, duration, [&] { return left_ >= sessions; });
}

void RunControl::note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.push_back(text);
}

std::optional<RunEnd> RunControl::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

std::string RunControl::why() const {
  const std::lock_guard lock(mutex_);
  return why_;
}

std::optional<Clock::time_point> RunControl::load_end() const {
  const std::lock_guard lock(mutex_);
  return load_end_;
}

std::vector<std::string> RunControl::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

// Both with mutex_ held.

void RunControl::enter(Stage stage) {
  stage_.store(stage, std::memory_order_release);
  changed_.notify_all();
}

void RunControl::end(RunEnd reason, const std::string& why) {
  if (ended_) return;
  ended_ = reason;
  why_ = why;
  load_end_ = Clock::now();
}

}  // namespace afterwrite
