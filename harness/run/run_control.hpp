#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/session/clock.hpp"

namespace afterwrite {

/// What ended the load of a run.
enum class RunEnd {
  duration,         ///< its time was up
  operations,       ///< it had done as many as were asked for
  enough,           ///< who asked for the run had seen enough
  workload_done,    ///< no session had anything more to do
  interrupted,      ///< the user stopped it
  lost_system,      ///< a node ended that nobody killed
  recorder_failed,  ///< the history could not be written any further
  session_failed,   ///< a workload, policy or client threw: a bug, not an outcome
};
std::string_view to_string(RunEnd end);

/// How far a run is, as its sessions see it. Only ever goes forward.
enum class Stage {
  gate,      ///< sessions wait to begin, all at once
  loading,   ///< the workload runs
  draining,  ///< the load has ended; sessions come back from what they were doing
  checking,  ///< each session reads what it touched
  over,      ///< nothing new is begun
};

/// Through which the threads of one run agree on when it goes, how fast, and when it ends; every wait of a session is
/// here, so that none outlasts the run. Any thread may call any member.
class RunControl {
 public:
  /// `sessions`: those whose workload has to return for the load to be done. `operations`: end the load after so many.
  /// `rate`: operations per second of all sessions together.
  RunControl(std::size_t sessions, std::optional<std::uint64_t> operations, std::optional<double> rate);
  RunControl(const RunControl&) = delete;
  RunControl& operator=(const RunControl&) = delete;

  Stage stage() const noexcept { return stage_.load(std::memory_order_acquire); }
  bool in(Stage stage) const noexcept { return this->stage() == stage; }

  // For sessions.

  /// Blocks at the gate. True once the load begins; false if the run is over before.
  bool await_start();
  /// Waits until `time`, or until `stage` is over. Returns in(stage).
  bool wait_until(Stage stage, Clock::time_point time);
  /// Takes the next place in the shared schedule of `rate` and waits for it. False if the load ended before. Without a
  /// rate it returns at once. Places that nobody could use in time are not made up for: the rate is never exceeded.
  bool pace();
  /// Takes one of the operations of the run; false (and never true again) if all are taken.
  bool take_ticket();
  /// One of them has been recorded. Ends the load with the last.
  void return_ticket();
  /// A session's workload has returned; once, also by a session that failed. The last of those that count ends the
  /// load.
  void arrive(bool counted);
  /// Blocks while the load drains. True if the session shall now read what it touched; false if the run is over.
  bool await_check();
  /// A session is about to end; once, after arrive().
  void leave();

  // For whoever leads the run.

  void start();
  /// Ends the load; the first reason given stays.
  void end_load(RunEnd end, const std::string& why);
  /// Ends everything: no settling, no final check. The reason stands if the load had not ended before; else it is a
  /// note.
  void abort(RunEnd end, const std::string& why);
  void begin_check();
  /// Waits at most `duration` for the load to end. True if it has.
  bool wait_load_ended(Duration duration);
  /// Waits at most `duration` for so many sessions to arrive, or to leave. True if they have.
  bool wait_arrived(std::size_t sessions, Duration duration);
  bool wait_left(std::size_t sessions, Duration duration);

  /// Something that a reader of the report should know. Said twice it is kept once.
  void note(const std::string& text);

  std::optional<RunEnd> ended() const;  ///< nothing while the load goes on
  std::string why() const;
  std::optional<Clock::time_point> load_end() const;
  std::vector<std::string> notes() const;

 private:
  void enter(Stage stage);
  void end(RunEnd end, const std::string& why);

  const std::size_t sessions_;
  const std::optional<std::uint64_t> operations_;
  const Duration interval_;  // between two places of the schedule; 0: no rate

  std::atomic<Stage> stage_{Stage::gate};  // written under mutex_
  std::atomic<std::uint64_t> tickets_taken_{0};
  std::atomic<std::uint64_t> tickets_returned_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t arrived_ = 0;
  std::size_t arrived_counted_ = 0;
  std::size_t left_ = 0;
  Clock::time_point next_place_{};
  std::optional<RunEnd> ended_;
  std::string why_;
  std::optional<Clock::time_point> load_end_;
  std::vector<std::string> notes_;
};

}  // namespace afterwrite
