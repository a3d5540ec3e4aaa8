#include "results/story.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkers/judge.hpp"
#include "tests/results/made_up.hpp"

namespace afterwrite {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Story story_of(const MadeUp& made, std::size_t row) {
  const Row& told = made.judgement.rows.at(row);
  return tell(made.history, made.judgement, told.entries.at(0), told.scope);
}

std::vector<std::string> words_of(const Story& story) {
  std::vector<std::string> words;
  for (const StoryStep& step : story.steps)
    words.push_back(step.words);
  return words;
}

TEST(Story, AStaleReadOfAnOwnWrite) {
  const Story story = story_of(any_replica_violated(), 0);
  EXPECT_EQ(story.whose, "session s3, key k1");
  EXPECT_THAT(words_of(story),
              ElementsAre("s3 wrote k1 = s3-7 on node-0 (leader); acknowledged at +1.2 ms",
                          "s3 read k1 from node-2 (follower) and saw s3-6, 1 version older than s3-7"));
  EXPECT_DOUBLE_EQ(story.steps[1].at_ms.value(), 213.25);
  EXPECT_THAT(story.reasons,
              ElementsAre("s3-6 is older than s3-7: the system numbered them 6 and 7 in epoch 1",
                          "s3-7 would be older than s3-6: s3 read the latter after its write of the former"));
  EXPECT_THAT(story.circumstances, ElementsAre("s3-7 had been acknowledged 212 ms before that read began",
                                               "node-2 was seen 503 ms behind, 37.1 ms after the read began",
                                               "fault on: lag (+500 ms) on node-2, from 0.0 s to 10.0 s"));
}

TEST(Story, WhatWasNoFaultDidNotBite) {
  FaultEpisode episode;
  episode.fault = "none";
  episode.bit = true;
  EXPECT_EQ(effect_in_words(episode), "no fault");
  episode.fault = "lag";
  EXPECT_EQ(effect_in_words(episode), "bit");
  episode.bit = false;
  EXPECT_EQ(effect_in_words(episode), "did not bite");
}

TEST(Story, AReadThatWentBack) {
  const Story story = story_of(any_replica_violated(), 1);
  EXPECT_THAT(words_of(story), ElementsAre("s3 wrote k1 = s3-7 on node-0 (leader); acknowledged at +1.2 ms",
                                           "s4 read k1 from node-1 (follower) and saw s3-7",
                                           "s4 read k1 from node-2 (follower) and saw s3-6, older than s3-7"));
  EXPECT_THAT(story.reasons,
              ElementsAre("s3-6 is older than s3-7: one session wrote them in this order (assumed: writer-order)",
                          "s3-7 would be older than s3-6: s4 read the latter after the former"));
  EXPECT_THAT(story.circumstances, Contains("s3-7 had been seen 40.4 ms before that read began"));
  EXPECT_THAT(story.circumstances, Contains("the same state was met 3 times in this way"));
}

TEST(Story, AnAppendThatIsMissingAfterAFailover) {
  const Story story = story_of(lists_and_failover(), 0);
  EXPECT_THAT(words_of(story), ElementsAre("s1 appended s1-1 to l1 on node-0 (leader); acknowledged at +1.0 ms",
                                           "s1 read l1 from node-1 (leader) and saw [s9-1], without s1-1"));
  EXPECT_THAT(story.reasons, ElementsAre("the list lacks s1-1, which s1 had appended"));
  EXPECT_THAT(story.circumstances,
              Contains("the new leader does not have what was acknowledged before: it was lost at failover-1"));
  EXPECT_THAT(story.circumstances, Contains("fault on: failover on node-0, from 0.0 s to 3.0 s"));
}

TEST(Story, ACircleOfThreeIsToldWhole) {
  const Story story = story_of(lists_and_failover(), 1);
  EXPECT_EQ(story.whose, "user u1, key k1");
  EXPECT_EQ(story.steps.size(), 4U);
  EXPECT_THAT(words_of(story).back(), HasSubstr("and saw nothing, where s1-5 had been"));
  EXPECT_THAT(story.reasons,
              ElementsAre("the state before any write is older than s2-1",
                          "s2-1 is older than s1-5: it was in effect before the other was written (assumed: "
                          "realtime-writes, one-clock)",
                          "s1-5 would be older than the empty state: s7 read the latter after s1's write of the former",
                          "all of this together is a circle"));
}

TEST(Story, WhatWasDeletedAndIsStillShown) {
  History history;
  const auto take = [&](Function function, Value value) {
    Operation& op = history.operations.emplace_back();
    op.session = op.process = "s1";
    op.function = function;
    op.key = "post";
    op.value = std::move(value);
    op.outcome = Outcome::ok;
    op.invoke = static_cast<Nanoseconds>(history.operations.size()) * 20'000'000;
    op.complete = op.invoke + 10'000'000;
  };
  take(Function::write, std::string("p1"));
  take(Function::remove, Value{});
  take(Function::read, std::string("p1"));
  history.footer = {{"kind", "end"}};
  Question question;
  question.guarantees = {only(Guarantee::read_your_writes)};
  const Judgement judgement = judge(history, question);
  const Story story = tell(history, judgement, judgement.rows.at(0).entries.at(0), Scope::session);
  EXPECT_EQ(words_of(story).back(), "s1 read post and saw p1, although it had been deleted");
  EXPECT_THAT(story.reasons,
              ElementsAre("p1 is older than the delete of post: one session did both in this order (assumed: writer-order)",
                          "the delete of post would be older than p1: s1 read the latter after its delete"));
  EXPECT_THAT(story.circumstances, Contains("the delete had been acknowledged 10.0 ms before that read began"));
}

TEST(Story, OutcomesAndDetours) {
  MadeUp made = everything_in_doubt();
  Violation violation;
  violation.key = "k2";
  violation.scope_name = "s1";
  violation.operation = 2;
  violation.operations = {1, 2, 4, 5};
  violation.expected = std::string("s1-1");
  violation.observed = std::string("s1-0");
  const Story story = tell(made.history, made.judgement, violation, Scope::process);
  EXPECT_THAT(words_of(story),
              ElementsAre("s1 waited 210 ms for its follower, read k2 from node-1 (follower) and saw s1-1",
                          "s1 gave up waiting for a follower after 1.00 s, read k2 from node-0 (leader) and saw s1-1, "
                          "older than s1-1",
                          "s5 appended 12 to ledger; whether it took effect was never told (no answer within 2 s)",
                          "s5 wrote k3 = s5-2; it failed (connection refused)"));
  EXPECT_TRUE(story.reasons.empty());
}

TEST(Story, AFallBackWithoutAWaitIsNoGivingUp) {
  MadeUp made = version_token_held();
  made.history.operations[2].waited_ms = 0;
  Violation violation;
  violation.operation = 2;
  violation.operations = {2};
  violation.observed = std::string("s1-1");
  EXPECT_THAT(words_of(tell(made.history, made.judgement, violation, Scope::session)).at(0),
              HasSubstr("s1 went to the leader at once (its follower cannot reach the position), read k2 from node-0"));
}

TEST(Story, EveryEdgeHasAReason) {
  const MadeUp made = any_replica_violated();
  const auto words = [&](EdgeKind kind, Value older, Value newer, std::vector<std::size_t> operations) {
    return edge_in_words(made.history, {kind, std::move(older), std::move(newer), std::move(operations)});
  };
  const Value a = std::string("a");
  const Value b = std::string("b");
  EXPECT_EQ(words(EdgeKind::recorded_version, a, b, {}), "a is older than b: by the system's own version numbers");
  EXPECT_EQ(words(EdgeKind::monotonic_reads, a, b, {2, 3}),
            "a would be older than b: s4 read the latter after the former");
  EXPECT_EQ(words(EdgeKind::monotonic_writes, a, b, {0}),
            "a would be older than b: s3 wrote the latter after the former");
  EXPECT_EQ(words(EdgeKind::writes_follow_reads, a, b, {}),
            "a would be older than b: the session wrote the latter after it had read the former");
  EXPECT_EQ(words(EdgeKind::list_contents, List{std::string("a")}, a, {2, 3}),
            "the list shows a in another place than s4 had seen it");
  EXPECT_EQ(words(EdgeKind::list_contents, List{std::string("a")}, b, {2, 3}),
            "the list lacks b, which s4 had seen in it");
  EXPECT_EQ(words(EdgeKind::list_contents, List{std::string("a")}, b, {3, 2, 0}),
            "a list shows s3-7 without b before it, which s4 had seen in it by then");
}

TEST(Story, OfAUsersTwoSessionsEachIsNamed) {
  const MadeUp made = any_replica_violated();
  const Value a = std::string("a");
  const Value b = std::string("b");
  const auto words = [&](EdgeKind kind) { return edge_in_words(made.history, {kind, a, b, {0, 2}}); };
  const std::string older = made.history.operations[0].session;
  const std::string newer = made.history.operations[2].session;
  ASSERT_NE(older, newer);
  const std::string would = "a would be older than b: " + newer;
  EXPECT_EQ(words(EdgeKind::read_your_writes), would + " read the latter after " + older + "'s write of the former");
  EXPECT_EQ(words(EdgeKind::monotonic_reads), would + " read the latter after " + older + " had read the former");
  EXPECT_EQ(words(EdgeKind::monotonic_writes), would + " wrote the latter after " + older + " had written the former");
  EXPECT_EQ(words(EdgeKind::writes_follow_reads), would + " wrote the latter after " + older + " had read the former");
}

/// ann wrote a post, bob answered it in one transaction, and cy found neither where she looked.
History of_three_sessions() {
  History history;
  const auto add = [&](const char* session, Function function, const char* key, Value seen) {
    Operation operation;
    operation.session = session;
    operation.function = function;
    operation.key = key;
    operation.value = std::move(seen);
    operation.outcome = Outcome::ok;
    history.operations.push_back(operation);
  };
  add("ann", Function::write, "post", std::string("p1"));
  add("bob", Function::read, "post", std::string("p1"));
  add("bob", Function::append, "thread", std::string("r1"));
  add("cy", Function::read, "thread", List{std::string("r1"), std::string("r0")});
  add("cy", Function::read, "post", Value{});
  return history;
}

TEST(Story, EdgesAcrossKeysSayWhoDidWhat) {
  const History history = of_three_sessions();
  const auto words = [&](EdgeKind kind, std::size_t first, std::size_t last) {
    return edge_in_words(
        history, {kind, history.operations[first].value, history.operations[last].value, {first, last}});
  };
  EXPECT_EQ(words(EdgeKind::session_order, 1, 2), "bob read post as p1 before it appended r1 to thread");
  EXPECT_EQ(words(EdgeKind::session_order, 0, 2), "ann wrote post = p1 before bob appended r1 to thread");
  EXPECT_EQ(words(EdgeKind::reads_from, 0, 1), "bob saw p1 in post, which ann had written");
  EXPECT_EQ(words(EdgeKind::reads_from, 2, 3), "cy saw r1 in thread, which bob had appended");
  EXPECT_EQ(words(EdgeKind::one_transaction, 1, 2), "bob read post as p1 and appended r1 to thread in one transaction");
  EXPECT_EQ(words(EdgeKind::causal_order, 0, 4),
            "p1 would be older than the empty state: it lay behind cy, which then read the latter from post");
  EXPECT_EQ(words(EdgeKind::causal_order, 0, 3), "p1 lay behind cy, which found thread without it");
}

TEST(Story, VersionsOfTwoEpochs) {
  MadeUp made = any_replica_violated();
  made.history.operations[0].version = RecordedVersion{2, 1};
  EXPECT_EQ(edge_in_words(made.history, made.judgement.rows[0].entries[0].cycle[0]),
            "s3-6 is older than s3-7: the system numbered them 6 in epoch 1 and 1 in epoch 2");
}

}  // namespace
}  // namespace afterwrite
