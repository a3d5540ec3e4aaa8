// The list oracle on histories whose answer is plain to a reader.

#include "tests/checkers/list_oracle.hpp"

#include <gtest/gtest.h>

#include "tests/checkers/settings.hpp"
#include "tests/checkers/story.hpp"

namespace afterwrite::oracle {
namespace {

using Indices = std::set<std::size_t>;

Indices broken(const char* rows, const char* text, const char* scope_word = "session", const char* assume = "none") {
  const History history = story(text);
  return judge_lists(history, {guarantees(rows), scope(scope_word), assumptions(assume)}).broken;
}

bool incompatible(const char* text) {
  return lists_contradict(story(text), {});
}

TEST(ListOracle, ReadYourWritesWantsEveryOwnAcknowledgedElement) {
  EXPECT_EQ(broken("ryw", "s append a 1 2; s read [b] 3 4; t append b 1 5"), (Indices{1}));
  EXPECT_EQ(broken("ryw", "s append a 1 2; s read - 3 4"), (Indices{1}));
  EXPECT_EQ(broken("ryw", "s append a 1 2; t append b 1 2; s read [b,a] 3 4"), Indices{});
  EXPECT_EQ(broken("ryw", "s append a 1 2 info; s read [] 3 4"), Indices{});
  EXPECT_EQ(broken("ryw", "s append a 1 2 fail; s read [] 3 4"), Indices{});
  EXPECT_EQ(broken("ryw", "s append a 1 3; s read [] 2 4"), Indices{});
  EXPECT_EQ(broken("ryw", "s append a 1 2; s append b 3 4; s read [b] 5 6; s read [a] 7 8"), (Indices{2, 3}));
  EXPECT_EQ(broken("ryw", "t append a 1 2; s read [] 3 4"), Indices{});
}

TEST(ListOracle, MonotonicReadsWantsAllOfTheEarlierReadInItsOrder) {
  EXPECT_EQ(broken("mr", "t append a 1 2; s read [a] 3 4; s read [] 5 6"), (Indices{2}));
  EXPECT_EQ(broken("mr", "t append a 1 2; u append b 1 2; s read [a,b] 3 4; s read [b,a] 5 6"), (Indices{3}));
  EXPECT_EQ(broken("mr", "t append a 1 2; u append b 1 2; s read [a] 3 4; s read [b,a] 5 6"), Indices{});
  EXPECT_EQ(broken("mr", "t append a 1 2; s read [a,ghost] 3 4; s read [a] 5 6"), Indices{});
  EXPECT_EQ(broken("mr", "t append a 1 2 info; s read [a] 3 4; s read [] 5 6"), (Indices{2}));
  EXPECT_EQ(broken("mr", "t append a 1 2; s read [a] 3 5; s read [] 4 6"), Indices{});
  EXPECT_EQ(broken("mr", "s read [a] 1 2; s append a 2 3 info; s read [] 4 5"), Indices{});
  // The order of a read that went back binds nobody; what it showed must stay.
  EXPECT_EQ(broken("mr", "t append a 1 2; u append b 1 2; s read [a,b] 3 4; s read [b,a] 5 6; s read [a,b] 7 8"),
            (Indices{3}));
  EXPECT_EQ(broken("mr", "t append a 1 2; u append b 1 2; s read [a] 3 4; s read [b] 5 6; s read [a] 7 8"),
            (Indices{3, 4}));
}

TEST(ListOracle, MonotonicWritesWantsTheWritersOrder) {
  EXPECT_EQ(broken("mw", "s append a 1 2; s append b 3 4; t read [b,a] 5 6"), (Indices{1}));
  EXPECT_EQ(broken("mw", "s append a 1 2; s append b 3 4; t read [b] 5 6"), (Indices{1}));
  EXPECT_EQ(broken("mw", "s append a 1 2; s append b 3 4; t read [a] 5 6"), Indices{});
  EXPECT_EQ(broken("mw", "s append a 1 2 info; s append b 3 4; t read [b,a] 5 6"), Indices{});
}

TEST(ListOracle, WritesFollowReadsWantsWhatTheWriterHadRead) {
  EXPECT_EQ(broken("wfr", "t append a 1 2; s read [a] 3 4; s append b 5 6; u read [b] 7 8"), (Indices{2}));
  EXPECT_EQ(broken("wfr", "t append a 1 2; s read [a] 3 4; s append b 5 6; u read [b,a] 7 8"), (Indices{2}));
  EXPECT_EQ(broken("wfr", "t append a 1 2; s read [a] 3 4; s append b 5 6; u read [a,b] 7 8"), Indices{});
  EXPECT_EQ(broken("wfr", "t append a 1 2; s read [a] 3 6; s append b 5 7; u read [b,a] 8 9"), Indices{});
}

TEST(ListOracle, AWriteIsBrokenOnceHoweverManyListsShowIt) {
  EXPECT_EQ(broken("mw", "s append a 1 2; s append b 3 4; s append c 5 6; t read [b] 7 8; u read [b,c] 9 10"),
            (Indices{1, 2}));
  EXPECT_EQ(broken("mw", "s append a 1 2; s append b 3 4; t read [a,b] 5 6; u read [b] 7 8; u read [b] 9 10"),
            (Indices{1}));
  // The read of the writer's own session counts like any other.
  EXPECT_EQ(broken("mw+ryw", "s append a 1 2; s append b 3 4; s read [b] 5 6"), (Indices{1, 2}));
}

TEST(ListOracle, WhatIsDecidedAndAtRisk) {
  const auto answer = [](const char* row, const char* text) {
    const ListAnswer all = judge_lists(story(text), {guarantees(row), Scope::session, assumptions("oc")});
    return std::pair(all.decided, all.at_risk);
  };
  const Indices none;
  EXPECT_EQ(answer("mw", "s append a 1 2; s append b 3 4"), std::pair(none, none)) << "nobody saw b";
  EXPECT_EQ(answer("mw", "s append a 1 2; s append b 3 4; t read [a,b] 5 6"), std::pair(Indices{1}, none));
  EXPECT_EQ(answer("mw", "s append a 1 2; s append b 3 4; t read [a,b] 5 6; t read [] 5 7"),
            std::pair(Indices{1}, Indices{1}));
  EXPECT_EQ(answer("mw", "s append a 1 2; t read [] 2 3; s append b 3 4; t read [a,b] 5 6"),
            std::pair(Indices{2}, none))
      << "that read began before b did";
  EXPECT_EQ(answer("wfr", "t append a 1 2; s read [a] 3 4; s append b 5 6; t read [a,b] 7 8; u read [b] 7 9"),
            std::pair(Indices{2}, Indices{2}));
  EXPECT_EQ(answer("ryw", "s append a 1 2; s read [a] 3 5; t read [] 4 5"), std::pair(Indices{1}, Indices{1}));
  EXPECT_EQ(answer("ryw", "s append a 1 2; s read [a] 3 4; t read [] 3 5"), std::pair(Indices{1}, none))
      << "which began first?";
}

TEST(ListOracle, ACutShortHistoryThatDeletesAccusesNobody) {
  History history = story("s append a 1 2; s read [] 5 6; t delete - 7 8 k=other");
  const Setting setting{guarantees("ryw"), Scope::session, {}};
  EXPECT_EQ(judge_lists(history, setting).broken, (Indices{1}));
  history.truncated = true;
  EXPECT_EQ(judge_lists(history, setting).broken, Indices{});
}

TEST(ListOracle, ListsThatDoNotOnlyGrowAccuseNobody) {
  EXPECT_EQ(broken("ryw", "s append a 1 2; s delete - 3 4; s read [] 5 6"), Indices{});
  EXPECT_EQ(broken("ryw", "s append a 1 2; t delete - 3 4 info; s read [] 5 6"), Indices{});
  EXPECT_EQ(broken("ryw", "s append a 1 2; t write b 3 4; s read [] 5 6"), Indices{});
  EXPECT_EQ(broken("ryw", "s append a 1 2; t delete - 3 4 fail; s read [] 5 6"), (Indices{2}));
}

TEST(ListOracle, HalvesOfTransactions) {
  const auto halves = [](const char* text) { return list_anomalies(story(text), {})["intermediate-read"]; };
  EXPECT_EQ(halves("s append a 1 4 t=1; s append b 1 4 t=1; t read [a] 5 6"), 1U);
  EXPECT_EQ(halves("s append a 1 4 t=1; s append b 1 4 t=1; t read [a,b] 5 6; t read [] 5 6"), 0U);
  EXPECT_EQ(halves("s append a 1 4 t=1; s append b 1 4 t=1; s append c 1 4 t=1; t read [a] 5 6; t read [a,b] 5 6"), 2U);
  EXPECT_EQ(halves("s append a 1 4 t=1; s append b 1 4 t=1 info; t read [a] 5 6"), 0U);
  EXPECT_EQ(halves("s append a 1 4 t=1; s append b 1 4 t=1 fail; t read [a] 5 6"), 0U);
  EXPECT_EQ(halves("s append a 1 4 t=1; s append b 1 4 t=1 k=y; t read [a] 5 6"), 0U);
  EXPECT_EQ(halves("s append a 1 4 t=1; s read [a] 1 4 t=1; s append b 1 4 t=1"), 0U) << "its own affair";
  EXPECT_EQ(halves("s append a 1 4 t=1; s append b 1 4 t=1; u append b 1 4; t read [a] 5 6; t read [a,b] 5 6"), 1U);
  EXPECT_EQ(halves("s append a 1 4 t=1; s append b 1 4 t=1; u delete - 5 6; t read [a] 7 8"), 0U);
}

TEST(ListOracle, ScopesAndClocks) {
  const char* two_devices = "p/ann append a 1 2; q/ann read [] 3 4";
  EXPECT_EQ(broken("ryw", two_devices), Indices{});
  EXPECT_EQ(broken("ryw", two_devices, "user", "oc"), (Indices{1}));
  EXPECT_EQ(broken("ryw", two_devices, "user", "none"), Indices{});
  EXPECT_EQ(broken("ryw", "s.0 append a 1 2; s.1 read [] 3 4", "process"), Indices{});
}

TEST(ListOracle, IncompatibleOrders) {
  EXPECT_TRUE(incompatible("s append a 1 2; s append b 3 4; t read [a,b] 5 6; u read [b,a] 7 8"));
  EXPECT_FALSE(incompatible("s append a 1 2; s append b 3 4; t read [a,b] 5 6; u read [b] 7 8"));
  EXPECT_FALSE(incompatible("s append a 1 2; s append b 3 4; t read [a] 5 6; u read [a,b] 7 8"));
  // No two of these disagree, but no one order explains all three.
  EXPECT_TRUE(incompatible(
      "s append a 1 2; s append b 1 2; s append c 1 2; t read [a,b] 3 4; t read [b,c] 3 4; t read [c,a] 3 4"));
}

}  // namespace
}  // namespace afterwrite::oracle
