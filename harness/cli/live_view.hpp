#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/history/history.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite {

/// What people see on stderr while an audit goes on: a few lines on a terminal, which are drawn anew in their place and fit into whatever
/// size it has at that moment; elsewhere a plain line now and then.
///
/// Between drawings the cursor stands where the lines begin. So what others say meanwhile (`\r\033[K`, then a line) stays above them.
class LiveView {
 public:
  enum class Style { none, lines, terminal };
  /// `terminal` if stderr is one that can move its cursor, else `lines`; `none` if quiet.
  static Style style_for(bool quiet);

  /// What is shown besides the run itself.
  struct Around {
    std::string title = {};  ///< of the run: system and policy
    std::optional<Duration> duration = std::nullopt;  ///< how long its load lasts at most
    std::function<std::string()> progress = {};       ///< of all runs, where this is one of several
  };

  /// `violations` is asked at each drawing.
  LiveView(Style style, std::function<std::uint64_t()> violations, Around around);
  LiveView(const LiveView&) = delete;
  LiveView& operator=(const LiveView&) = delete;
  /// Takes the lines off the terminal.
  ~LiveView();

  /// What the recorder tells. Any thread.
  void take(const Operation& operation);
  void take(const FaultEvent& event);
  void take(const LagSample& sample);

  /// A new part of the run begins: said once, e.g. "running".
  void phase(const std::string& name);

 private:
  void draw_until_stopped(const std::stop_token& stop);
  void measure_rate();
  std::string phase_text() const;
  std::string counts_text() const;
  std::string lags_text() const;
  std::string faults_text() const;
  std::string line() const;
  std::vector<std::string> lines() const;

  const Style style_;
  const std::function<std::uint64_t()> violations_;
  const Around around_;
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
