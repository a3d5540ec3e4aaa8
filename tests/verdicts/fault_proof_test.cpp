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
