// The at-risk oracle on histories whose answer is plain to a reader.

#include "tests/checkers/exposure_oracle.hpp"

#include <gtest/gtest.h>

#include "tests/checkers/settings.hpp"
#include "tests/checkers/story.hpp"

namespace afterwrite::oracle {
namespace {

using Operations = std::set<std::size_t>;

LagSample sample(const char* node, Nanoseconds time, std::optional<Nanoseconds> missing) {
  LagSample made;
  made.node = node;
  made.time = time;
  made.beat_acknowledged = missing;
  return made;
}

Operations exposed(const History& history, const char* row = "ryw", const char* assume = "all") {
  return at_risk(history, {guarantees(row), Scope::session, assumptions(assume)});
}

TEST(ExposureOracle, ANodeThatLacksABeatAsOldAsTheWrite) {
  History history = story("s write a 10 20; s read a 30 35");
  EXPECT_EQ(exposed(history), Operations{});
  history.lags = {sample("n", 32, 21)};
  EXPECT_EQ(exposed(history), Operations{});
  history.lags = {sample("n", 32, 20)};
  EXPECT_EQ(exposed(history), (Operations{1}));
  history.lags = {sample("n", 29, 20), sample("n", 30, {}), sample("n", 31, 20)};
  EXPECT_EQ(exposed(history), Operations{}) << "the first sample at or after the invocation counts";
  history.lags = {sample("n", 30, {}), sample("m", 31, 5)};
  EXPECT_EQ(exposed(history), (Operations{1})) << "of any node";
  history.lags.back().reachable = false;
  EXPECT_EQ(exposed(history), Operations{});
}

TEST(ExposureOracle, AnUnsureWriteCountsFromItsFirstRead) {
  History history = story("t write a 10 20 info; s read a 22 25; s read a 30 35");
  history.lags = {sample("n", 32, 24)};
  EXPECT_EQ(exposed(history, "mr"), (Operations{2}));
  history.lags = {sample("n", 32, 26)};
  EXPECT_EQ(exposed(history, "mr"), Operations{});
  EXPECT_EQ(exposed(history, "ryw"), Operations{});
}

TEST(ExposureOracle, SomeoneReadAnOlderVersionLater) {
  const char* text = "s write a 1 2; s write b 3 4; s read b 5 8; t read a 6 9";
  EXPECT_EQ(exposed(story(text)), (Operations{2}));
  EXPECT_EQ(exposed(story(text), "ryw", "wo"), Operations{}) << "clocks do not compare";
  EXPECT_EQ(exposed(story("s write a 1 2; s write b 3 4; t read a 4 6; s read b 5 8")), Operations{});
  EXPECT_EQ(exposed(story("s write b 3 4; s read b 5 8; t read - 6 9")), (Operations{1}));
  EXPECT_EQ(exposed(story("s write b 3 4; s read b 5 8; u delete - 6 8 info; t read - 6 9")), Operations{});
}

TEST(ExposureOracle, AFailoverThatLostWhatCameAfterABeat) {
  History history = story("s write a 10 20; s read a 30 35");
  FaultEvent proof;
  proof.fault = "failover";
  proof.phase = "proof";
  proof.time = 25;
  proof.detail = {{"promoted", "n"}, {"beat_acknowledged", 19}};
  history.faults = {proof};
  EXPECT_EQ(exposed(history), (Operations{1}));
  history.faults.front().detail["beat_acknowledged"] = 20;
  EXPECT_EQ(exposed(history), Operations{}) << "the promoted node had it";
  history.faults.front().detail["beat_acknowledged"] = 19;
  history.faults.front().time = 31;
  EXPECT_EQ(exposed(history), Operations{}) << "the read came before";
  history.faults.front().time = 20;
  EXPECT_EQ(exposed(history), Operations{}) << "the write came after";
}

TEST(ExposureOracle, ABreachIsAtRiskAndWhatIsUndecidedIsNot) {
  EXPECT_EQ(exposed(story("s write a 1 2; s read - 3 4")), (Operations{1}));
  History history = story("s write a 1 3; t write b 2 4; s read b 5 6");
  history.lags = {sample("n", 5, 1)};
  EXPECT_EQ(exposed(history), Operations{});
}

TEST(ExposureOracle, WritesByTheSameRulesAsReads) {
  const char* text = "s write a 1 2 v=1; s write b 3 4 v=2";
  EXPECT_EQ(exposed(story(text), "mw"), Operations{});
  History history = story(text);
  history.lags = {sample("n", 3, 2)};
  EXPECT_EQ(exposed(history, "mw"), (Operations{1}));
  EXPECT_EQ(exposed(story("s write a 1 2 v=1; s write b 3 4 v=2; t read - 5 6"), "mw"), (Operations{1}));
  EXPECT_EQ(exposed(story("s write a 1 2 v=2; s write b 3 4 v=1"), "mw"), (Operations{1})) << "itself a breach";
}

}  // namespace
}  // namespace afterwrite::oracle
