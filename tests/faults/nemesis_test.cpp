#include <algorithm>
#include <future>
#include <gmock/gmock.h>
#include <stdexcept>
#include <thread>

#include "tests/faults/nemesis_fixture.hpp"

namespace afterwrite {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing_tcp::eventually;

const LinkName first{"node-1", "node-0"};
const LinkName second{"node-2", "node-0"};

TEST_F(NemesisTest, PlaysAScheduleInOrderAndHeals) {
  std::map<std::string, LinkFaults> at;
  record.also = [&](const FaultEvent& event) { at[event.episode + " " + event.phase] = faults_at(first); };
  Nemesis played = nemesis({"partition:follower-1@30ms..50ms", "lag:follower-1,delay=1h@10ms..20ms",
                            "pause-replay:node-2@40ms..60ms", "stall:follower-1@70ms..80ms"},
                           deployment);
  played.run(stop.get_token());
  EXPECT_THAT(record.phases(), ElementsAre("lag-1 start", "lag-1 end", "partition-1 start", "pause-replay-1 start",
                                           "partition-1 end", "pause-replay-1 end", "stall-1 start", "stall-1 end"));
  // The follower dials, so what is replicated flows towards the dialler.
  EXPECT_EQ(at["lag-1 start"].to_dialler.delay, 1h);
  EXPECT_EQ(at["lag-1 start"].to_target.delay, 0s);
  EXPECT_TRUE(at["partition-1 start"].cut);
  EXPECT_TRUE(at["stall-1 start"].to_target.stalled);
  EXPECT_TRUE(at["stall-1 start"].to_dialler.stalled);
  EXPECT_TRUE(calm());
  EXPECT_THAT(deployment.done(), ElementsAre("pause node-2", "resume node-2"));

  const FaultEvent& start = record.get("lag-1 start");
  EXPECT_EQ(start.fault, "lag");
  EXPECT_THAT(start.targets, ElementsAre("node-1"));
  EXPECT_GE(start.time, Nanoseconds{10'000'000});
  EXPECT_EQ(start.detail.at("delay_ms"), 3'600'000.0);
  EXPECT_EQ(start.detail.at("duration_ms"), 10.0);
  EXPECT_EQ(start.detail.at("asked"), "lag:follower-1,delay=1h@10ms..20ms");
  EXPECT_EQ(start.detail.at("target"), "follower-1");
  EXPECT_EQ(start.detail.at("links"),
            nlohmann::json::array({{{"from", "node-1"}, {"to", "node-0"}, {"carries", "replication"}}}));
  const FaultEvent& end = record.get("lag-1 end");
  EXPECT_THAT(end.targets, ElementsAre("node-1"));
  EXPECT_GE(end.time, start.time);
  EXPECT_DOUBLE_EQ(end.detail.at("lasted_ms").get<double>(), static_cast<double>(end.time - start.time) / 1e6);
}

TEST_F(NemesisTest, WholeRunFaultsAreOnWhenBeginReturns) {
  Nemesis played = make(lag_requests({100ms}, 2), deployment);
  played.begin_whole_run();
  EXPECT_EQ(faults_at(first).to_dialler.delay, 100ms);
  EXPECT_EQ(faults_at(second).to_dialler.delay, 200ms);
  EXPECT_THAT(record.phases(), ElementsAre("lag-1 start", "lag-2 start"));
  EXPECT_EQ(record.get("lag-2 start").detail.at("whole_run"), true);
  played.run(stop.get_token());
  EXPECT_FALSE(calm());
  played.heal_all();
  EXPECT_TRUE(calm());
  EXPECT_THAT(record.phases(), ElementsAre("lag-1 start", "lag-2 start", "lag-2 end", "lag-1 end"));
  played.heal_all();
  EXPECT_EQ(record.events.size(), 4U);
}

TEST_F(NemesisTest, FaultsAtOneLinkAddUpAndEndOneByOne) {
  std::map<std::string, LinkFaults> at;
  record.also = [&](const FaultEvent& event) { at[event.episode + " " + event.phase] = faults_at(first); };
  Nemesis played = nemesis({"lag:follower-1,delay=100ms", "lag:follower-1,delay=1h@10ms..40ms",
                            "partition:follower-1@20ms..30ms", "lag:follower-1,delay=1ms@50ms..60ms"},
                           deployment);
  played.run(stop.get_token());
  EXPECT_EQ(at["lag-2 start"].to_dialler.delay, 1h);
  EXPECT_TRUE(at["partition-1 start"].cut);
  EXPECT_FALSE(at["partition-1 end"].cut);
  EXPECT_EQ(at["partition-1 end"].to_dialler.delay, 1h);
  EXPECT_EQ(at["lag-2 end"].to_dialler.delay, 100ms);
  EXPECT_EQ(at["lag-3 start"].to_dialler.delay, 100ms);  // the longest counts
  EXPECT_EQ(at["lag-3 end"].to_dialler.delay, 100ms);
}

TEST_F(NemesisTest, KillIsProvenAndRestartedAtItsEnd) {
  Nemesis played = nemesis({"kill:follower-2@5ms..10ms"}, deployment);
  played.run(stop.get_token());
  EXPECT_THAT(record.phases(), ElementsAre("kill-1 start", "kill-1 proof", "kill-1 end"));
  EXPECT_EQ(record.get("kill-1 proof").detail, (nlohmann::json{{"pid", 4711}, {"reaped", true}, {"bit", true}}));
  EXPECT_EQ(record.get("kill-1 end").detail.at("restarted"), true);
  EXPECT_THAT(deployment.done(), ElementsAre("kill node-2", "restart node-2"));
}

TEST_F(NemesisTest, KillWithoutAnEndIsRestartedAtTheEndOfTheRun) {
  Nemesis played = nemesis({"kill:leader@5ms"}, deployment);
  played.run(stop.get_token());
  EXPECT_THAT(deployment.done(), ElementsAre("kill node-0"));
  played.heal_all();
  EXPECT_THAT(deployment.done(), ElementsAre("kill node-0", "restart node-0"));
}

TEST_F(NemesisTest, FailoverCutsKillsPromotesAndHeals) {
  std::map<std::string, bool> cut;
  record.also = [&](const FaultEvent& event) {
    if (event.phase == "start") cut["start"] = faults_at(first).cut && faults_at(second).cut;
    if (event.phase == "proof") cut["proof"] = faults_at({"node-2", "node-1"}).cut;
  };
  Nemesis played = nemesis({"failover@5ms,cut=20ms"}, deployment);
  const auto begin = Clock::now();
  played.run(stop.get_token());
  EXPECT_GE(Clock::now() - begin, 25ms);
  EXPECT_THAT(record.phases(), ElementsAre("failover-1 start", "failover-1 proof", "failover-1 end"));
  EXPECT_TRUE(cut["start"]);
  EXPECT_FALSE(cut["proof"]);
  EXPECT_THAT(deployment.done(), ElementsAre("kill node-0", "promote"));
  EXPECT_THAT(leader_changes, ElementsAre("node-1"));
  EXPECT_THAT(record.get("failover-1 start").targets, ElementsAre("node-0"));
  EXPECT_EQ(record.get("failover-1 start").detail.at("cut_ms"), 20.0);
  EXPECT_EQ(record.get("failover-1 start").detail.at("links").size(), 2U);
  EXPECT_EQ(record.get("failover-1 proof").detail, (nlohmann::json{{"promoted", "node-1"},
                                                                   {"beat", 41},
                                                                   {"beat_acknowledged", 123456789},
                                                                   {"accepted_write", true},
                                                                   {"bit", true}}));
  EXPECT_EQ(record.get("failover-1 end").detail.at("killed").at("reaped"), true);
  EXPECT_TRUE(calm());
}

TEST_F(NemesisTest, LagStaysOnTheSurvivorsAfterAFailover) {
  std::vector<FaultRequest> requests = lag_requests({100ms}, 2);
  requests.push_back(parse_fault("failover@5ms,cut=0"));
  Nemesis played = make(std::move(requests), deployment);
  played.run(stop.get_token());
  EXPECT_EQ(faults_at({"node-2", "node-1"}).to_dialler.delay, 200ms);
  EXPECT_THAT(proxy.links(), ElementsAre(LinkName{"node-2", "node-1"}));
  played.heal_all();
  EXPECT_TRUE(calm());
}

TEST_F(NemesisTest, FollowersKeepTheNodeTheyMeantAtTheStart) {
  Nemesis played = nemesis({"failover@5ms,cut=0", "kill:follower-1@20ms", "lag:follower-1,delay=1s@30ms..40ms",
                            "lag:follower-2,delay=1s@50ms..60ms", "kill:leader@70ms"},
                           deployment);
  played.run(stop.get_token());
  EXPECT_THAT(deployment.done(), ElementsAre("kill node-0", "promote", "kill node-1", "kill node-1"));
  EXPECT_THAT(record.get("lag-1 start").targets, ElementsAre("node-1"));
  EXPECT_EQ(record.get("lag-1 proof").detail,
            (nlohmann::json{{"bit", false}, {"error", "node-1 has no replication link now"}}));
  EXPECT_EQ(record.get("lag-2 start").detail.at("links").at(0).at("to"), "node-1");
  EXPECT_TRUE(record.has("lag-2 end"));
}

TEST_F(NemesisTest, AReplacedLeaderIsNotRestarted) {
  Nemesis played = nemesis({"kill:leader@5ms", "failover@10ms,cut=0"}, deployment);
  played.run(stop.get_token());
  played.heal_all();
  EXPECT_THAT(deployment.done(), ElementsAre("kill node-0", "promote"));
  EXPECT_EQ(record.get("kill-1 end").detail.at("restarted"), false);
  EXPECT_EQ(record.get("kill-1 end").detail.at("reason"), "node-0 was replaced");
}

TEST_F(NemesisTest, WhatCannotBeDoneInMidRunIsRecordedAndThePlayGoesOn) {
  deployment.fail_at("kill node-1");
  Nemesis played = nemesis({"kill:follower-1@5ms", "pause-replay:follower-2@10ms..20ms"}, deployment);
  played.run(stop.get_token());
  EXPECT_THAT(record.phases(),
              ElementsAre("kill-1 start", "kill-1 proof", "kill-1 end", "pause-replay-1 start", "pause-replay-1 end"));
  EXPECT_THAT(record.get("kill-1 start").targets, ElementsAre("node-1"));
  EXPECT_EQ(record.get("kill-1 proof").detail, (nlohmann::json{{"bit", false}, {"error", "could not kill node-1"}}));
  EXPECT_THAT(deployment.done(), ElementsAre("pause node-2", "resume node-2"));
}

TEST_F(NemesisTest, APromotionThatFailsLeavesNoLinkCut) {
  deployment.fail_at("promote");
  Nemesis played = nemesis({"failover@5ms,cut=5ms"}, deployment);
  played.run(stop.get_token());
  EXPECT_EQ(record.get("failover-1 proof").detail, (nlohmann::json{{"bit", false}, {"error", "could not promote"}}));
  EXPECT_TRUE(record.has("failover-1 end"));
  EXPECT_THAT(leader_changes, IsEmpty());
  EXPECT_TRUE(calm());
}

TEST_F(NemesisTest, ARestartThatFailsIsTriedAgainAtTheEnd) {
  deployment.fail_at("restart node-1");
  Nemesis played = nemesis({"kill:follower-1@5ms..10ms"}, deployment);
  played.run(stop.get_token());
  EXPECT_FALSE(record.has("kill-1 end"));
  deployment.never_mind("restart node-1");
  played.heal_all();
  EXPECT_THAT(deployment.done(), ElementsAre("kill node-1", "restart node-1"));
  EXPECT_EQ(record.get("kill-1 end").detail.at("restarted"), true);
  EXPECT_EQ(record.get("kill-1 end").detail.at("error"), "could not restart node-1");
}

TEST_F(NemesisTest, AHealThatFailsForGoodIsRecorded) {
  deployment.fail_at("resume node-1");
  Nemesis played = nemesis({"pause-replay:follower-1", "stall:follower-2"}, deployment);
  played.begin_whole_run();
  played.heal_all();
  EXPECT_TRUE(calm());
  EXPECT_EQ(record.get("pause-replay-1 end").detail.at("healed"), false);
  EXPECT_EQ(record.get("pause-replay-1 end").detail.at("error"), "could not resume node-1");
}

TEST_F(NemesisTest, AStopEndsTheWaitAndHealAllEndsTheFaults) {
  Nemesis played = nemesis({"stall:follower-1@1ms..1h", "kill:follower-2@2h"}, deployment);
  record.also = [&](const FaultEvent& event) {
    if (event.phase == "start") stop.request_stop();
  };
  played.run(stop.get_token());
  EXPECT_TRUE(faults_at(first).to_target.stalled);
  played.heal_all();
  EXPECT_TRUE(calm());
  EXPECT_THAT(record.phases(), ElementsAre("stall-1 start", "stall-1 end", "kill-1 proof", "kill-1 end"));
  EXPECT_EQ(record.get("kill-1 proof").detail.at("bit"), false);
  EXPECT_EQ(record.get("kill-1 proof").detail.at("error"), "the run ended before 2h, when it was due");
  EXPECT_THAT(record.get("kill-1 proof").targets, ElementsAre("node-2"));
  EXPECT_THAT(deployment.done(), IsEmpty());
}

TEST_F(NemesisTest, AStopFromAnotherThreadInterruptsTheWait) {
  Nemesis played = nemesis({"kill:follower-2@24h"}, deployment);
  auto running = std::async(std::launch::async, [&] { played.run(stop.get_token()); });
  stop.request_stop();
  EXPECT_EQ(running.wait_for(testing_tcp::patience), std::future_status::ready);
  running.get();
}

TEST_F(NemesisTest, AStopDuringTheCutOfAFailoverKillsNobody) {
  Nemesis played = nemesis({"failover@1ms,cut=1h"}, deployment);
  record.also = [&](const FaultEvent&) { stop.request_stop(); };
  played.run(stop.get_token());
  EXPECT_TRUE(faults_at(first).cut);
  played.heal_all();
  EXPECT_TRUE(calm());
  EXPECT_THAT(record.phases(), ElementsAre("failover-1 start", "failover-1 proof", "failover-1 end"));
  EXPECT_EQ(record.get("failover-1 proof").detail,
            (nlohmann::json{{"bit", false}, {"error", "the run ended before the leader was killed"}}));
  EXPECT_THAT(deployment.done(), IsEmpty());
}

// A recorder whose disk is full throws: at whichever event that happens, everything is healed.
TEST_F(NemesisTest, HealsWhenRecordingThrowsAtAnyEvent) {
  for (std::size_t fatal = 1; fatal <= 12; ++fatal) {
    FaultProxy own_proxy;
    FakeDeployment own(own_proxy);
    std::size_t events = 0;
    {
      NemesisListener listener;
      listener.record = [&](FaultEvent) {
        if (++events >= fatal) throw std::runtime_error("disk full");
      };
      std::vector<FaultRequest> requests;
      for (const char* text :
           {"lag:follower-1,delay=1h", "stall:follower-2@1ms..10ms", "partition:follower-1@2ms..4ms",
            "pause-replay:follower-1@3ms..5ms", "kill:follower-2@6ms..8ms", "failover@12ms,cut=2ms"}) {
        requests.push_back(parse_fault(text));
      }
      Nemesis played(std::move(requests), own, own_proxy, clock, std::move(listener));
      EXPECT_THROW(played.run(stop.get_token()), std::runtime_error);
    }
    for (const LinkName& link : own_proxy.links())
      EXPECT_EQ(own_proxy.link(link).faults(), LinkFaults{});
    const std::vector<std::string> done = own.done();
    EXPECT_EQ(std::count(done.begin(), done.end(), "pause node-1"),
              std::count(done.begin(), done.end(), "resume node-1"));
    EXPECT_EQ(std::count(done.begin(), done.end(), "kill node-2"),
              std::count(done.begin(), done.end(), "restart node-2"));
  }
}

TEST_F(NemesisTest, TheDestructorHeals) {
  {
    Nemesis played = nemesis({"stall:follower-1", "kill:follower-2@0"}, deployment);
    played.run(stop.get_token());
    EXPECT_FALSE(calm());
  }
  EXPECT_TRUE(calm());
  EXPECT_THAT(deployment.done(), ElementsAre("kill node-2", "restart node-2"));
  EXPECT_THAT(record.phases(),
              ElementsAre("stall-1 start", "kill-1 start", "kill-1 proof", "kill-1 end", "stall-1 end"));
}

TEST_F(NemesisTest, FaultsOnTheSessionsLinksAreProvenByTheProxy) {
  FaultProxy own_proxy;
  FakeDeployment served(own_proxy, true, true);
  const LinkName link{"clients", "node-1"};
  NemesisListener listener;
  listener.record = [&](FaultEvent event) {
    record.events.push_back(event);
    if (event.episode != "stall-1" || event.phase != "start") return;
    testing_tcp::Peer session = testing_tcp::dial_or_throw(served.client_address("node-1"));
    session.send("read");
    EXPECT_TRUE(eventually([&] { return own_proxy.link(link).statistics().to_target.held == 4; }));
  };
  std::vector<FaultRequest> requests{parse_fault("stall:follower-1,links=clients@1ms..2ms"),
                                     parse_fault("partition:leader@3ms..4ms"),
                                     parse_fault("lag:follower-2,delay=1s,links=both@5ms..6ms")};
  Nemesis played(std::move(requests), served, own_proxy, clock, std::move(listener));
  played.run(stop.get_token());
  EXPECT_EQ(record.get("stall-1 proof").detail,
            (nlohmann::json{{"bit", true}, {"held_bytes", 4}, {"connections_reset", 0}}));
  EXPECT_EQ(record.get("stall-1 end").detail.at("held_bytes"), 4);
  EXPECT_EQ(record.get("partition-1 proof").detail.at("bit"), false);
  EXPECT_EQ(record.get("partition-1 proof").detail.at("error"), "nothing was sent on the link meanwhile");
  EXPECT_EQ(record.get("partition-1 start").detail.at("links").at(0),
            (nlohmann::json{{"from", "clients"}, {"to", "node-0"}, {"carries", "clients"}}));
  EXPECT_EQ(record.get("lag-1 start").detail.at("links").size(), 2U);
  EXPECT_FALSE(record.has("lag-1 proof"));
}

TEST_F(NemesisTest, ReplicationOfALeaderIsThatOfAllItsFollowers) {
  bool both = false;
  record.also = [&](const FaultEvent& event) {
    if (event.phase == "start") both = faults_at(first).cut && faults_at(second).cut;
  };
  Nemesis played = nemesis({"partition:leader,links=replication@1ms..2ms"}, deployment);
  played.run(stop.get_token());
  EXPECT_TRUE(both);
  EXPECT_TRUE(calm());
}

TEST_F(NemesisTest, LinksThatHaveANameAreTargetsOfTheirOwn) {
  const LinkName named{"app", "replica"};
  const testing_tcp::Listener replica;
  const Address address = proxy.open(named, replica.address());
  deployment.name_link(named);
  auto app = testing_tcp::dial_or_throw(address);
  auto served = replica.accept();
  std::map<std::string, LinkFaults> at;
  record.also = [&](const FaultEvent& event) {
    at[event.episode + " " + event.phase] = faults_at(named);
    if (event.phase != "start" || event.fault == "partition") return;
    app.send("ping");
    EXPECT_TRUE(testing_tcp::eventually([&] { return proxy.link(named).statistics().to_target.held >= 4; }));
  };
  Nemesis played = nemesis({"lag:app->replica,delay=1h@1ms..2ms", "stall:app->replica@3ms..4ms",
                            "partition:app->replica@5ms..6ms", "partition:app->replica@7ms..8ms"},
                           deployment);
  played.run(stop.get_token());
  EXPECT_EQ(at["lag-1 start"].to_target.delay, 1h);
  EXPECT_EQ(at["lag-1 start"].to_dialler.delay, 1h);
  EXPECT_TRUE(at["stall-1 start"].to_target.stalled);
  EXPECT_TRUE(at["partition-1 start"].cut);
  EXPECT_TRUE(calm());
  EXPECT_THAT(record.get("lag-1 start").targets, ElementsAre("app->replica"));
  EXPECT_EQ(record.get("lag-1 start").detail.at("links"),
            nlohmann::json::array({{{"from", "app"}, {"to", "replica"}, {"carries", "service"}}}));
  EXPECT_EQ(record.get("lag-1 proof").detail,
            (nlohmann::json{{"bit", true}, {"held_bytes", 4}, {"connections_reset", 0}}));
  EXPECT_EQ(record.get("stall-1 proof").detail.at("bit"), true);
  EXPECT_EQ(record.get("partition-1 proof").detail.at("connections_reset"), 1);
  // Nobody dialled again: it was applied, and nothing shows that it did anything.
  EXPECT_EQ(record.get("partition-2 proof").detail.at("bit"), false);
}

TEST_F(NemesisTest, NoneMarksATime) {
  Nemesis played = nemesis({"none@1ms..2ms"}, deployment);
  played.run(stop.get_token());
  EXPECT_THAT(record.phases(), ElementsAre("none-1 start", "none-1 proof", "none-1 end"));
  EXPECT_EQ(record.get("none-1 proof").detail.at("bit"), true);
}

}  // namespace
}  // namespace afterwrite
