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
  /// The least number of at-risk operations of any row asked for. Any thread.
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
