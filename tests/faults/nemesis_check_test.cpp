// What is refused before the run starts, and in which words.
#include <gmock/gmock.h>

#include "tests/faults/nemesis_fixture.hpp"

namespace afterwrite {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

TEST_F(NemesisTest, CheckRefusesUnknownTargets) {
  EXPECT_EQ(refusal("kill:follower-3@4s", deployment),
            "--fault 'kill:follower-3@4s': there is no follower-3; the system has 2 followers: follower-1 is node-1, "
            "follower-2 is node-2");
  EXPECT_EQ(refusal("kill:follower-0@4s", deployment),
            "--fault 'kill:follower-0@4s': there is no follower-0; the system has 2 followers: follower-1 is node-1, "
            "follower-2 is node-2");
  EXPECT_EQ(refusal("stall:nod-1@4s", deployment),
            "--fault 'stall:nod-1@4s': no node is called 'nod-1' (did you mean 'node-1'? known: leader, follower-1, "
            "follower-2, node-0, node-1, node-2)");
  EXPECT_EQ(refusal("kill:node-1@4s", deployment), "accepted");
}

TEST_F(NemesisTest, CheckRefusesFaultsOnLinksThatAreNotThere) {
  FaultProxy own_proxy;
  FakeDeployment bare(own_proxy, false, false);
  FakeDeployment served(own_proxy, false, true);
  EXPECT_EQ(refusal("stall:follower-1@4s", bare),
            "--fault 'stall:follower-1@4s': node-1 has no link that goes through the fault proxy; where a system has "
            "none, pause-replay, kill and failover may still be possible");
  EXPECT_EQ(
      refusal("stall:follower-1,links=replication@4s", served),
      "--fault 'stall:follower-1,links=replication@4s': node-1 has no replication link that goes through the fault "
      "proxy; the servers that afterwrite starts itself have them (audit postgres --followers N), and "
      "links=clients is possible here");
  EXPECT_EQ(refusal("stall:follower-1,links=both@4s", deployment),
            "--fault 'stall:follower-1,links=both@4s': node-1 has no link that goes through the fault proxy; its "
            "replication has one: links=replication");
  EXPECT_EQ(refusal("stall:follower-1@4s", served), "accepted");
  try {
    make(lag_requests({500ms}, 2), bare).check();
    ADD_FAILURE() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "--lag 500ms: node-1 has no replication link that goes through the fault proxy; the servers that "
                 "afterwrite starts itself have them (audit postgres --followers N)");
  }
}

TEST_F(NemesisTest, CheckRefusesLinksThatNobodyNamed) {
  EXPECT_EQ(refusal("lag:app->replica,delay=1s", deployment),
            "--fault 'lag:app->replica,delay=1s': no link is called 'app->replica'; a scenario names links under 'links'");
  deployment.name_link({"app", "replica"});
  EXPECT_EQ(refusal("lag:app->replica,delay=1s", deployment), "accepted");
  EXPECT_EQ(refusal("stall:app->replcia@4s", deployment),
            "--fault 'stall:app->replcia@4s': no link is called 'app->replcia' (did you mean 'app->replica'? known: "
            "app->replica)");
  EXPECT_EQ(refusal("stall:app->replica,links=clients@4s", deployment),
            "--fault 'stall:app->replica,links=clients@4s': links= chooses between the links of a node, and the target is "
            "a link itself; leave it out");
  EXPECT_THAT(refusal("kill:app->replica@4s", deployment), testing::HasSubstr("no node is called 'app->replica'"));
}

TEST_F(NemesisTest, CheckRefusesWhatTheDeploymentRefuses) {
  deployment.refuse(Ability::kill, "only its owner may; start a cluster of its own");
  EXPECT_EQ(refusal("kill:leader@4s", deployment),
            "--fault 'kill:leader@4s': only its owner may; start a cluster of its own");
  EXPECT_EQ(refusal("failover@4s", deployment),
            "--fault 'failover@4s': only its owner may; start a cluster of its own");
  FaultProxy own_proxy;
  FakeDeployment other(own_proxy);
  other.refuse(Ability::restart, "it cannot be started again");
  other.refuse(Ability::pause_replay, "no way to pause");
  other.refuse(Ability::promote, "no one to promote");
  EXPECT_EQ(refusal("kill:leader@4s", other), "accepted");
  EXPECT_EQ(refusal("kill:leader@4s..5s", other),
            "--fault 'kill:leader@4s..5s': it cannot be started again (without an end it is not started again)");
  EXPECT_EQ(refusal("pause-replay:follower-1", other), "--fault 'pause-replay:follower-1': no way to pause");
  EXPECT_EQ(refusal("failover@4s", other), "--fault 'failover@4s': no one to promote");
}

TEST_F(NemesisTest, FailoverWithoutLinksIsAtOnceAndACutIsRefused) {
  FaultProxy own_proxy;
  FakeDeployment bare(own_proxy, false, false);
  EXPECT_EQ(refusal("failover@4s,cut=1s", bare),
            "--fault 'failover@4s,cut=1s': replication to node-1 does not go through the fault proxy and cannot be cut "
            "before the failover: leave out cut=, or give cut=0");
  Nemesis played = nemesis({"failover@1ms"}, bare);
  played.run(stop.get_token());
  EXPECT_EQ(record.get("failover-1 start").detail.at("cut_ms"), 0.0);
  EXPECT_THAT(bare.done(), ElementsAre("kill node-0", "promote"));
}

TEST_F(NemesisTest, MoreFailoversThanFollowersAreRefused) {
  Nemesis enough = nemesis({"failover@1s", "failover@9s"}, deployment);
  EXPECT_NO_THROW(enough.check());
  try {
    nemesis({"failover@1s", "failover@9s", "failover@20s"}, deployment).check();
    ADD_FAILURE() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "--fault 'failover@20s': each failover uses up a node, and the system has 2 followers for 3 of them");
  }
  EXPECT_THAT(record.events, IsEmpty());
}

TEST_F(NemesisTest, FailoversThatOverlapAreRefused) {
  EXPECT_NO_THROW(nemesis({"failover@6s,cut=2s", "failover@1s,cut=4s"}, deployment).check());
  try {
    nemesis({"failover@4s,cut=2s", "failover@1s,cut=4s"}, deployment).check();
    ADD_FAILURE() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "--fault 'failover@4s,cut=2s': begins while --fault 'failover@1s,cut=4s' is under way (its cut comes "
                 "first, then the leader is killed); let it begin later");
  }
}

}  // namespace
}  // namespace afterwrite
