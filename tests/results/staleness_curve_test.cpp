#include "results/staleness_curve.hpp"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkers/own_reads.hpp"
#include "results/report_json.hpp"
#include "tests/results/draw.hpp"
#include "tests/results/made_up_parts.hpp"

namespace afterwrite {
namespace {

/// A lag that is known: of two followers one is about 50 ms behind, and the other about 800 ms.
double lag_ms(Random& random) {
  const double about = uniform(random) < 0.5 ? 50 : 800;
  return about * -std::log(1 - uniform(random));
}
double share_with_lag_above(double ms) {
  return 0.5 * std::exp(-ms / 50) + 0.5 * std::exp(-ms / 800);
}

/// Each session writes keys of its own, reads each back once, after some delay, from a follower, and sees nothing if
/// the lag of that write was longer.
History simulated(std::uint64_t seed, int reads) {
  Random random(seed);
  History history;
  history.header = audit_header("any-replica", "register");
  for (int i = 0; i < reads; ++i) {
    const std::string session = "s" + std::to_string(i % 8);
    const std::string key = "k" + std::to_string(i);
    const std::string value = session + "-" + std::to_string(i);
    const double begin = 3000.0 * i;
    const double delay = read_delay_ms(random);
    const bool visible = lag_ms(random) <= delay;
    history.operations.push_back(
        served(call(Function::write, session, key, text(value.c_str()), begin, begin + 1), "node-0", Role::leader));
    history.operations.push_back(served(call(Function::read, session, key, visible ? text(value.c_str()) : Value{},
                                             begin + 1 + delay, begin + 2 + delay),
                                        "node-1", Role::follower));
  }
  number_lines(history);
  return history;
}

std::vector<DelayedRead> reads_of(const History& history) {
  std::vector<DelayedRead> reads;
  const auto found = find_own_reads(history, {}, judge(history));
  for (const OwnRead& read : found.value_or(std::vector<OwnRead>{}))
    reads.push_back({read.delay, read.stale, read.delay});
  return reads;
}

/// What the share of a point really is, given when its reads were.
double truth(const CurvePoint& point, const std::vector<DelayedRead>& reads) {
  double sum = 0;
  double count = 0;
  for (const DelayedRead& read : reads) {
    const double ms = static_cast<double>(read.delay) / 1e6;
    if (ms < point.from_ms || ms >= point.to_ms) continue;
    sum += share_with_lag_above(ms);
    ++count;
  }
  return sum / count;
}

TEST(StalenessCurve, ItsIntervalsHoldTheTruth) {
  constexpr std::array watched_ms{3.0, 20.0, 60.0, 150.0, 400.0, 800.0, 1300.0};
  std::array<int, watched_ms.size()> right{};
  std::uint64_t points = 0;
  std::uint64_t right_points = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const History history = simulated(seed, 600);
    const auto reads = reads_of(history);
    ASSERT_EQ(reads.size(), 600U);
    for (const CurvePoint& point : staleness_curve(reads)) {
      const double share = truth(point, reads);
      const bool holds = point.low <= share && share <= point.high;
      ++points;
      right_points += holds ? 1U : 0U;
      for (std::size_t i = 0; i < watched_ms.size(); ++i) {
        if (point.from_ms <= watched_ms[i] && watched_ms[i] < point.to_ms) right[i] += holds ? 1 : 0;
      }
    }
  }
  for (std::size_t i = 0; i < watched_ms.size(); ++i)
    EXPECT_GE(right[i], 93) << "of 100 runs, at " << watched_ms[i] << " ms";
  EXPECT_GE(right_points * 100, points * 95) << right_points << " of " << points;
}

TEST(StalenessCurve, CountsEachReadOnceAndLeavesNoPointWithoutReads) {
  const auto reads = reads_of(simulated(7, 500));
  std::uint64_t count = 0;
  double last = 0;
  for (const CurvePoint& point : staleness_curve(reads)) {
    EXPECT_GE(point.from_ms, last);
    EXPECT_GT(point.to_ms, point.from_ms);
    EXPECT_GE(point.reads, 1U);
    last = point.to_ms;
    count += point.reads;
  }
  EXPECT_EQ(count, reads.size());
  EXPECT_TRUE(staleness_curve({}).empty());
}

TEST(StalenessCurve, DelayRunsFromTheNewestOwnAcknowledgedWrite) {
  History history;
  history.header = audit_header("any-replica", "register");
  const auto add = [&](Function function, const char* session, const char* value, double from, double to, Role role,
                       Outcome outcome = Outcome::ok) {
    Operation operation =
        served(call(function, session, "x", value == nullptr ? Value{} : text(value), from, to), "node-1", role);
    operation.outcome = outcome;
    history.operations.push_back(operation);
  };
  add(Function::read, "a", nullptr, 0, 1, Role::follower);  // nothing owed
  add(Function::write, "a", "1", 2, 10, Role::leader);
  add(Function::write, "b", "2", 11, 12, Role::leader);   // another's
  add(Function::read, "a", "1", 20, 21, Role::follower);  // 10 ms after its own write
  add(Function::write, "a", "3", 22, 30, Role::leader);
  add(Function::write, "a", "4", 31, 40, Role::leader, Outcome::info);  // owes nothing
  add(Function::read, "a", "1", 50, 51, Role::follower);                // 20 ms, stale
  add(Function::read, "a", "3", 55, 56, Role::leader);                  // of the leader
  number_lines(history);
  Question question;
  question.assume = assumptions({Assumption::writer_order});
  const auto reads = find_own_reads(history, question, judge(history, question));
  ASSERT_TRUE(reads);
  ASSERT_EQ(reads->size(), 3U);
  EXPECT_EQ((*reads)[0].delay, nanoseconds(10));
  EXPECT_FALSE((*reads)[0].stale);
  EXPECT_EQ((*reads)[1].delay, nanoseconds(20));
  EXPECT_TRUE((*reads)[1].stale);
  const auto summary = summarise_own_reads(history, question, judge(history, question)).summary;
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->leader_reads, 1U);
  ASSERT_EQ(summary->curve.size(), 1U);
  EXPECT_EQ(summary->curve.front().reads, 2U);
  EXPECT_EQ(summary->curve.front().stale, 1U);
}

/// Another's value might be newer or older: unless something tells, the read says nothing of staleness.
TEST(StalenessCurve, WhatIsNotKnownCountsNeitherWay) {
  History history;
  history.header = audit_header("any-replica", "register");
  history.operations.push_back(call(Function::write, "a", "x", text("1"), 0, 1));
  history.operations.push_back(call(Function::write, "b", "x", text("2"), 0, 2));
  history.operations.push_back(call(Function::read, "a", "x", text("2"), 5, 6));
  number_lines(history);
  Question question;
  question.assume = Assumptions{};
  const auto reads = find_own_reads(history, question, judge(history, question));
  ASSERT_TRUE(reads);
  EXPECT_TRUE(reads->empty());
  EXPECT_FALSE(summarise_own_reads(history, question, judge(history, question)).summary);
}

/// With thirteen of a hundred writes and reads those of a session that reads any replica.
void expect_the_curve_of_control_alone(History history) {
  for (std::size_t i = 0; i < history.operations.size(); i += 16) {
    for (std::size_t k = i; k < i + 2; ++k)
      history.operations[k].labels["control"] = "true";
  }
  const auto control = summarise_own_reads(history, {}, judge(history)).summary;
  ASSERT_TRUE(control);
  std::uint64_t reads = 0;
  for (const CurvePoint& point : control->curve)
    reads += point.reads;
  EXPECT_EQ(reads, 13U);
}

TEST(StalenessCurve, APolicyThatLooksFirstIsNoSampleOfLag) {
  History history = simulated(3, 100);
  EXPECT_TRUE(summarise_own_reads(history, {}, judge(history)).summary);
  history.header.policy = "version-token:wait=1s";
  EXPECT_FALSE(summarise_own_reads(history, {}, judge(history)).summary);
  expect_the_curve_of_control_alone(history);
}

/// By then nothing lags any more, and no read of the load came so late.
TEST(StalenessCurve, TheFinalCheckIsNoSampleOfLag) {
  History history = simulated(3, 400);
  const auto before = summarise_own_reads(history, {}, judge(history)).summary;
  for (int i = 0; i < 400; ++i) {
    Operation check = history.operations[2 * static_cast<std::size_t>(i)];  // the write
    check.function = Function::read;
    check.invoke += 2'000'000'000'000;
    check.complete = check.invoke + 1'000'000;
    check.role = Role::follower;
    check.labels["check"] = "final";
    history.operations.push_back(check);
  }
  number_lines(history);
  const auto after = summarise_own_reads(history, {}, judge(history)).summary;
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->curve.size(), before->curve.size());
  for (std::size_t i = 0; i < before->safe.size(); ++i)
    EXPECT_EQ(after->safe[i].window_ms, before->safe[i].window_ms);
  for (std::size_t i = 0; i < before->in_use.size(); ++i)
    EXPECT_EQ(after->in_use[i].reads, before->in_use[i].reads);
}

/// Early reads of theirs and late ones of everybody would be no sample of anything.
TEST(StalenessCurve, OfAWindowOnControlSessionsAloneTellWhatComesBefore) {
  History history = simulated(3, 100);
  history.header.policy = "recent-writer:1s";
  expect_the_curve_of_control_alone(history);
}

TEST(StalenessCurve, WithoutABasisThereIsNone) {
  EXPECT_FALSE(summarise_own_reads({}, {}, judge({})).summary);
  History one;
  one.operations.push_back(call(Function::read, "a", "x", Value{}, 0, 1));
  number_lines(one);
  EXPECT_FALSE(summarise_own_reads(one, {}, judge(one)).summary);
  History failed = simulated(1, 20);
  for (Operation& operation : failed.operations)
    operation.outcome = Outcome::fail;
  EXPECT_FALSE(summarise_own_reads(failed, {}, judge(failed)).summary);
  History untimed = simulated(1, 20);
  untimed.header.all["times"] = "order";
  EXPECT_FALSE(summarise_own_reads(untimed, {}, judge(untimed)).summary);
  Question others;
  others.guarantees = {only(Guarantee::monotonic_reads)};
  const History history = simulated(1, 20);
  EXPECT_FALSE(summarise_own_reads(history, others, judge(history, others)).summary);
  const auto report = report_json(history, judge(history, others), summarise(history));
  EXPECT_FALSE(report.contains("staleness_curve"));
}

TEST(StalenessCurve, WithoutOneItIsSaidWhy) {
  const auto why = [](const History& history, const Question& question = {}) {
    return summarise_own_reads(history, question, judge(history, question)).why_none;
  };
  History history = simulated(1, 20);
  EXPECT_EQ(why(history), "");
  Question others;
  others.guarantees = {only(Guarantee::monotonic_reads)};
  EXPECT_EQ(why(history, others), "read-your-writes was not asked for by session");
  EXPECT_EQ(why({}), "no read is known to have come after its session's own acknowledged write");
  history.header.policy = "version-token:wait=1s";
  EXPECT_THAT(why(history), ::testing::StartsWith("version-token picks a follower by what that follower has"));
  for (Operation& operation : history.operations)
    operation.role = Role::leader;
  EXPECT_EQ(why(history), "the leader served all 20 own reads, which says nothing of lag");
  history.header.all["times"] = "order";
  EXPECT_EQ(why(history), "the history has no measured times");
}

TEST(StalenessCurve, FollowersServedTheReadsOnlyIfThatWasRecorded) {
  History history = simulated(1, 20);
  const auto from_followers = [&] {
    return summarise_own_reads(history, {}, judge(history)).summary.value().from_followers;
  };
  for (Operation& operation : history.operations)
    operation.role = operation.is_write() ? Role::unknown : Role::follower;
  EXPECT_TRUE(from_followers());
  for (Operation& operation : history.operations)
    operation.role = Role::unknown;
  EXPECT_FALSE(from_followers());
}

/// A window counts from the session's last write to whatever key.
TEST(StalenessCurve, AWindowThatAWriteToAnotherKeyOpenedHasNotFailed) {
  constexpr Nanoseconds second = 1'000'000'000;
  History history;
  for (int session = 0; session < 40; ++session) {
    const std::string name = "s" + std::to_string(session);
    const std::string key = "a" + name;
    Nanoseconds now = session * 10 * second;
    const auto add = [&](Function function, const std::string& of_key, Value value, Nanoseconds after) {
      Operation operation;
      operation.session = name;
      operation.function = function;
      operation.key = of_key;
      operation.value = std::move(value);
      operation.outcome = Outcome::ok;
      operation.role = function == Function::read ? Role::follower : Role::leader;
      operation.invoke = now + after;
      operation.complete = operation.invoke + 1000;
      history.operations.push_back(std::move(operation));
    };
    add(Function::write, key, Value{std::string("v")}, 0);
    add(Function::write, "b" + name, Value{std::string("v")}, 3 * second);
    add(Function::read, key, Value{}, 3 * second + second / 2);
  }
  const OwnReadFindings found = summarise_own_reads(history, {}, judge(history));
  ASSERT_TRUE(found.summary);
  EXPECT_EQ(found.summary->in_use.front().window_ms, 2000);
  EXPECT_EQ(found.summary->in_use.front().reads, 0U);
  EXPECT_EQ(found.summary->curve.back().stale, 40U) << "the curve is of the key's own writes";
}

TEST(StalenessCurve, TheRunsOwnWindowIsOneOfThoseInUse) {
  const auto windows = [](const char* policy) {
    History history = simulated(1, 200);
    history.header.policy = policy;
    const OwnReadFindings found = summarise_own_reads(history, {}, judge(history));
    std::vector<std::pair<double, bool>> all;
    for (const WindowInUse& window : found.summary.value().in_use)
      all.emplace_back(window.window_ms, window.of_this_run);
    return all;
  };
  using All = std::vector<std::pair<double, bool>>;
  EXPECT_EQ(windows("recent-writer:500ms"), (All{{500, true}, {2000, false}, {5000, false}}));
  EXPECT_EQ(windows("recent-writer:1.5s"), (All{{1500, true}, {2000, false}, {5000, false}}));
  EXPECT_EQ(windows("recent-writer:2s"), (All{{2000, true}, {5000, false}}));
  EXPECT_EQ(windows("recent-writer:1m"), (All{{60'000, true}, {2000, false}, {5000, false}}));
  for (const char* other :
       {"any-replica", "recent-writer", "recent-writer:", "recent-writer:x", "recent-writer:5 apples",
        "recent-writer:nan", "recent-writer:infs", "recent-writer:1e300h", "recent-writer:-1s", "recent-writer:0"})
    EXPECT_EQ(windows(other), (All{{2000, false}, {5000, false}})) << other;
}

}  // namespace
}  // namespace afterwrite
