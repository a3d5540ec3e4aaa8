#include "adapters/memory/settings.hpp"

#include <gmock/gmock.h>
#include <set>

#include "harness/session/errors.hpp"
#include "tests/memory/driver.hpp"

namespace afterwrite::memory {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string refusal(const MemoryOptions& options) {
  try {
    make_memory(options);
    return "accepted";
  } catch (const UsageError& error) {
    return error.what();
  }
}

std::string refused_option(const std::string& name, const std::string& value) {
  return refusal({.followers = 2, .lag = {}, .options = {{name, value}}});
}

std::vector<Duration> lag_of(std::size_t followers, std::vector<Duration> lag) {
  return parse_settings({.followers = followers, .lag = std::move(lag), .options = {}}).lag;
}

TEST(MemorySettings, OneLagGrowsFromFollowerToFollower) {
  EXPECT_THAT(lag_of(3, {200ms}), ElementsAre(200ms, 400ms, 600ms));
  EXPECT_THAT(lag_of(1, {200ms}), ElementsAre(200ms));
  EXPECT_THAT(lag_of(2, {700ms, 100ms}), ElementsAre(700ms, 100ms));
  EXPECT_THAT(lag_of(2, {}), ElementsAre(0ms, 0ms));
  EXPECT_THAT(lag_of(0, {}), IsEmpty());
}

TEST(MemorySettings, LagsThatDoNotFit) {
  EXPECT_THAT(refusal({.followers = 2, .lag = {1s, 2s, 3s}, .options = {}}),
              AllOf(HasSubstr("--lag: 3 lags for 2 followers"), HasSubstr("give one")));
  EXPECT_THAT(refusal({.followers = 0, .lag = {1s}, .options = {}}), HasSubstr("no follower that could lag"));
  EXPECT_THAT(refusal({.followers = 1, .lag = {-1s}, .options = {}}), HasSubstr("--lag: -1s is out of range"));
  EXPECT_THAT(refusal({.followers = 1, .lag = {Duration::max()}, .options = {}}), HasSubstr("from 0 to 24h"));
  EXPECT_THAT(refusal({.followers = 1'000'000'000'000, .lag = {}, .options = {}}), HasSubstr("at most 1000"));
}

TEST(MemorySettings, OptionsAreUnderstood) {
  const Settings plain = parse_settings({});
  EXPECT_TRUE(plain.versions);
  EXPECT_FALSE(plain.sync_all);
  EXPECT_EQ(plain.bug, Bug::none);
  EXPECT_EQ(plain.latency, 0ns);

  const Settings other = parse_settings(
      {.followers = 2,
       .lag = {},
       .options = {{"versions", "off"}, {"sync", "all"}, {"bug", "stale-follower"}, {"latency", "200us"}}});
  EXPECT_FALSE(other.versions);
  EXPECT_TRUE(other.sync_all);
  EXPECT_EQ(other.bug, Bug::stale_follower);
  EXPECT_EQ(other.latency, 200us);
}

TEST(MemorySettings, UnknownOptionsAndValues) {
  EXPECT_THAT(refused_option("bgu", "none"), AllOf(HasSubstr("no option 'bgu'"), HasSubstr("did you mean 'bug'?"),
                                                   HasSubstr("known: bug, sync, versions, latency")));
  EXPECT_THAT(refused_option("bug", "stale-folower"),
              AllOf(HasSubstr("unknown bug 'stale-folower'"), HasSubstr("did you mean 'stale-follower'?")));
  EXPECT_THAT(refused_option("sync", "some"), AllOf(HasSubstr("--opt sync=some"), HasSubstr("known: off, all")));
  EXPECT_THAT(refused_option("versions", ""), HasSubstr("'' is no value of 'versions'"));
  EXPECT_THAT(refused_option("latency", "fast"), AllOf(HasSubstr("--opt latency"), HasSubstr("'fast' is no duration")));
  EXPECT_THAT(refused_option("latency", "2h"), HasSubstr("longer than an hour"));
}

TEST(MemorySettings, EveryBugOfTheTableCanBeAskedFor) {
  std::set<Bug> bugs{Bug::none};
  EXPECT_EQ(parse_bug("none"), Bug::none);
  EXPECT_EQ(to_string(Bug::none), "none");
  for (const MemoryBug& bug : memory_bugs()) {
    EXPECT_EQ(to_string(parse_bug(bug.name)), bug.name);
    EXPECT_TRUE(bugs.insert(parse_bug(bug.name)).second) << bug.name;
    EXPECT_FALSE(bug.summary.empty() || bug.shown_by.empty() || bug.breaks.empty()) << bug.name;
  }
  EXPECT_EQ(to_string(Bug::list_reorder), "list-reorder") << "the table and the enumeration are in the same order";
  EXPECT_EQ(to_string(Bug::sticky_moves), "sticky-moves");
}

TEST(MemorySettings, TheDescriptionSaysHowItWasSetUp) {
  Driver driver({200ms}, {{"sync", "all"}, {"bug", "phantom"}});
  const nlohmann::json told = driver.system().describe();
  EXPECT_EQ(told["options"]["sync"], "all");
  EXPECT_EQ(told["options"]["bug"], "phantom");
  EXPECT_EQ(told["options"]["versions"], "on");
  ASSERT_EQ(told["nodes"].size(), 3);
  EXPECT_EQ(told["nodes"][2]["name"], "node-2");
  EXPECT_EQ(told["nodes"][2]["lag_ms"], 400.0);
}

}  // namespace
}  // namespace afterwrite::memory
