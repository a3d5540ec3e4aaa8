// The at-risk oracle on histories whose answer is plain to a reader.

#include "tests/checkers/exposure_oracle.hpp"

#include <gtest/gtest.h>
#include <set>

#include "tests/checkers/settings.hpp"
#include "tests/checkers/story.hpp"

namespace afterwrite::oracle {
namespace {

using Indices = std::set<std::size_t>;

LagSample sample(const char* node, Nanoseconds time, std::optional<Nanoseconds> missing) {
  LagSample made;
  made.node = node;
  made.time = time;
  made.beat_acknowledged = missing;
  return made;
}

Indices exposed(const History& history, const char* row = "ryw", const char* assume = "all") {
  const Answer answer = judge_registers(history, {guarantees(row), Scope::session, assumptions(assume)});
  Indices found;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    if ((answer.at_risk & bit(i)) != 0) {
      found.insert(i);
    }
  }
  return found;
}

TEST(ExposureOracle, ANodeThatLacksABeatAsOldAsTheWrite) {
  History history = story("s write a 10 20; s read a 30 35");
  EXPECT_EQ(exposed(history), Indices{});
  history.lags = {sample("n", 32, 21)};
  EXPECT_EQ(exposed(history), Indices{});
  history.lags = {sample("n", 32, 20)};
  EXPECT_EQ(exposed(history), Indices{}) << "which of two equal moments came first?";
  history.lags = {sample("n", 32, 19)};
  EXPECT_EQ(exposed(history), (Indices{1}));
  history.lags = {sample("n", 29, 19), sample("n", 31, {}), sample("n", 32, 19)};
  EXPECT_EQ(exposed(history), Indices{}) << "the first sample after the invocation counts";
  history.lags = {sample("n", 30, {}), sample("n", 31, 19)};
  EXPECT_EQ(exposed(history), Indices{}) << "one of that very moment may have come after it, and clears the node";
  history.lags = {sample("n", 30, 19), sample("n", 31, {})};
  EXPECT_EQ(exposed(history), Indices{}) << "or before it, and says nothing";
  history.lags = {sample("n", 30, 19), sample("n", 31, 19)};
  EXPECT_EQ(exposed(history), (Indices{1}));
  history.lags = {sample("n", 30, {}), sample("m", 31, 5)};
  EXPECT_EQ(exposed(history), (Indices{1})) << "of any node";
  history.lags.back().reachable = false;
  EXPECT_EQ(exposed(history), Indices{});
}

TEST(ExposureOracle, AnUnsureWriteCountsFromItsInvocation) {
  History history = story("t write a 10 20 info; s read a 22 25; s read a 30 35");
  history.lags = {sample("n", 32, 9)};
  EXPECT_EQ(exposed(history, "mr"), (Indices{2}));
  history.lags = {sample("n", 32, 10)};
  EXPECT_EQ(exposed(history, "mr"), Indices{});
  EXPECT_EQ(exposed(history, "ryw"), Indices{});
}

TEST(ExposureOracle, SomeoneReadAnOlderVersionLater) {
  const char* text = "s write a 1 2; s write b 3 4; s read b 5 8; t read a 6 9";
  EXPECT_EQ(exposed(story(text)), (Indices{2}));
  EXPECT_EQ(exposed(story(text), "ryw", "wo"), Indices{}) << "clocks do not compare";
  EXPECT_EQ(exposed(story("s write a 1 2; s write b 3 4; t read a 4 6; s read b 5 8")), Indices{});
  EXPECT_EQ(exposed(story("s write b 3 4; s read b 5 8; t read - 6 9")), (Indices{1}));
  EXPECT_EQ(exposed(story("s write b 3 4; s read b 5 8; t read - 5 9")), Indices{}) << "at the same moment";
  EXPECT_EQ(exposed(story("s write b 3 4; s read b 5 8; u delete - 6 8 info; t read - 6 9")), Indices{});
}

TEST(ExposureOracle, AFailoverThatLostWhatCameAfterABeat) {
  History history = story("s write a 10 20; s read a 30 35");
  FaultEvent proof;
  proof.fault = "failover";
  proof.phase = "proof";
  proof.time = 25;
  proof.detail = {{"promoted", "n"}, {"beat_acknowledged", 19}};
  history.faults = {proof};
  EXPECT_EQ(exposed(history), (Indices{1}));
  history.faults.front().detail["beat_acknowledged"] = 20;
  EXPECT_EQ(exposed(history), Indices{}) << "the promoted node had it";
  history.faults.front().detail["beat_acknowledged"] = 19;
  history.faults.front().time = 31;
  EXPECT_EQ(exposed(history), Indices{}) << "the read came before";
  history.faults.front().time = 30;
  EXPECT_EQ(exposed(history), Indices{}) << "the read may have come before";
  history.faults.front().time = 20;
  EXPECT_EQ(exposed(history), Indices{}) << "the write came after";
}

TEST(ExposureOracle, ABreachIsAtRiskAndWhatIsUndecidedIsNot) {
  EXPECT_EQ(exposed(story("s write a 1 2; s read - 3 4")), (Indices{1}));
  History history = story("s write a 1 3; t write b 2 4; s read b 5 6");
  history.lags = {sample("n", 5, 1)};
  EXPECT_EQ(exposed(history), Indices{});
}

TEST(ExposureOracle, WritesByTheSameRulesAsReads) {
  const char* text = "s write a 1 2 v=1; s write b 3 4 v=2";
  EXPECT_EQ(exposed(story(text), "mw"), Indices{});
  History history = story(text);
  history.lags = {sample("n", 4, 1)};
  EXPECT_EQ(exposed(history, "mw"), (Indices{1}));
  EXPECT_EQ(exposed(story("s write a 1 2 v=1; s write b 3 4 v=2; t read - 5 6"), "mw"), (Indices{1}));
  EXPECT_EQ(exposed(story("s write a 1 2 v=2; s write b 3 4 v=1"), "mw"), (Indices{1})) << "itself a breach";
}

}  // namespace
}  // namespace afterwrite::oracle
