// Each planted bug shows where its row says so, and the same steps show nothing without it.

#include <gmock/gmock.h>
#include <set>
#include <thread>

#include "tests/memory/driver.hpp"

namespace afterwrite::memory {
namespace {

/// More than enough for what strikes once in fifty times.
constexpr int often = 3000;

using Options = std::map<std::string, std::string>;

class WithAndWithout : public testing::TestWithParam<bool> {
 protected:
  static bool planted() { return GetParam(); }
  static Options bug(const std::string& name, Options more = {}) {
    more["bug"] = planted() ? name : "none";
    return more;
  }
};
INSTANTIATE_TEST_SUITE_P(MemoryBugs, WithAndWithout, testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "planted" : "none"; });

TEST_P(WithAndWithout, StaleFollower) {
  Driver driver({for_ever}, bug("stale-follower"));
  const Reply write = driver.write("k1", "a");
  const Applied applied = driver.await("node-1", write.position, Clock::now() + 10ms).applied;
  EXPECT_EQ(applied, planted() ? Applied::reached : Applied::not_yet);
  EXPECT_EQ(driver.shown("node-1", "k1"), "nothing");
}

TEST_P(WithAndWithout, LostOnFailover) {
  Driver driver({}, bug("lost-on-failover", {{"sync", "all"}}));
  EXPECT_EQ(driver.write("k1", "a").outcome, Outcome::ok);
  driver.system().kill("node-0");
  driver.system().promote();
  EXPECT_EQ(driver.shown("node-1", "k1"), planted() ? "nothing" : "a");
  EXPECT_EQ(driver.shown("node-2", "k1"), planted() ? "nothing" : "a");
}

TEST_P(WithAndWithout, StickyMoves) {
  Driver driver({0ms, for_ever}, bug("sticky-moves"));
  driver.write("k1", "a");
  std::set<std::string> seen;
  for (int i = 0; i < often; ++i) {
    const Reply read = driver.read("node-1", "k1");
    EXPECT_EQ(read.node, "node-1");
    seen.insert(display(read.value));
  }
  EXPECT_EQ(seen, planted() ? (std::set<std::string>{"a", "nothing"}) : std::set<std::string>{"a"});
}

TEST_P(WithAndWithout, EarlyAcknowledgement) {
  Driver driver({for_ever}, bug("early-acknowledgement", {{"sync", "all"}}));
  const Reply write = driver.call(
      {.function = Function::write, .key = "k1", .value = "a", .node = "node-0", .deadline = Clock::now() + 50ms});
  // 50 ms are short for a busy machine: an unsure write is no acknowledgement either way.
  if (!planted()) {
    EXPECT_EQ(write.outcome, Outcome::info);
  }
  if (planted()) {
    EXPECT_EQ(driver.write("k1", "b").outcome, Outcome::ok);
  }
  EXPECT_EQ(driver.shown("node-1", "k1"), "nothing");
}

TEST_P(WithAndWithout, LostWrite) {
  Driver driver({}, bug("lost-write"));
  int lost = 0;
  for (int i = 0; i < often; ++i) {
    const std::string value = "v" + std::to_string(i);
    EXPECT_EQ(driver.write("k1", value).outcome, Outcome::ok);
    if (driver.shown("node-0", "k1") != value) ++lost;
  }
  EXPECT_EQ(lost > 0, planted());
}

TEST_P(WithAndWithout, Reapply) {
  Driver driver({}, bug("reapply"));
  const auto beat = driver.system().open_beat();
  int backwards = 0;
  RecordedVersion seen;
  for (int i = 0; i < often; ++i) {
    driver.write("k1", "v" + std::to_string(i));
    for (int j = 0; j < 2; ++j) {
      const RecordedVersion version = driver.read("node-1", "k1").version.value_or(RecordedVersion{});
      if (version < seen) ++backwards;
      seen = version;
      beat->write(2 * i + j, far_off());
    }
    EXPECT_EQ(driver.shown("node-0", "k1"), "v" + std::to_string(i)) << "the leader is not concerned";
  }
  EXPECT_EQ(backwards > 0, planted());
}

TEST_P(WithAndWithout, TimeTravel) {
  Driver driver({0ms}, bug("time-travel"), 1);
  driver.write("k1", "a");
  EXPECT_EQ(driver.shown("node-1", "k1"), "a");
  driver.system().kill("node-1");
  driver.system().restart("node-1");
  EXPECT_EQ(driver.shown("node-1", "k1"), "info");
  const Clock::time_point before = Clock::now();
  EXPECT_EQ(driver.shown("node-1", "k1"), planted() ? "nothing" : "a");
  const Reply write = driver.write("k1", "b");
  EXPECT_EQ(driver.await("node-1", write.position), Applied::reached);
  EXPECT_EQ(driver.shown("node-1", "k1"), "b");
  if (planted()) {
    EXPECT_GE(Clock::now() - before, 1s);
  }
}

TEST_P(WithAndWithout, DirtyRead) {
  Driver driver({}, bug("dirty-read"));
  std::mutex mutex;
  std::set<std::string> seen;
  std::atomic<bool> over = false;
  std::thread observer([&] {
    const auto client = driver.system().open_client("s1");
    while (!over) {
      const Reply read =
          client->call({.function = Function::read, .key = "k1", .value = {}, .node = "node-0", .deadline = far_off()});
      const std::lock_guard lock(mutex);
      seen.insert(display(read.value));
    }
  });
  int failed = 0;
  bool shown = false;
  for (int i = 0; i < often && !shown; ++i) {
    const std::string value = "v" + std::to_string(i);
    const Reply write = driver.write("k1", value);
    if (write.outcome != Outcome::fail) continue;
    ++failed;
    EXPECT_NE(driver.shown("node-0", "k1"), value) << "taken back by then";
    EXPECT_NE(driver.shown("node-1", "k1"), value) << "never replicated";
    const std::lock_guard lock(mutex);
    shown = seen.contains(value);
  }
  over = true;
  observer.join();
  EXPECT_EQ(failed > 0, planted());
  EXPECT_EQ(shown, planted());
}

TEST_P(WithAndWithout, Phantom) {
  Driver driver({}, bug("phantom"));
  driver.write("k1", "a");
  driver.append("k2", "b");
  std::set<std::string> registers;
  std::set<std::string> lists;
  for (int i = 0; i < often; ++i) {
    registers.insert(driver.shown("node-0", "k1"));
    lists.insert(display(
        driver
            .call(
                {.function = Function::read, .key = "k2", .value = {}, .list = true, .node = "node-0", .deadline = {}})
            .value));
  }
  EXPECT_EQ(registers.size() > 1, planted());
  EXPECT_EQ(lists.size() > 1, planted());
}

TEST_P(WithAndWithout, ListReorder) {
  Driver driver({}, bug("list-reorder"));
  for (const char* element : {"a", "b", "c"})
    driver.append("k1", element);
  std::set<std::string> seen;
  for (int i = 0; i < often; ++i)
    seen.insert(driver.shown("node-1", "k1"));
  EXPECT_EQ(seen, planted() ? (std::set<std::string>{"[a, b, c]", "[a, c, b]"}) : std::set<std::string>{"[a, b, c]"});
}

}  // namespace
}  // namespace afterwrite::memory
