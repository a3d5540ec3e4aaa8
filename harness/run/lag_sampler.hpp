#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/history/history.hpp"
#include "harness/run/beat_ledger.hpp"
#include "harness/session/clock.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite {

/// How often the sampler looks, and how long it waits for an answer.
struct SamplerPace {
  Duration interval = std::chrono::milliseconds(25);
  Duration answer_within = std::chrono::milliseconds(500);
};

/// Measures how far each node is behind: one thread writes beats to the leader, one thread a node asks it which beat it
/// shows. A sample is the age of the oldest acknowledged beat that was not visible (0 if none): a lower bound of the
/// lag, which grows during a stall. A node that was replaced as leader is in nobody's choice any more and is not asked.
/// Until a node has shown a first beat of this run, nothing is known of its lag, and its samples say that it gave no answer: a node that
/// cannot show beats at all would else seem to lag without bound, and every read to be at risk.
class LagSampler {
 public:
  /// Takes a sample, and when the newest beat that the node showed in it was acknowledged, if it showed any.
  using Sink = std::function<void(const LagSample&, std::optional<Nanoseconds> shown)>;

  /// `deployment` outlives the sampler. `sink` is called from the sampler's threads, several at once.
  LagSampler(Deployment& deployment, RunClock clock, Sink sink, SamplerPace pace = {});
  LagSampler(const LagSampler&) = delete;
  LagSampler& operator=(const LagSampler&) = delete;
  /// Stops.
  ~LagSampler();

  /// Opens the beats and starts the threads, which go on until stop(). False if the system has no beats: then nothing
  /// is ever sampled. Throws what Deployment::open_beat throws. Once.
  bool start();
  /// Ends the threads and waits for them, at most for the answers they wait for; the beats are closed then. Also if
  /// never started.
  void stop() noexcept;

  /// When which beat was acknowledged. Any thread.
  const BeatLedger& ledger() const { return ledger_; }

  /// Waits until a beat that was written after this call began is visible at every follower that answers. Returns what
  /// was missing in the end (at `deadline`, or once `interrupted` says so), or an empty text if the lag has settled.
  /// Any thread.
  std::string wait_settled(Deadline deadline, const std::function<bool()>& interrupted) const;

  /// Waits until every node that answers has shown a beat. Returns the names of those that had not in the end (at `deadline`, or once
  /// `interrupted` says so). Any thread.
  std::vector<std::string> wait_shown(Deadline deadline, const std::function<bool()>& interrupted) const;

  /// Waits until every node was asked once more at `time` or later. False at the deadline, or once interrupted. Any
  /// thread.
  bool wait_sampled(Nanoseconds time, Deadline deadline, const std::function<bool()>& interrupted) const;

  /// What went wrong: a beat that threw. Any thread.
  std::vector<std::string> problems() const;

 private:
  struct Seen {
    Nanoseconds asked = -1;  // when it was asked last; -1: not yet
    bool answered = false;    // then
    std::int64_t visible = 0;
    bool shown = false;  // some beat of this run
    bool asking = true;  // false: in nobody's choice any more
  };

  void write_beats(std::stop_token stop, Beat& beat);
  void sample_node(std::stop_token stop, const Node& node, Beat& beat);
  void ask(const std::string& node, Beat& beat);
  bool wait_tick(std::stop_token stop, Clock::time_point& tick);
  void guarded(const std::string& doing, const std::function<void()>& body);
  std::string unsettled(std::int64_t issued_before) const;
  std::vector<std::string> not_shown() const;

  Deployment& deployment_;
  const RunClock clock_;
  const Sink sink_;
  const SamplerPace pace_;
  BeatLedger ledger_;
  std::atomic<std::int64_t> issued_{0};  // the newest number that was sent, acknowledged or not

  mutable std::mutex mutex_;
  mutable std::condition_variable_any sampled_;
  std::map<std::string, Seen> seen_;
  std::vector<std::string> problems_;

  std::vector<std::jthread> threads_;
};

}  // namespace afterwrite
