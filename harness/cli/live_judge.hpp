#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include "checkers/judge.hpp"
#include "harness/run/recorder.hpp"

namespace afterwrite {

/// What was seen while a run goes on.
struct SeenSoFar {
  std::uint64_t violations = 0;
  std::uint64_t at_risk = 0;  ///< the least number of at-risk operations of any guarantee asked for, its groups together

  /// With what a further look at the same run says. Never less than before: a delete makes doubtful what earlier reads of
  /// nothing saw, until the end of the run is known.
  SeenSoFar with(const Judgement& judgement) const;
};

/// Judges a history while it is being recorded: takes what the recorder tells and judges, on a thread of its own, all that came so far,
/// again and again. Each round waits several times as long as the last one took, so that judging never
/// takes more than a small share of the machine. The verdict that counts is made from the file in the end.
class LiveJudge {
 public:
  LiveJudge(const Header& header, Question question);
  LiveJudge(const LiveJudge&) = delete;
  LiveJudge& operator=(const LiveJudge&) = delete;
  ~LiveJudge();

  /// To be given to the recorder.
  void take(const Operation& operation);
  void take(const FaultEvent& event);
  void take(const LagSample& sample);

  /// As of the latest round. Any thread.
  std::uint64_t violations() const { return violations_.load(); }
  /// SeenSoFar::at_risk, likewise.
  std::uint64_t at_risk() const { return at_risk_.load(); }

 private:
  void judge_until_stopped(const std::stop_token& stop);

  Question question_;
  History history_;  // the judging thread's own
  std::mutex mutex_;
  std::condition_variable_any changed_;
  History pending_;
  std::atomic<std::uint64_t> violations_{0};
  std::atomic<std::uint64_t> at_risk_{0};
  std::jthread judging_;
};

}  // namespace afterwrite
