#include "checkers/fault_proof.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace afterwrite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Nanoseconds second = 1'000'000'000;

FaultEvent event(Nanoseconds time, const std::string& fault, const std::string& phase,
                 const nlohmann::json& detail = nlohmann::json::object()) {
  FaultEvent made;
  made.time = time;
  made.fault = fault;
  made.phase = phase;
  made.episode = fault + "-1";
  made.targets = {"node-1"};
  made.detail = detail;
  return made;
}

LagSample sample(Nanoseconds time, double lag_ms, const std::string& node = "node-1") {
  LagSample made;
  made.time = time;
  made.node = node;
  made.lag_ms = lag_ms;
  return made;
}

FaultEpisode only_episode(const History& history) {
  const auto episodes = prove_faults(history);
  EXPECT_EQ(episodes.size(), 1U);
  return episodes.at(0);
}

TEST(FaultProof, LagBitIfHalfOfItWasReachedAtItsTarget) {
  History history;
  history.faults = {event(0, "lag", "start", {{"delay_ms", 500}}), event(5 * second, "lag", "end")};
  history.lags = {sample(second, 249), sample(second, 900, "node-2")};
  EXPECT_FALSE(only_episode(history).bit);
  history.lags.push_back(sample(2 * second, 250));
  EXPECT_TRUE(only_episode(history).bit);
}

TEST(FaultProof, NoFaultIsToldAsNone) {
  History history;
  history.faults = {event(0, "none", "start", {{"bit", true}}), event(5 * second, "none", "end")};
  history.faults.front().targets.clear();
  EXPECT_TRUE(only_episode(history).bit);
  EXPECT_EQ(only_episode(history).proof, "nothing was injected, as asked");
}

// Where every member has links of its own, cutting the leader's cuts the leader off: the others elect another and go on.
TEST(FaultProof, WhoFallsBehindIsWhomTheRecordNames) {
  History history;
  history.header.all["nodes"] = {{{"name", "node-1"}, {"role", "leader"}}, {{"name", "node-2"}, {"role", "follower"}}};
  const nlohmann::json links{{{"from", "node-1"}, {"to", "node-2"}, {"carries", "replication"}},
                             {{"from", "node-2"}, {"to", "node-1"}, {"carries", "replication"}}};
  history.faults = {event(second, "partition", "start", {{"links", links}, {"receivers", {"node-1"}}}),
                    event(3 * second, "partition", "end")};
  history.lags = {sample(second, 0), sample(3 * second, 2000), sample(2 * second, 0, "node-2"), sample(3 * second, 0, "node-2")};
  EXPECT_TRUE(only_episode(history).bit);
  history.faults.front().detail.erase("receivers");
  EXPECT_FALSE(only_episode(history).bit);
}

TEST(FaultProof, SamplesOutsideTheEpisodeProveNothing) {
  History history;
  history.faults = {event(2 * second, "lag", "start", {{"delay_ms", 500}}), event(3 * second, "lag", "end")};
  history.lags = {sample(second, 600), sample(5 * second, 600)};
  const FaultEpisode episode = only_episode(history);
  EXPECT_FALSE(episode.bit);
  EXPECT_THAT(episode.proof, HasSubstr("no lag was sampled"));
}

TEST(FaultProof, StallBitIfTheLagGrewByHalfItsDuration) {
  History history;
  history.faults = {event(second, "stall", "start"), event(3 * second, "stall", "end")};
  history.lags = {sample(second, 500), sample(3 * second, 1499)};
  EXPECT_FALSE(only_episode(history).bit);
  history.lags.back().lag_ms = 1500;
  EXPECT_TRUE(only_episode(history).bit);
}

/// Its time had passed before it was its turn, while another fault was on.
TEST(FaultProof, WhatWasHardlyThereDidNotBite) {
  constexpr Nanoseconds moment = 400'000;
  for (const char* fault : {"stall", "partition", "pause-replay", "lag"}) {
    History history;
    history.faults = {event(second, fault, "start", {{"delay_ms", 500}}), event(second + moment, fault, "end")};
    EXPECT_FALSE(only_episode(history).bit) << fault;
    history.lags = {sample(second, 0), sample(second + moment / 2, 900)};
    const FaultEpisode episode = only_episode(history);
    EXPECT_FALSE(episode.bit) << fault;
    EXPECT_EQ(episode.proof, "it lasted 0 ms, too short to show");
  }
}

TEST(FaultProof, AGrowthThatIsTooShortToBeSampledShowsNothing) {
  History history;
  history.faults = {event(second, "stall", "start"), event(second + second / 20, "stall", "end")};
  history.lags = {sample(second, 0), sample(second + second / 20, 50)};
  EXPECT_FALSE(only_episode(history).bit);
  Operation refused;
  refused.node = "node-1";
  refused.outcome = Outcome::fail;
  refused.invoke = second;
  refused.complete = second + 1;
  history.operations = {refused};
  EXPECT_TRUE(only_episode(history).bit);
}

TEST(FaultProof, NodeThatDoesNotAnswerShowsNoLag) {
  History history;
  history.faults = {event(0, "lag", "start", {{"delay_ms", 500}})};
  history.lags = {sample(second, 600)};
  history.lags.front().reachable = false;
  EXPECT_FALSE(only_episode(history).bit);
}

TEST(FaultProof, WhatThePlayerSawByItselfIsBelieved) {
  History history;
  history.faults = {event(second, "stall", "start"),
                    event(2 * second, "stall", "proof", {{"bit", true}, {"held_bytes", 501}}),
                    event(2 * second, "stall", "end")};
  const FaultEpisode held = only_episode(history);
  EXPECT_TRUE(held.bit);
  EXPECT_THAT(held.proof, HasSubstr("501 bytes"));
  history.faults[1].detail = {{"bit", false}, {"error", "nothing was sent on the link meanwhile"}};
  const FaultEpisode idle = only_episode(history);
  EXPECT_FALSE(idle.bit);
  EXPECT_EQ(idle.proof, "nothing was sent on the link meanwhile");
}

TEST(FaultProof, KillAndFailoverNeedTheirRecord) {
  History history;
  history.faults = {event(second, "kill", "start")};
  EXPECT_FALSE(only_episode(history).bit);
  history.faults.push_back(event(second, "kill", "proof", {{"reaped", true}}));
  EXPECT_TRUE(only_episode(history).bit);
  history.faults = {event(second, "failover", "start"), event(second, "failover", "proof", {{"promoted", "node-1"}})};
  EXPECT_FALSE(only_episode(history).bit);
  history.faults.push_back(event(second, "failover", "proof", {{"accepted_write", true}}));
  EXPECT_TRUE(only_episode(history).bit);
}

nlohmann::json links(std::initializer_list<std::pair<const char*, const char*>> replication, bool clients = false) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& [from, to] : replication)
    all.push_back({{"carries", "replication"}, {"from", from}, {"to", to}});
  if (clients) all.push_back({{"carries", "clients"}, {"from", "clients"}, {"to", "node-1"}});
  return all;
}

/// What a service's link carries is not known: the proxy's counts are all there is, whatever lag or refusals there were.
TEST(FaultProof, OnALinkOfTheServicesOnlyTheProxyTells) {
  History history;
  history.faults = {event(second, "stall", "start",
                          {{"links", {{{"carries", "service"}, {"from", "app"}, {"to", "replica"}}}}}),
                    event(3 * second, "stall", "end", {{"held_bytes", 0}, {"connections_reset", 0}})};
  for (FaultEvent& each : history.faults)
    each.targets = {"app->replica"};
  history.lags = {sample(second, 0, "app->replica"), sample(3 * second, 1900, "app->replica")};
  EXPECT_FALSE(only_episode(history).bit);
  EXPECT_EQ(only_episode(history).proof, "no byte was held and no connection reset on app->replica");
  history.faults[1].detail["held_bytes"] = 17;
  EXPECT_TRUE(only_episode(history).bit);
  EXPECT_EQ(only_episode(history).proof, "17 bytes were held, 0 connections reset");
}

/// The proxy knows what it kept back; a lag that did not grow as far says nothing else of it.
TEST(FaultProof, AHoldBitIfDataFramesWereHeld) {
  History history;
  history.faults = {event(second, "hold", "start", {{"links", links({{"node-1", "node-0"}})}}),
                    event(3 * second, "hold", "end", {{"held_bytes", 0}, {"connections_reset", 0}})};
  EXPECT_FALSE(only_episode(history).bit);
  EXPECT_EQ(only_episode(history).proof, "no byte was held and no connection reset on the links to node-1");
  History cut = history;
  cut.faults.pop_back();
  cut.truncated = true;
  EXPECT_FALSE(only_episode(cut).bit);
  EXPECT_EQ(only_episode(cut).proof, "the recording ended before the proxy said what it held");
  history.faults[1].detail = {
      {"held_bytes", 900}, {"held_frames", 3}, {"longest_held_ms", 1950.2}, {"connections_reset", 0}};
  history.lags = {sample(second, 0), sample(3 * second, 10)};
  EXPECT_TRUE(only_episode(history).bit);
  EXPECT_EQ(only_episode(history).proof, "3 data frames were held, the longest for 1950 ms, 0 connections reset");
}

/// Where a system has beats they decide; where it has none, frames held and connections reset do, bytes alone do not.
TEST(FaultProof, WithoutABeatTheProxyTellsOfStreams) {
  History history;
  history.faults = {event(second, "lag", "start", {{"delay_ms", 500}, {"links", links({{"node-1", "node-0"}})}}),
                    event(3 * second, "lag", "end", {{"held_bytes", 900}, {"connections_reset", 0}})};
  EXPECT_FALSE(only_episode(history).bit);
  history.faults[1].detail["held_frames"] = 3;
  EXPECT_TRUE(only_episode(history).bit);
  history.lags = {sample(second, 0), sample(3 * second, 10)};
  EXPECT_FALSE(only_episode(history).bit);
}

void name_nodes(History& history) {
  history.header.all["nodes"] = {{{"name", "node-0"}, {"role", "leader"}},
                                 {{"name", "node-1"}, {"role", "follower"}},
                                 {{"name", "node-2"}, {"role", "follower"}}};
}

/// What a leader sends arrives at its followers; it is never behind itself.
TEST(FaultProof, FaultOnALeadersReplicationShowsAtAllFollowers) {
  History history;
  name_nodes(history);
  history.faults = {
      event(0, "lag", "start", {{"delay_ms", 500}, {"links", links({{"node-1", "node-0"}, {"node-2", "node-0"}})}}),
      event(5 * second, "lag", "end")};
  for (FaultEvent& each : history.faults)
    each.targets = {"node-0"};
  history.lags = {sample(second, 0, "node-0"), sample(second, 491, "node-1"), sample(second, 200, "node-2")};
  EXPECT_FALSE(only_episode(history).bit);
  history.lags.push_back(sample(2 * second, 503, "node-2"));
  const FaultEpisode lag = only_episode(history);
  EXPECT_TRUE(lag.bit);
  EXPECT_EQ(lag.proof, "lag at node-1 reached 491 ms of 500 ms asked; lag at node-2 reached the 500 ms asked");
}

TEST(FaultProof, TheOnlyFollowerOfALeaderAndTheLeaderOfAFollowerAreToldApart) {
  History history;
  name_nodes(history);
  history.faults = {event(second, "stall", "start", {{"links", links({{"node-1", "node-0"}})}}),
                    event(3 * second, "stall", "end")};
  history.lags = {sample(second, 0), sample(3 * second, 1900)};
  EXPECT_TRUE(only_episode(history).bit) << "node-1 is a follower: its own lag shows it";
  history.faults[0].targets = {"node-0"};
  EXPECT_TRUE(only_episode(history).bit) << "node-0 leads: the lag of node-1 shows it";
  FaultEvent promoted = event(0, "failover", "proof", {{"promoted", "node-1"}, {"accepted_write", true}});
  promoted.targets = {"node-0"};
  history.faults.insert(history.faults.begin(), promoted);
  history.faults[1].targets = {"node-1"};
  const auto episodes = prove_faults(history);
  EXPECT_FALSE(episodes.at(1).bit) << "node-1 leads by then: its own lag says nothing";
  EXPECT_EQ(episodes.at(1).proof, "no lag was sampled at node-0");
}

TEST(FaultProof, AFaultOnTheSessionsLinksIsNotShownByLag) {
  History history;
  for (const char* fault : {"partition", "stall", "lag"}) {
    history.faults = {event(second, fault, "start", {{"delay_ms", 300}, {"links", links({}, true)}}),
                      event(3 * second, fault, "end", {{"held_bytes", 0}, {"connections_reset", 0}})};
    history.lags = {sample(second, 0), sample(3 * second, 1900)};
    const FaultEpisode idle = only_episode(history);
    EXPECT_FALSE(idle.bit) << fault << ": the lag grew for another reason";
    EXPECT_EQ(idle.proof, "no byte was held and no connection reset on the sessions' links to node-1");
    history.faults[1].detail["connections_reset"] = 4;
    const FaultEpisode reset = only_episode(history);
    EXPECT_TRUE(reset.bit);
    EXPECT_EQ(reset.proof, "0 bytes were held, 4 connections reset");
  }
}

TEST(FaultProof, RefusedOperationsShowACutOfTheSessionsLinksAndNoOther) {
  History history;
  Operation refused;
  refused.node = "node-1";
  refused.outcome = Outcome::fail;
  refused.invoke = refused.complete = 2 * second;
  history.operations = {refused};
  history.lags = {sample(second, 0), sample(3 * second, 10)};
  history.faults = {event(second, "partition", "start", {{"links", links({}, true)}}),
                    event(3 * second, "partition", "end")};
  EXPECT_TRUE(only_episode(history).bit);
  history.faults[0].detail["links"] = links({{"node-1", "node-0"}}, true);
  EXPECT_TRUE(only_episode(history).bit);
  history.faults[0].targets = {"node-0"};
  history.header.all["nodes"] = {{{"name", "node-0"}, {"role", "leader"}}};
  EXPECT_FALSE(only_episode(history).bit) << "the links to the leader were cut, not those to node-1";
  history.faults[0].targets = {"node-1"};
  history.faults[0].detail["links"] = links({{"node-1", "node-0"}});
  EXPECT_FALSE(only_episode(history).bit);
  history.faults = {event(second, "pause-replay", "start"), event(3 * second, "pause-replay", "end")};
  EXPECT_FALSE(only_episode(history).bit);
}

/// Beside another fault a lag grows beyond what this one was asked for.
TEST(FaultProof, ClaimsNoMoreThanWasAsked) {
  History history;
  history.faults = {event(0, "lag", "start", {{"delay_ms", 200}}), event(5 * second, "lag", "end")};
  history.lags = {sample(second, 3271)};
  EXPECT_EQ(only_episode(history).proof, "lag at node-1 reached the 200 ms asked");
  history.faults = {event(second, "stall", "start"), event(2 * second, "stall", "end")};
  history.lags = {sample(second, 0), sample(2 * second, 3271)};
  EXPECT_EQ(only_episode(history).proof, "lag at node-1 grew by the 1000 ms that it lasted");
}

/// Anyone may have written the file: a member of another type is as good as none.
TEST(FaultProof, MembersOfAnotherTypeCountAsAbsent) {
  for (const nlohmann::json& odd : {nlohmann::json("yes"), nlohmann::json(nullptr), nlohmann::json::array({1}),
                                    nlohmann::json::object(), nlohmann::json(-1), nlohmann::json(1.5)}) {
    for (const char* fault : {"lag", "stall", "kill", "failover", "other"}) {
      nlohmann::json detail;
      for (const char* name : {"bit", "delay_ms", "reaped", "accepted_write", "held_bytes", "connections_reset",
                               "error", "links", "promoted"}) {
        detail[name] = odd;
      }
      History history;
      history.header.all["nodes"] = odd;
      history.faults = {event(second, fault, "start", detail), event(3 * second, fault, "proof", detail),
                        event(3 * second, fault, "end")};
      history.faults[0].detail["links"] = {odd, {{"carries", odd}, {"from", odd}}, {{"carries", "clients"}}};
      EXPECT_FALSE(only_episode(history).bit) << fault << " with " << odd;
    }
  }
  History refused;
  refused.faults = {event(second, "stall", "proof", {{"bit", false}, {"error", 7}})};
  EXPECT_EQ(only_episode(refused).proof, "it could not be done");
}

TEST(FaultProof, EpisodesOnBetweenTwoMoments) {
  History history;
  history.faults = {event(second, "stall", "start"), event(2 * second, "stall", "end")};
  const auto episodes = prove_faults(history);
  EXPECT_THAT(faults_between(episodes, 0, second), ElementsAre("stall-1"));
  EXPECT_THAT(faults_between(episodes, 2 * second, 3 * second), ElementsAre("stall-1"));
  EXPECT_THAT(faults_between(episodes, 0, second - 1), IsEmpty());
  EXPECT_THAT(faults_between(episodes, 2 * second + 1, 3 * second), IsEmpty());
}

}  // namespace
}  // namespace afterwrite
