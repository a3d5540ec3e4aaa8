#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/faults/fault.hpp"
#include "harness/faults/proxy.hpp"
#include "harness/history/history.hpp"
#include "harness/session/clock.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite {

/// Whom a nemesis tells what. Called on the thread that plays.
struct NemesisListener {
  std::function<void(FaultEvent)> record;
  /// A fault of this kind is about to begin or to end: until its record comes, it may be in force or not. May be empty.
  std::function<void(const std::string& fault)> turning;
  /// When a beat was acknowledged; nothing if it never was. May be empty.
  std::function<std::optional<Nanoseconds>(std::int64_t beat)> beat_acknowledged;
  /// Another node leads now, and accepts writes. Must not wait for the nemesis. May be empty.
  std::function<void()> on_leader_change;
};

/// Plays the faults that were asked for on a deployment, records what it does, and heals what it did. It refers to the
/// deployment, the proxy and the listener's callbacks, which outlive it. One thread at a time may use it; construct it
/// after Deployment::start() and let it go before Deployment::stop().
///
/// Each fault is an episode (`lag-1`, `kill-2`: its kind, and which of that kind in the order of the requests) with a
/// `start` stamped before anything is done, `proof`s where something is known at once, and an `end` stamped once it is
/// healed. What cannot be done in mid-run is recorded as a proof with `bit` false and the error, and the play goes on.
class Nemesis {
 public:
  Nemesis(std::vector<FaultRequest> requests, Deployment& deployment, FaultProxy& proxy, RunClock clock,
          NemesisListener listener);
  Nemesis(const Nemesis&) = delete;
  Nemesis& operator=(const Nemesis&) = delete;
  /// Heals as heal_all() does.
  ~Nemesis();

  /// Settles which nodes `follower-1` ... are. Throws UsageError for the first fault that the deployment cannot give.
  void check();

  /// Puts what lasts the whole run in force; the schedule's time 0. Checks first unless check() was called. Throws what
  /// check() and the callbacks throw.
  void begin_whole_run();

  /// Plays the schedule, and returns when there is no more to do or a stop is requested; what is on then stays on.
  /// Begins first, unless begin_whole_run() was called. A promotion or restart under way is waited for. Throws what the
  /// callbacks throw.
  void run(const std::stop_token& stop);

  /// Heals whatever is on, the last begun first, and records what never got its turn. Harmless at any time, again too.
  /// A node that was killed is started again, unless it was replaced. Exceptions of the callbacks are dropped.
  void heal_all() noexcept;

 private:
  enum class State { waiting, on, over };
  struct Episode {
    std::unique_ptr<Fault> fault;
    State state = State::waiting;
    std::vector<std::string> targets;
    Nanoseconds began = 0;
    bool failed = false;  ///< it could not be started
    std::string error;    ///< why an earlier attempt to end it failed
  };
  /// When something is due, and where in `episodes_`. Where times are equal, ends come before starts.
  struct Due {
    Duration time;
    bool start = false;
    std::size_t index = 0;
    auto operator<=>(const Due&) const = default;
  };

  void refuse_overlapping_failovers() const;
  Duration played() const { return Clock::now() - origin_; }
  bool wait_until(Duration time, const std::stop_token& stop);
  void start(std::size_t index);
  void finish(std::size_t index);
  void heal(Episode& episode, bool last_try);
  void give_up(Episode& episode);
  void ended(Episode& episode, FaultReport report);
  void prove(const Episode& episode, nlohmann::json proof);
  void turn(const Episode& episode) const {
    if (listener_.turning) listener_.turning(episode.fault->request().name);
  }
  void record(const Episode& episode, const char* phase, Nanoseconds time, nlohmann::json detail);
  void links_changed();

  Deployment& deployment_;
  RunClock clock_;
  NemesisListener listener_;
  LinkEffects links_;
  Targets targets_;
  std::set<std::string> down_;
  FaultScene scene_;
  std::vector<Episode> episodes_;
  std::vector<std::size_t> begun_;  ///< in the order of their starts
  std::set<Due> due_;
  Clock::time_point origin_{};
  bool checked_ = false;
  bool playing_ = false;
};

}  // namespace afterwrite
