#include <gmock/gmock.h>
#include <thread>

#include "harness/session/errors.hpp"
#include "tests/memory/driver.hpp"

namespace afterwrite::memory {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(MemoryFaults, ANodeThatIsDownRefuses) {
  Driver driver;
  driver.system().kill("node-1");
  const Reply reply = driver.read("node-1", "k1");
  EXPECT_EQ(reply.outcome, Outcome::fail);
  EXPECT_EQ(reply.connection, Connection::refused);
  EXPECT_THAT(reply.error, HasSubstr("node-1 is down"));
  EXPECT_EQ(driver.await("node-1", "1/0"), Applied::unreachable);
  EXPECT_EQ(driver.system().open_beat()->visible("node-1", far_off()), std::nullopt);
  EXPECT_EQ(driver.shown("node-2", "k1"), "nothing") << "the others serve on";
  EXPECT_EQ(driver.system().topology().nodes[1].role, Role::follower) << "a client learns of it by being refused";
}

TEST(MemoryFaults, TheProofOfAKill) {
  Driver driver;
  EXPECT_EQ(driver.system().kill("node-1")["reaped"], true);
  EXPECT_THAT([&] { driver.system().kill("node-1"); }, ThrowsMessage<EnvironmentError>(HasSubstr("down already")));
  EXPECT_THAT([&] { driver.system().kill("node-7"); }, ThrowsMessage<EnvironmentError>(HasSubstr("node-0 to node-2")));
}

TEST(MemoryFaults, AnOldConnectionBreaksOnceAndIsThenOpenedAnew) {
  Driver driver;
  driver.write("k1", "a");
  EXPECT_EQ(driver.shown("node-1", "k1"), "a");
  driver.system().kill("node-1");
  driver.system().restart("node-1");
  const Reply broken = driver.read("node-1", "k1");
  EXPECT_EQ(broken.outcome, Outcome::info);
  EXPECT_EQ(broken.connection, Connection::lost);
  EXPECT_EQ(driver.shown("node-1", "k1"), "a") << "what it had applied is still there";
}

TEST(MemoryFaults, ARestartedFollowerCatchesUp) {
  Driver driver;
  driver.system().kill("node-1");
  const Reply write = driver.write("k1", "a");
  driver.system().restart("node-1");
  driver.system().restart("node-1");
  EXPECT_EQ(driver.await("node-1", write.position), Applied::reached);
  EXPECT_EQ(driver.shown("node-1", "k1"), "a");
}

TEST(MemoryFaults, ARestartedLeaderHasItsData) {
  Driver driver;
  driver.write("k1", "a");
  driver.system().kill("node-0");
  EXPECT_EQ(driver.write("k1", "b").connection, Connection::lost) << "the client has not noticed yet";
  EXPECT_EQ(driver.write("k1", "b").connection, Connection::refused);
  EXPECT_FALSE(driver.system().open_beat()->write(1, far_off()));
  EXPECT_EQ(driver.shown("node-1", "k1"), "a") << "followers serve what they have";
  driver.system().restart("node-0");
  EXPECT_EQ(driver.shown("node-0", "k1"), "a");
  EXPECT_EQ(driver.write("k1", "b").version, (RecordedVersion{1, 2}));
  EXPECT_EQ(driver.shown("node-2", "k1"), "b");
}

TEST(MemoryFaults, WhatIsOnItsWayWhenTheLeaderDiesArrivesAfterItsRestart) {
  constexpr Duration lag = 50ms;
  Driver driver({lag, for_ever});
  driver.system().pause_replay("node-1");
  const Reply write = driver.write("k1", "a");
  driver.system().kill("node-0");
  driver.system().resume_replay("node-1");
  EXPECT_EQ(driver.await("node-2", write.position, Clock::now() + 10ms), Applied::not_yet);
  driver.system().restart("node-0");
  EXPECT_EQ(driver.await("node-1", write.position), Applied::reached);
  EXPECT_EQ(driver.shown("node-1", "k1"), "a");
}

TEST(MemoryFaults, AWriteInFlightIsLostWithTheLeader) {
  Driver driver({for_ever}, {{"sync", "all"}});
  Reply write;
  std::thread session([&] {
    const auto client = driver.system().open_client("s1");
    write =
        client->call({.function = Function::write, .key = "k1", .value = "a", .node = "node-0", .deadline = far_off()});
  });
  // Once the leader shows it, it waits for the followers.
  const Deadline deadline = far_off();
  while (driver.shown("node-0", "k1") != "a" && Clock::now() < deadline)
    std::this_thread::yield();
  driver.system().kill("node-0");
  session.join();
  EXPECT_EQ(write.outcome, Outcome::info);
  EXPECT_EQ(write.connection, Connection::lost);
  EXPECT_THAT(write.error, HasSubstr("was killed"));
}

TEST(MemoryFaults, AwaitEndsWhenTheNodeDies) {
  Driver driver({for_ever});
  const Reply write = driver.write("k1", "a");
  Applied applied = Applied::reached;
  std::atomic<bool> begun = false;
  std::thread session([&] {
    const auto client = driver.system().open_client("s1");
    client->call({.function = Function::read, .key = "k1", .value = {}, .node = "node-1", .deadline = far_off()});
    begun = true;
    applied = client->await("node-1", write.position, far_off()).applied;
  });
  while (!begun)
    std::this_thread::yield();
  driver.system().kill("node-1");
  session.join();
  EXPECT_EQ(applied, Applied::unreachable);
}

TEST(MemoryFaults, DeadlinesAreTheClients) {
  Driver driver({}, {{"latency", "30m"}});
  const Clock::time_point deadline = Clock::now() + 20ms;
  const Reply reply =
      driver.call({.function = Function::read, .key = "k1", .value = {}, .node = "node-0", .deadline = deadline});
  EXPECT_GE(Clock::now(), deadline);
  EXPECT_EQ(reply.outcome, Outcome::info);
  EXPECT_EQ(reply.connection, Connection::lost);
  EXPECT_EQ(driver.system().open_beat()->visible("node-0", Clock::now() + 5ms), std::nullopt);
  EXPECT_FALSE(driver.system().open_beat()->write(1, Clock::now() + 5ms));
}

TEST(MemoryFaults, ADeadlineInThePastSendsNothing) {
  Driver driver;
  const Reply reply = driver.call(
      {.function = Function::write, .key = "k1", .value = "a", .node = "node-0", .deadline = Clock::now() - 1ms});
  EXPECT_EQ(reply.outcome, Outcome::fail);
  EXPECT_EQ(driver.shown("node-0", "k1"), "nothing");
}

TEST(MemoryFaults, LatencyIsTakenByEachCall) {
  Driver driver({}, {{"latency", "5ms"}});
  const Clock::time_point before = Clock::now();
  EXPECT_EQ(driver.write("k1", "a").outcome, Outcome::ok);
  EXPECT_EQ(driver.shown("node-0", "k1"), "a");
  EXPECT_GE(Clock::now() - before, 10ms);
}

TEST(MemoryFailover, TheMostAdvancedFollowerLeads) {
  Driver driver({for_ever, 0ms, for_ever});
  driver.system().open_beat()->write(41, far_off());
  driver.write("k1", "a");
  driver.write("k1", "b");
  driver.system().kill("node-0");
  const nlohmann::json told = driver.system().promote();
  EXPECT_EQ(told["promoted"], "node-2");
  EXPECT_EQ(told["beat"], 41);
  EXPECT_EQ(told["lost_entries"], 0);
  EXPECT_EQ(told["accepted_write"], true);

  const Topology topology = driver.system().topology();
  EXPECT_EQ(topology.epoch, 2);
  EXPECT_EQ(topology.leader(), "node-2");
  EXPECT_EQ(topology.nodes[0].role, Role::unknown);
  EXPECT_THAT(topology.followers(), testing::ElementsAre("node-1", "node-3"));

  EXPECT_EQ(driver.shown("node-2", "k1"), "b");
  const Reply write = driver.write("k1", "c", "node-2");
  EXPECT_EQ(write.version, (RecordedVersion{2, 3}));
  EXPECT_EQ(driver.system().at_least(write.position, "1/999999"), true);
}

TEST(MemoryFailover, WhatThePromotedFollowerHadNotReceivedIsGone) {
  Driver driver({for_ever});
  const Reply write = driver.write("k1", "a");
  driver.system().kill("node-0");
  EXPECT_EQ(driver.system().promote()["lost_entries"], 1);
  EXPECT_EQ(driver.shown("node-1", "k1"), "nothing");
  EXPECT_EQ(driver.await("node-1", write.position), Applied::incomparable);
  EXPECT_EQ(driver.await("node-2", write.position), Applied::incomparable);
}

TEST(MemoryFailover, WhatWasReceivedButNotReplayedIsKept) {
  Driver driver;
  driver.system().pause_replay("node-1");
  driver.system().kill("node-2");
  driver.write("k1", "a");
  driver.system().kill("node-0");
  EXPECT_EQ(driver.shown("node-1", "k1"), "nothing");
  EXPECT_EQ(driver.system().promote()["promoted"], "node-1");
  EXPECT_EQ(driver.shown("node-1", "k1"), "a");
}

TEST(MemoryFailover, OthersFollowTheNewLeader) {
  Driver driver({0ms, 20ms});
  driver.write("k1", "a");
  driver.system().kill("node-0");
  driver.system().promote();
  const Reply write = driver.write("k1", "b", "node-1");
  EXPECT_EQ(driver.await("node-2", write.position), Applied::reached);
  EXPECT_EQ(driver.shown("node-2", "k1"), "b");
}

TEST(MemoryFailover, WhoHadMoreThanTheNewLeaderIsSetBack) {
  Driver driver({0ms, for_ever});
  driver.write("k1", "a");
  EXPECT_EQ(driver.shown("node-1", "k1"), "a");
  driver.system().kill("node-1");
  driver.system().kill("node-0");
  EXPECT_EQ(driver.system().promote()["promoted"], "node-2");
  driver.system().restart("node-1");
  EXPECT_EQ(driver.read("node-1", "k1").connection, Connection::lost);
  EXPECT_EQ(driver.shown("node-1", "k1"), "nothing");
  const Reply write = driver.write("k1", "b", "node-2");
  EXPECT_EQ(driver.await("node-1", write.position), Applied::reached);
  EXPECT_EQ(driver.shown("node-1", "k1"), "b");
}

TEST(MemoryFailover, ReadsOfALaggardDoNotPassForTheNewReign) {
  Driver driver({0ms, for_ever});
  driver.write("k1", "a");
  driver.system().kill("node-0");
  driver.system().promote();
  EXPECT_EQ(driver.read("node-2", "k1").position, "1/0");
  EXPECT_EQ(driver.read("node-1", "k1").position, "2/2");
}

TEST(MemoryFailover, CanHappenAgain) {
  Driver driver;
  driver.write("k1", "a");
  driver.system().kill("node-0");
  driver.system().promote();
  driver.write("k1", "b", "node-1");
  driver.system().kill("node-1");
  EXPECT_EQ(driver.system().promote()["promoted"], "node-2");
  EXPECT_EQ(driver.shown("node-2", "k1"), "b");
  EXPECT_EQ(driver.write("k1", "c", "node-2").version, (RecordedVersion{3, 3}));
  driver.system().kill("node-2");
  EXPECT_THAT([&] { driver.system().promote(); }, ThrowsMessage<EnvironmentError>(HasSubstr("none is up")));
}

TEST(MemoryFailover, NeedsADeadLeader) {
  Driver driver;
  EXPECT_THAT([&] { driver.system().promote(); }, ThrowsMessage<EnvironmentError>(HasSubstr("node-0 is up")));
  driver.system().kill("node-0");
  driver.system().promote();
  EXPECT_THAT([&] { driver.system().restart("node-0"); },
              ThrowsMessage<EnvironmentError>(HasSubstr("node-1 leads in its place")));
  EXPECT_THAT(driver.system().refusal(Ability::restart, "node-0").value_or("possible"), HasSubstr("gone for good"));
  EXPECT_EQ(driver.system().refusal(Ability::restart, "node-2").value_or("possible"), "possible");
}

TEST(MemoryAbilities, AreRefusedWhereTheyMakeNoSense) {
  Driver driver;
  const auto refusal = [&](Ability ability, const std::string& node) {
    return driver.system().refusal(ability, node).value_or("possible");
  };
  for (const char* node : {"node-0", "node-1"}) {
    EXPECT_EQ(refusal(Ability::kill, node), "possible");
    EXPECT_EQ(refusal(Ability::restart, node), "possible");
  }
  EXPECT_EQ(refusal(Ability::pause_replay, "node-2"), "possible");
  EXPECT_THAT(refusal(Ability::pause_replay, "node-0"), HasSubstr("node-0 is the leader"));
  EXPECT_THAT(refusal(Ability::kill, "node-7"), HasSubstr("no node 'node-7'"));
  EXPECT_EQ(refusal(Ability::promote, ""), "possible");

  Driver alone({}, {}, 0);
  EXPECT_THAT(alone.system().refusal(Ability::promote, "").value_or(""), HasSubstr("--followers 1 or more"));
  EXPECT_FALSE(alone.system().replication_link("node-1"));
  EXPECT_FALSE(alone.system().client_link("node-0"));
  std::string why;
  EXPECT_TRUE(alone.system().healthy(why));
}

TEST(MemoryFaults, APauseNeedsAFollowerThatIsUp) {
  Driver driver;
  EXPECT_THAT([&] { driver.system().pause_replay("node-0"); },
              ThrowsMessage<EnvironmentError>(HasSubstr("no follower")));
  driver.system().kill("node-1");
  EXPECT_THAT([&] { driver.system().pause_replay("node-1"); }, ThrowsMessage<EnvironmentError>(HasSubstr("is down")));
}

}  // namespace
}  // namespace afterwrite::memory
