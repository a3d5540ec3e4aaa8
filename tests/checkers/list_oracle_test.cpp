// The list oracle on histories whose answer is plain to a reader.

#include "tests/checkers/list_oracle.hpp"

#include <gtest/gtest.h>

#include "tests/checkers/settings.hpp"
#include "tests/checkers/story.hpp"

namespace afterwrite::oracle {
namespace {

using Reads = std::set<std::size_t>;

Reads shown_by(const char* rows, const char* text, const char* scope_word = "session", const char* assume = "none") {
  const History history = story(text);
  return judge_lists(history, {guarantees(rows), scope(scope_word), assumptions(assume)}).shown_by;
}

bool incompatible(const char* text) {
  const History history = story(text);
  return judge_lists(history, {guarantees("ryw"), Scope::session, {}}).incompatible_order;
}

TEST(ListOracle, ReadYourWritesWantsEveryOwnAcknowledgedElement) {
  EXPECT_EQ(shown_by("ryw", "s append a 1 2; s read [b] 3 4; t append b 1 5"), (Reads{1}));
  EXPECT_EQ(shown_by("ryw", "s append a 1 2; s read - 3 4"), (Reads{1}));
  EXPECT_EQ(shown_by("ryw", "s append a 1 2; t append b 1 2; s read [b,a] 3 4"), Reads{});
  EXPECT_EQ(shown_by("ryw", "s append a 1 2 info; s read [] 3 4"), Reads{});
  EXPECT_EQ(shown_by("ryw", "s append a 1 2 fail; s read [] 3 4"), Reads{});
  EXPECT_EQ(shown_by("ryw", "s append a 1 3; s read [] 2 4"), Reads{});
  EXPECT_EQ(shown_by("ryw", "s append a 1 2; s append b 3 4; s read [b] 5 6; s read [a] 7 8"), (Reads{2, 3}));
  EXPECT_EQ(shown_by("ryw", "t append a 1 2; s read [] 3 4"), Reads{});
}

TEST(ListOracle, MonotonicReadsWantsAllOfTheEarlierReadInItsOrder) {
  EXPECT_EQ(shown_by("mr", "t append a 1 2; s read [a] 3 4; s read [] 5 6"), (Reads{2}));
  EXPECT_EQ(shown_by("mr", "t append a 1 2; u append b 1 2; s read [a,b] 3 4; s read [b,a] 5 6"), (Reads{3}));
  EXPECT_EQ(shown_by("mr", "t append a 1 2; u append b 1 2; s read [a] 3 4; s read [b,a] 5 6"), Reads{});
  EXPECT_EQ(shown_by("mr", "t append a 1 2; s read [a,ghost] 3 4; s read [a] 5 6"), Reads{});
  EXPECT_EQ(shown_by("mr", "t append a 1 2 info; s read [a] 3 4; s read [] 5 6"), (Reads{2}));
  EXPECT_EQ(shown_by("mr", "t append a 1 2; s read [a] 3 5; s read [] 4 6"), Reads{});
  EXPECT_EQ(shown_by("mr", "s read [a] 1 2; s append a 2 3 info; s read [] 4 5"), Reads{});
  // The order of a read that went back binds nobody; what it showed must stay.
  EXPECT_EQ(shown_by("mr", "t append a 1 2; u append b 1 2; s read [a,b] 3 4; s read [b,a] 5 6; s read [a,b] 7 8"),
            (Reads{3}));
  EXPECT_EQ(shown_by("mr", "t append a 1 2; u append b 1 2; s read [a] 3 4; s read [b] 5 6; s read [a] 7 8"),
            (Reads{3, 4}));
}

TEST(ListOracle, MonotonicWritesWantsTheWritersOrder) {
  EXPECT_EQ(shown_by("mw", "s append a 1 2; s append b 3 4; t read [b,a] 5 6"), (Reads{2}));
  EXPECT_EQ(shown_by("mw", "s append a 1 2; s append b 3 4; t read [b] 5 6"), (Reads{2}));
  EXPECT_EQ(shown_by("mw", "s append a 1 2; s append b 3 4; t read [a] 5 6"), Reads{});
  EXPECT_EQ(shown_by("mw", "s append a 1 2 info; s append b 3 4; t read [b,a] 5 6"), Reads{});
}

TEST(ListOracle, WritesFollowReadsWantsWhatTheWriterHadRead) {
  EXPECT_EQ(shown_by("wfr", "t append a 1 2; s read [a] 3 4; s append b 5 6; u read [b] 7 8"), (Reads{3}));
  EXPECT_EQ(shown_by("wfr", "t append a 1 2; s read [a] 3 4; s append b 5 6; u read [b,a] 7 8"), (Reads{3}));
  EXPECT_EQ(shown_by("wfr", "t append a 1 2; s read [a] 3 4; s append b 5 6; u read [a,b] 7 8"), Reads{});
  EXPECT_EQ(shown_by("wfr", "t append a 1 2; s read [a] 3 6; s append b 5 7; u read [b,a] 8 9"), Reads{});
}

TEST(ListOracle, ListsThatDoNotOnlyGrowAccuseNobody) {
  EXPECT_EQ(shown_by("ryw", "s append a 1 2; s delete - 3 4; s read [] 5 6"), Reads{});
  EXPECT_EQ(shown_by("ryw", "s append a 1 2; t delete - 3 4 info; s read [] 5 6"), Reads{});
  EXPECT_EQ(shown_by("ryw", "s append a 1 2; t write b 3 4; s read [] 5 6"), Reads{});
  EXPECT_EQ(shown_by("ryw", "s append a 1 2; t delete - 3 4 fail; s read [] 5 6"), (Reads{2}));
}

TEST(ListOracle, ScopesAndClocks) {
  const char* two_devices = "p/ann append a 1 2; q/ann read [] 3 4";
  EXPECT_EQ(shown_by("ryw", two_devices), Reads{});
  EXPECT_EQ(shown_by("ryw", two_devices, "user", "oc"), (Reads{1}));
  EXPECT_EQ(shown_by("ryw", two_devices, "user", "none"), Reads{});
  EXPECT_EQ(shown_by("ryw", "s.0 append a 1 2; s.1 read [] 3 4", "process"), Reads{});
}

TEST(ListOracle, IncompatibleOrders) {
  EXPECT_TRUE(incompatible("s append a 1 2; s append b 3 4; t read [a,b] 5 6; u read [b,a] 7 8"));
  EXPECT_FALSE(incompatible("s append a 1 2; s append b 3 4; t read [a,b] 5 6; u read [b] 7 8"));
  EXPECT_FALSE(incompatible("s append a 1 2; s append b 3 4; t read [a] 5 6; u read [a,b] 7 8"));
}

}  // namespace
}  // namespace afterwrite::oracle
