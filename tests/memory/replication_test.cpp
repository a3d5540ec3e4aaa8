#include <gmock/gmock.h>

#include "tests/memory/driver.hpp"

namespace afterwrite::memory {
namespace {

using testing::HasSubstr;

TEST(MemoryReplication, TheLeaderShowsAWriteAtOnce) {
  Driver driver({for_ever});
  const Reply write = driver.write("k1", "s0-1");
  EXPECT_EQ(write.outcome, Outcome::ok);
  EXPECT_EQ(write.node, "node-0");
  EXPECT_EQ(write.role, Role::leader);
  EXPECT_EQ(write.version, (RecordedVersion{1, 1}));
  EXPECT_FALSE(write.position.empty());

  const Reply read = driver.read("node-0", "k1");
  EXPECT_EQ(display(read.value), "s0-1");
  EXPECT_EQ(read.version, (RecordedVersion{1, 1}));
  EXPECT_EQ(read.role, Role::leader);
  EXPECT_EQ(read.position, write.position);
}

TEST(MemoryReplication, WhatWasNeverWrittenIsNotThere) {
  Driver driver;
  const Reply read = driver.read("node-1", "k1");
  EXPECT_EQ(read.outcome, Outcome::ok);
  EXPECT_TRUE(is_null(read.value));
  EXPECT_FALSE(read.version);
  EXPECT_EQ(read.role, Role::follower);
}

TEST(MemoryReplication, AFollowerShowsItAfterItsLag) {
  constexpr Duration lag = 30ms;
  Driver driver({lag, for_ever});
  const Clock::time_point before = Clock::now();
  const Reply write = driver.write("k1", "s0-1");
  EXPECT_EQ(driver.await("node-1", write.position), Applied::reached);
  EXPECT_GE(Clock::now() - before, lag);

  const Reply read = driver.read("node-1", "k1");
  EXPECT_EQ(display(read.value), "s0-1");
  EXPECT_EQ(read.version, (RecordedVersion{1, 1}));
  EXPECT_EQ(read.position, write.position);

  EXPECT_EQ(driver.shown("node-2", "k1"), "nothing");
  EXPECT_EQ(driver.await("node-2", write.position, Clock::now() + 20ms), Applied::not_yet);
}

TEST(MemoryReplication, WithoutLagAFollowerShowsItAtOnce) {
  Driver driver;
  driver.write("k1", "s0-1");
  EXPECT_EQ(driver.shown("node-1", "k1"), "s0-1");
  EXPECT_EQ(driver.shown("node-2", "k1"), "s0-1");
}

TEST(MemoryReplication, ListsGrowAndOldReadsKeepTheirs) {
  Driver driver;
  EXPECT_EQ(driver.append("k1", "a").version, (RecordedVersion{1, 1}));
  const Reply before = driver.read("node-1", "k1");
  EXPECT_EQ(driver.append("k1", "b").version, (RecordedVersion{1, 2}));
  EXPECT_EQ(display(before.value), "[a]");
  EXPECT_EQ(driver.shown("node-0", "k1"), "[a, b]");
  EXPECT_EQ(driver.shown("node-2", "k1"), "[a, b]");
}

TEST(MemoryReplication, AppendingToNoListCertainlyFails) {
  Driver driver;
  driver.write("k1", "a");
  const Reply reply = driver.append("k1", "b");
  EXPECT_EQ(reply.outcome, Outcome::fail);
  EXPECT_THAT(reply.error, HasSubstr("holds no list"));
  EXPECT_EQ(driver.shown("node-0", "k1"), "a");
  const Reply null = driver.call(
      {.function = Function::append, .key = "k2", .value = {}, .list = true, .node = "node-0", .deadline = {}});
  EXPECT_EQ(null.outcome, Outcome::fail);
}

TEST(MemoryReplication, ADeleteLeavesNothingButHasAVersion) {
  Driver driver;
  driver.write("k1", "a");
  const Reply reply =
      driver.call({.function = Function::remove, .key = "k1", .value = {}, .node = "node-0", .deadline = {}});
  EXPECT_EQ(reply.version, (RecordedVersion{1, 2}));
  const Reply read = driver.read("node-1", "k1");
  EXPECT_TRUE(is_null(read.value));
  EXPECT_EQ(read.version, (RecordedVersion{1, 2}));
  EXPECT_EQ(driver.append("k1", "b").outcome, Outcome::ok) << "a list may begin where something was deleted";
}

TEST(MemoryReplication, VersionsCanBeLeftOut) {
  Driver driver({}, {{"versions", "off"}});
  EXPECT_FALSE(driver.write("k1", "a").version);
  EXPECT_FALSE(driver.read("node-0", "k1").version);
}

TEST(MemoryReplication, OnlyTheLeaderTakesWrites) {
  Driver driver;
  const Reply reply = driver.write("k1", "a", "node-1");
  EXPECT_EQ(reply.outcome, Outcome::fail);
  EXPECT_EQ(reply.connection, Connection::usable);
  EXPECT_THAT(reply.error, HasSubstr("not the leader"));
  EXPECT_EQ(driver.write("k1", "a", "node-9").outcome, Outcome::fail);
}

TEST(MemoryReplication, ReplayPausesAndGoesOn) {
  Driver driver;
  driver.write("k1", "old");
  driver.system().pause_replay("node-1");
  const Reply write = driver.write("k1", "new");
  EXPECT_EQ(driver.shown("node-1", "k1"), "old");
  EXPECT_EQ(driver.shown("node-2", "k1"), "new");
  EXPECT_EQ(driver.await("node-1", write.position, Clock::now() + 20ms), Applied::not_yet);
  driver.system().resume_replay("node-1");
  EXPECT_EQ(driver.await("node-1", write.position), Applied::reached);
  EXPECT_EQ(driver.shown("node-1", "k1"), "new");
  driver.system().resume_replay("node-1");
}

TEST(MemoryReplication, PositionsCompare) {
  Driver driver;
  const std::string first = driver.write("k1", "a").position;
  const std::string second = driver.write("k2", "b").position;
  const Deployment& system = driver.system();
  EXPECT_EQ(system.at_least(second, first), true);
  EXPECT_EQ(system.at_least(first, second), false);
  EXPECT_EQ(system.at_least(first, first), true);
  EXPECT_EQ(system.at_least("2/1", second), true);
  EXPECT_EQ(system.at_least("0/3000148", first), false);
  EXPECT_EQ(system.at_least("nonsense", first), std::nullopt);
}

TEST(MemoryReplication, APositionThatWasNeverGivenIsIncomparable) {
  Driver driver;
  driver.write("k1", "a");
  EXPECT_EQ(driver.await("node-1", "1/999"), Applied::incomparable);
  EXPECT_EQ(driver.await("node-1", "2/1"), Applied::incomparable);
  EXPECT_EQ(driver.await("node-1", "nonsense"), Applied::incomparable);
  EXPECT_EQ(driver.await("node-9", "1/1"), Applied::unreachable);
}

TEST(MemoryReplication, BeatsWaitForNobodyAndAreReplicated) {
  Driver driver({0ms, for_ever}, {{"sync", "all"}});
  const auto beat = driver.system().open_beat();
  EXPECT_EQ(beat->visible("node-0", far_off()), 0);
  EXPECT_TRUE(beat->write(1, far_off()));
  EXPECT_TRUE(beat->write(2, far_off()));
  EXPECT_EQ(beat->visible("node-0", far_off()), 2);
  EXPECT_EQ(beat->visible("node-1", far_off()), 2);
  EXPECT_EQ(beat->visible("node-2", far_off()), 0);
  EXPECT_EQ(beat->visible("node-9", far_off()), std::nullopt);
}

TEST(MemoryReplication, SyncAllAcknowledgesOnceAllHaveIt) {
  Driver driver({10ms}, {{"sync", "all"}});
  for (int i = 0; i < 5; ++i) {
    const std::string value = "v" + std::to_string(i);
    EXPECT_EQ(driver.write("k1", value).outcome, Outcome::ok);
    EXPECT_EQ(driver.shown("node-1", "k1"), value);
    EXPECT_EQ(driver.shown("node-2", "k1"), value);
  }
}

TEST(MemoryReplication, SyncAllIsUnsureAtTheDeadline) {
  Driver driver({0ms, for_ever}, {{"sync", "all"}});
  const Clock::time_point deadline = Clock::now() + 20ms;
  const Reply reply =
      driver.call({.function = Function::write, .key = "k1", .value = "a", .node = "node-0", .deadline = deadline});
  EXPECT_EQ(reply.outcome, Outcome::info);
  EXPECT_EQ(reply.connection, Connection::lost);
  EXPECT_GE(Clock::now(), deadline);
  EXPECT_EQ(driver.shown("node-0", "k1"), "a") << "it may have happened, and has";
}

TEST(MemoryReplication, ALongRunForgetsOldEntriesAndLosesNothing) {
  Driver driver;
  driver.write("first", "a");
  driver.system().kill("node-1");
  for (int i = 0; i < 250'000; ++i)
    driver.write("k" + std::to_string(i % 7), "v" + std::to_string(i));
  driver.system().restart("node-1");
  for (const char* node : {"node-0", "node-1", "node-2"}) {
    EXPECT_EQ(driver.shown(node, "first"), "a");
    EXPECT_EQ(driver.shown(node, "k" + std::to_string(249'999 % 7)), "v249999");
  }
}

}  // namespace
}  // namespace afterwrite::memory
