#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "harness/history/history.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite {

/// What people see on stderr while an audit goes on: one line that is drawn anew on a terminal, a plain line now and then elsewhere.
class LiveView {
 public:
  enum class Style { none, lines, terminal };
  /// `terminal` if stderr is one, else `lines`; `none` if quiet.
  static Style style_for(bool quiet);

  /// `violations` is asked at each drawing.
  LiveView(Style style, std::function<std::uint64_t()> violations);
  LiveView(const LiveView&) = delete;
  LiveView& operator=(const LiveView&) = delete;
  /// Takes the line off the terminal.
  ~LiveView();

  /// What the recorder tells. Any thread.
  void take(const Operation& operation);
  void take(const FaultEvent& event);
  void take(const LagSample& sample);

  /// A new part of the run begins: said once, e.g. "running".
  void phase(const std::string& name);

 private:
  void draw_until_stopped(const std::stop_token& stop);
  std::string line();

  const Style style_;
  const std::function<std::uint64_t()> violations_;
  std::atomic<std::uint64_t> operations_{0};
  std::atomic<std::uint64_t> unsure_{0};
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string phase_;  // empty: nothing has begun, and nothing is shown
  Clock::time_point phase_begun_ = Clock::now();
  std::map<std::string, LagSample> lags_;
  std::map<std::string, std::string> faults_;
  std::uint64_t counted_ = 0;
  Clock::time_point counted_at_ = Clock::now();
  double rate_ = 0;
  std::jthread drawing_;
};

}  // namespace afterwrite
