#include "harness/run/lag_sampler.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

#include "tests/run/fake_system.hpp"

namespace afterwrite {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(BeatLedger, knows_the_oldest_beat_that_a_node_does_not_show) {
  BeatLedger ledger;
  EXPECT_FALSE(ledger.newest());
  EXPECT_FALSE(ledger.oldest_beyond(0));
  ledger.acknowledge(1, 100);
  ledger.acknowledge(4, 400);
  ledger.acknowledge(5, 500);
  EXPECT_EQ(ledger.acknowledged_at(4), 400);
  EXPECT_FALSE(ledger.acknowledged_at(3)) << "3 was sent, but nobody knows whether it arrived";
  EXPECT_EQ(ledger.newest()->number, 5);
  EXPECT_EQ(ledger.oldest_beyond(0)->number, 1);
  EXPECT_EQ(ledger.oldest_beyond(1)->acknowledged, 400);
  EXPECT_EQ(ledger.oldest_beyond(3)->number, 4);
  EXPECT_FALSE(ledger.oldest_beyond(5));
  EXPECT_EQ(ledger.newest_up_to(3)->number, 1);
  EXPECT_FALSE(ledger.newest_up_to(0));
}

class LagSamplerTest : public testing::Test {
 protected:
  void TearDown() override {
    sampler_.stop();
    EXPECT_EQ(system_.beats_open, 0);
  }

  void take(const LagSample& sample, std::optional<Nanoseconds> shown) {
    const std::lock_guard lock(mutex_);
    samples_.push_back(sample);
    if (sample.node == "node-2") shown_ = shown;
    changed_.notify_all();
  }

  /// Waits until a sample is as described, and returns it.
  LagSample wait_for(const std::function<bool(const LagSample&)>& described) {
    std::unique_lock lock(mutex_);
    std::vector<LagSample>::const_iterator found;
    const bool seen = changed_.wait_for(lock, std::chrono::minutes(1), [&] {
      found = std::find_if(samples_.begin(), samples_.end(), described);
      return found != samples_.end();
    });
    EXPECT_TRUE(seen);
    return seen ? *found : LagSample{};
  }

  static bool never() { return false; }

  fake::System system_;
  RunClock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<LagSample> samples_;
  std::optional<Nanoseconds> shown_;  // by node-2, last
  LagSampler sampler_{system_,
                      clock_,
                      [this](const LagSample& sample, std::optional<Nanoseconds> shown) { take(sample, shown); },
                      {.interval = std::chrono::milliseconds(1), .answer_within = std::chrono::milliseconds(100)}};
};

TEST_F(LagSamplerTest, the_lag_is_the_age_of_the_oldest_acknowledged_beat_that_is_not_visible) {
  // node-2 shows beat 3 for ever; every second beat is unsure, so 5 is the oldest that it owes.
  system_.on_beat = [](std::int64_t number) { return number % 2 == 1; };
  system_.on_visible = [](const std::string& node, std::int64_t newest) {
    return node == "node-2" ? std::min<std::int64_t>(newest, 3) : newest;
  };
  ASSERT_TRUE(sampler_.start());
  const LagSample behind = wait_for([](const LagSample& s) { return s.node == "node-2" && s.lag_ms >= 20; });
  EXPECT_EQ(behind.beat_acknowledged, sampler_.ledger().acknowledged_at(5));
  EXPECT_DOUBLE_EQ(behind.lag_ms, static_cast<double>(behind.time - *behind.beat_acknowledged) / 1e6);
  EXPECT_FALSE(sampler_.ledger().acknowledged_at(4));
  const LagSample current = wait_for([&](const LagSample& s) { return s.node == "node-1" && s.time > behind.time; });
  EXPECT_TRUE(current.reachable);
  sampler_.stop();
  EXPECT_EQ(shown_, sampler_.ledger().acknowledged_at(3));
  // It grows for as long as nothing arrives, by exactly the time that passes.
  std::optional<LagSample> before;
  for (const LagSample& sample : samples_) {
    if (sample.node != "node-2" || sample.beat_acknowledged != behind.beat_acknowledged) continue;
    if (before) {
      EXPECT_NEAR(sample.lag_ms - before->lag_ms, static_cast<double>(sample.time - before->time) / 1e6, 1e-6);
    }
    before = sample;
  }
}

TEST_F(LagSamplerTest, a_beat_acknowledged_only_after_the_node_was_asked_is_no_lag) {
  // The node looks at the beats, and answers only when a newer one is acknowledged.
  system_.on_visible = [&](const std::string& node, std::int64_t newest) -> std::optional<std::int64_t> {
    if (node != "node-1") return newest;
    const Deadline deadline = Clock::now() + std::chrono::minutes(1);
    while (!sampler_.ledger().oldest_beyond(newest) && Clock::now() < deadline)
      std::this_thread::yield();
    return newest;
  };
  ASSERT_TRUE(sampler_.start());
  const LagSample sample = wait_for([](const LagSample& s) { return s.node == "node-1" && s.reachable; });
  EXPECT_TRUE(!sample.beat_acknowledged || *sample.beat_acknowledged < sample.time);
}

TEST_F(LagSamplerTest, a_node_that_does_not_answer_is_said_to_be_unreachable) {
  system_.on_visible = [](const std::string& node, std::int64_t newest) -> std::optional<std::int64_t> {
    if (node == "node-1") return std::nullopt;
    return newest;
  };
  ASSERT_TRUE(sampler_.start());
  const LagSample silent = wait_for([](const LagSample& s) { return s.node == "node-1"; });
  EXPECT_FALSE(silent.reachable);
  EXPECT_FALSE(silent.beat_acknowledged);
  EXPECT_THAT(sampler_.wait_settled(Clock::now() + std::chrono::minutes(1), never), IsEmpty())
      << "only the followers that answer are waited for";
}

TEST_F(LagSamplerTest, of_a_node_that_has_shown_no_beat_yet_nothing_is_known) {
  std::atomic<bool> shows{false};
  system_.on_visible = [&](const std::string& node, std::int64_t newest) -> std::optional<std::int64_t> {
    if (node == "node-2") return std::nullopt;
    return node == "node-1" && !shows ? 0 : newest;
  };
  ASSERT_TRUE(sampler_.start());
  EXPECT_THAT(sampler_.wait_shown(Clock::now() + std::chrono::milliseconds(50), never), ElementsAre("node-1"))
      << "a node that does not answer is not waited for";
  const LagSample silent = wait_for([&](const LagSample& s) {
    return s.node == "node-1" && sampler_.ledger().newest() && s.time > sampler_.ledger().newest()->acknowledged;
  });
  EXPECT_FALSE(silent.reachable);
  EXPECT_FALSE(silent.beat_acknowledged);
  EXPECT_THAT(sampler_.wait_settled(Clock::now() + std::chrono::milliseconds(50), never), testing::Not(IsEmpty()));
  shows = true;
  EXPECT_THAT(sampler_.wait_shown(Clock::now() + std::chrono::minutes(1), never), IsEmpty());
  wait_for([](const LagSample& s) { return s.node == "node-1" && s.reachable; });
}

TEST_F(LagSamplerTest, a_leader_that_was_replaced_is_not_asked_any_more) {
  ASSERT_TRUE(sampler_.start());
  wait_for([](const LagSample& s) { return s.node == "node-0"; });
  system_.lead("node-1");
  const Nanoseconds then = clock_.now();
  wait_for([&](const LagSample& s) { return s.node == "node-1" && s.time > then + 50'000'000; });
  EXPECT_TRUE(sampler_.wait_sampled(clock_.now(), Clock::now() + std::chrono::minutes(1), never));
  sampler_.stop();
  const auto late = std::count_if(samples_.begin(), samples_.end(),
                                  [&](const LagSample& s) { return s.node == "node-0" && s.time > then; });
  EXPECT_LE(late, 1) << "one may have been under way";
}

TEST_F(LagSamplerTest, the_lag_has_settled_once_a_beat_written_since_shows_everywhere) {
  std::atomic<std::int64_t> shown{1};
  system_.on_visible = [&](const std::string& node, std::int64_t newest) {
    return node == "node-2" ? std::min<std::int64_t>(newest, shown) : newest;
  };
  ASSERT_TRUE(sampler_.start());
  wait_for([](const LagSample& s) { return s.node == "node-2" && s.lag_ms > 0; });
  // Once a beat is acknowledged and node-2 was asked for it, that is what is missing, for as long as one waits.
  const Deadline patience = Clock::now() + std::chrono::minutes(1);
  std::string missing;
  do {
    missing = sampler_.wait_settled(Clock::now() + std::chrono::milliseconds(30), never);
  } while (missing.find("node-2 still did not show a beat") == std::string::npos && Clock::now() < patience);
  EXPECT_THAT(missing, HasSubstr("node-2 still did not show a beat"));
  EXPECT_THAT(sampler_.wait_settled(Clock::now() + std::chrono::hours(1), [] { return true; }),
              testing::Not(IsEmpty()));
  // Beats that were there before the wait began prove nothing.
  shown = sampler_.ledger().newest()->number;
  EXPECT_THAT(sampler_.wait_settled(Clock::now() + std::chrono::milliseconds(30), never), testing::Not(IsEmpty()));
  shown = 1'000'000'000;
  EXPECT_THAT(sampler_.wait_settled(Clock::now() + std::chrono::minutes(1), never), IsEmpty());
}

TEST_F(LagSamplerTest, without_a_leader_that_acknowledges_nothing_settles) {
  system_.on_beat = [](std::int64_t) { return false; };
  ASSERT_TRUE(sampler_.start());
  EXPECT_THAT(sampler_.wait_settled(Clock::now() + std::chrono::milliseconds(20), never),
              HasSubstr("acknowledged no beat"));
}

TEST_F(LagSamplerTest, a_system_without_beats_is_not_sampled) {
  system_.beats = false;
  EXPECT_FALSE(sampler_.start());
  EXPECT_THAT(samples_, IsEmpty());
}

TEST_F(LagSamplerTest, a_beat_that_throws_is_a_problem_and_no_crash) {
  system_.on_visible = [](const std::string& node, std::int64_t newest) {
    if (node == "node-1") throw std::runtime_error("a bug");
    return newest;
  };
  ASSERT_TRUE(sampler_.start());
  wait_for([](const LagSample& s) { return s.node == "node-2"; });
  const Deadline deadline = Clock::now() + std::chrono::minutes(1);
  while (sampler_.problems().empty() && Clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_THAT(sampler_.problems(), ElementsAre(HasSubstr("sampling the lag of node-1 stopped: a bug")));
}

}  // namespace
}  // namespace afterwrite
