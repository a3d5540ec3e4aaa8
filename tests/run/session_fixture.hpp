#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "harness/history/reader.hpp"
#include "harness/run/session_runner.hpp"
#include "tests/run/fake_system.hpp"
#include "tests/run/temporary_folder.hpp"

namespace afterwrite {

/// A policy that is a function; it keeps what it was last told of the session.
class Rule final : public ReadPolicy {
 public:
  using Plan = std::function<std::optional<ReadPlan>(const SessionKnowledge&, const Topology&, Random&)>;
  explicit Rule(Plan plan) : plan_(std::move(plan)) {}
  std::string name() const override { return "rule"; }
  std::optional<ReadPlan> plan(const SessionKnowledge& session, const Topology& topology, Clock::time_point,
                               Random& random) const override {
    known = session;
    return plan_(session, topology, random);
  }
  std::optional<std::string> refusal(const Topology&) const override { return std::nullopt; }

  mutable SessionKnowledge known;

 private:
  Plan plan_;
};

inline Rule::Plan always(const std::string& node) {
  return [node](const SessionKnowledge&, const Topology&, Random&) { return ReadPlan{.node = node, .await = {}}; };
}

inline Reply reply(Outcome outcome, Connection connection = Connection::usable, const std::string& position = {}) {
  Reply made;
  made.outcome = outcome;
  made.connection = connection;
  made.position = position;
  if (outcome != Outcome::ok) made.error = "because";
  return made;
}

class SessionRunnerTest : public testing::Test {
 protected:
  SessionRunnerTest() {
    control_.start();
    surroundings_.await_settled = [this] { ++settled_waits_; };
  }

  SessionRunner session(const ReadPolicy& policy) {
    return SessionRunner(surroundings_, {.name = "s0",
                                         .user = "u0",
                                         .ordinal = 3,
                                         .count = 4,
                                         .seed = 42,
                                         .policy = &policy,
                                         .labels = {},
                                         .counted = true});
  }

  /// Everything that was recorded; nothing can be recorded afterwards.
  History recorded() {
    recorder_.finish();
    return read_history(file_);
  }

  fake::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "history.jsonl";
  fake::System system_;
  RunClock clock_;
  RunControl control_{1, std::nullopt, std::nullopt};
  Recorder recorder_{file_, Header{}, clock_};
  int settled_waits_ = 0;
  SessionSurroundings surroundings_{system_, recorder_, control_, clock_, std::chrono::seconds(2), {}};
};

}  // namespace afterwrite
