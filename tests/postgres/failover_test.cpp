#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/session/errors.hpp"
#include "tests/postgres/running_cluster.hpp"

namespace afterwrite::postgres {
namespace {

using ::testing::HasSubstr;

const Value v1 = std::string("v1");

/// Stalls both replication links where the two followers have received the same. The leader writes records of its own (a snapshot of
/// its transactions, every 15 s), which a stall may let through to one of them alone: that one would have to be rebuilt after a failover
/// to the other.
void hold_both_at_one_position(RunningCluster& cluster) {
  const auto received = [&](const char* node) {
    return cluster.admin(node).value("SELECT pg_last_wal_receive_lsn()", in(patience));
  };
  const auto alike_soon = [&] {
    const auto end = in(std::chrono::seconds(1));
    while (Clock::now() < end) {
      if (received("node-1") == received("node-2")) return true;
    }
    return false;
  };
  ASSERT_TRUE(eventually([&] {
    for (const char* node : {"node-1", "node-2"}) cluster.replication(node).stall(Direction::both);
    if (alike_soon()) return true;
    for (const char* node : {"node-1", "node-2"}) cluster.replication(node).heal();
    return false;
  }));
}

TEST(Failover, LosesTheUnreplicatedEndAndBeginsANewEpoch) {
  RunningCluster cluster;
  Deployment& deployment = cluster.deployment();
  const auto client = deployment.open_client("s0");
  const auto beat = deployment.open_beat();
  ASSERT_TRUE(beat->write(1, in(patience)));
  const Reply survivor = write(*client, "survivor", "v1");
  const Reply overwritten = write(*client, "overwritten", "v1");
  for (const char* node : {"node-1", "node-2"})
    ASSERT_EQ(client->await(node, overwritten.position, in(patience)), Applied::reached);
  hold_both_at_one_position(cluster);
  std::vector<Reply> tail;
  for (int number = 0; number < 20; ++number) {
    tail.push_back(write(*client, "tail-" + std::to_string(number), "lost"));
    ASSERT_EQ(tail.back().outcome, Outcome::ok);
  }
  ASSERT_EQ(write(*client, "overwritten", "v2").version, (RecordedVersion{.epoch = 1, .version = 2}));
  ASSERT_TRUE(beat->write(2, in(patience)));

  EXPECT_THROW(deployment.promote(), EnvironmentError) << "the old leader still runs";
  for (const char* node : {"node-1", "node-2"})
    cluster.replication(node).cut();
  deployment.kill("node-0");
  const auto proof = deployment.promote();
  const std::string leader = proof.at("promoted");
  EXPECT_EQ(proof.at("accepted_write"), true);
  EXPECT_EQ(proof.at("beat"), 1);
  EXPECT_EQ(proof.at("epoch"), 2);
  EXPECT_EQ(deployment.topology().leader(), leader);
  EXPECT_EQ(deployment.topology().epoch, 2);
  ASSERT_EQ(deployment.topology().followers().size(), 1U);
  const std::string follower = deployment.topology().followers().front();
  EXPECT_EQ(proof.at("followers").at(follower), "follows") << proof.dump();
  EXPECT_EQ(deployment.replication_link(follower), (LinkName{follower, leader}));
  EXPECT_THAT(deployment.refusal(Ability::restart, "node-0").value_or(""), HasSubstr("failover"));
  EXPECT_THROW(deployment.restart("node-0"), EnvironmentError);

  for (int number = 0; number < 20; ++number) {
    EXPECT_TRUE(is_null(read(*client, "tail-" + std::to_string(number), leader).value));
  }
  // What survived keeps the epoch of its writer; what is written now has the new one, at the same version.
  EXPECT_EQ(read(*client, "survivor", leader).version, survivor.version);
  EXPECT_EQ(read(*client, "survivor", leader).value, v1);
  const Reply rewritten = write(*client, "overwritten", "v3", leader);
  ASSERT_EQ(rewritten.outcome, Outcome::ok) << rewritten.error;
  EXPECT_EQ(rewritten.version, (RecordedVersion{.epoch = 2, .version = 2}));
  EXPECT_EQ(parse_position(rewritten.position)->timeline, 2);
  EXPECT_EQ(deployment.at_least(rewritten.position, tail.back().position), true);
  const auto later = deployment.open_client("s1");  // one that was rebuilt has hung up
  EXPECT_EQ(later->await(follower, rewritten.position, in(patience)), Applied::reached);
  const Reply seen = read(*later, "overwritten", follower);
  EXPECT_EQ(seen.version, rewritten.version);
  EXPECT_EQ(parse_position(seen.position)->timeline, 2);

  // The new log passes the lost positions with other content, and a token of the old one must not take that for its
  // own.
  const auto lost = parse_position(tail.back().position);
  EXPECT_TRUE(eventually([&] {
    const Reply reply = write(*client, "other", "x", leader);
    return parse_position(reply.position)->lsn > lost->lsn &&
           later->await(follower, reply.position, in(patience)) == Applied::reached;
  }));
  EXPECT_EQ(later->await(follower, tail.back().position, in(patience)), Applied::incomparable);
  EXPECT_EQ(client->await(leader, tail.back().position, in(patience)), Applied::incomparable);
  EXPECT_EQ(client->await(leader, rewritten.position, in(patience)), Applied::reached);
  EXPECT_TRUE(beat->write(3, in(patience)));
  EXPECT_TRUE(eventually([&] { return beat->visible(follower, in(patience)) == 3; }));
  std::string why;
  EXPECT_TRUE(deployment.healthy(why)) << why;
}

TEST(Failover, TheFollowerThatReceivedMostIsPromoted) {
  RunningCluster cluster;
  const auto client = cluster.deployment().open_client("s0");
  ASSERT_EQ(write(*client, "k", "v0").outcome, Outcome::ok);
  cluster.replication("node-1").stall(Direction::both);
  const Reply reply = write(*client, "k", "v1");
  ASSERT_EQ(client->await("node-2", reply.position, in(patience)), Applied::reached);
  cluster.deployment().kill("node-0");
  const auto proof = cluster.deployment().promote();
  EXPECT_EQ(proof.at("promoted"), "node-2");
  EXPECT_EQ(read(*client, "k", "node-2").value, v1);
  // The other one catches up over the fork.
  EXPECT_TRUE(eventually([&] { return read(*client, "k", "node-1").value == v1; }));
}

TEST(Failover, AFollowerThatWentAstrayIsRebuilt) {
  RunningCluster cluster;
  const auto client = cluster.deployment().open_client("s0");
  const Reply first = write(*client, "k", "v1");
  ASSERT_EQ(client->await("node-1", first.position, in(patience)), Applied::reached);
  cluster.replication("node-1").stall(Direction::both);
  const Reply lost = write(*client, "k", "lost");
  ASSERT_EQ(client->await("node-2", lost.position, in(patience)), Applied::reached);
  cluster.deployment().kill("node-2");
  cluster.deployment().kill("node-0");
  EXPECT_EQ(cluster.deployment().promote().at("promoted"), "node-1");
  // It applied what the new leader never had, and must forget it.
  cluster.deployment().restart("node-2");
  EXPECT_TRUE(eventually([&] { return read(*client, "k", "node-2").value == v1; }));
  const Reply next = write(*client, "k", "v2", "node-1");
  EXPECT_EQ(client->await("node-2", next.position, in(patience)), Applied::reached);
  EXPECT_EQ(read(*client, "k", "node-2").version, next.version);
}

TEST(Failover, AFollowerThatMissedItIsWaitedForAgain) {
  ClusterOptions options;
  options.options["sync"] = "remote_apply";
  RunningCluster cluster(options);
  Deployment& deployment = cluster.deployment();
  const auto client = deployment.open_client("s0");
  ASSERT_EQ(write(*client, "k", "v1").outcome, Outcome::ok);
  deployment.kill("node-2");
  deployment.kill("node-0");
  ASSERT_EQ(deployment.promote().at("promoted"), "node-1");
  EXPECT_EQ(write(*client, "k", "v2", "node-1").outcome, Outcome::ok) << "nobody is left to wait for";
  deployment.restart("node-2");
  EXPECT_TRUE(eventually([&] {
    return cluster.admin("node-1").value("SELECT sync_state FROM pg_stat_replication", in(patience)) == "sync";
  }));
  // Only a commit that waits can end with the link's delay behind it.
  cluster.replication("node-2").delay(Direction::to_dialler, std::chrono::milliseconds(100));
  EXPECT_TRUE(eventually([&] {
    const auto begin = Clock::now();
    const Reply reply = write(*client, "k", "v3", "node-1");
    return reply.outcome == Outcome::ok && Clock::now() - begin >= std::chrono::milliseconds(100) &&
           read(*client, "k", "node-2").version == reply.version;
  }));
}

TEST(Failover, UnderSynchronousReplicationTheNewLeaderDoesNotHang) {
  ClusterOptions options;
  options.options["sync"] = "remote_apply";
  RunningCluster cluster(options);
  const auto client = cluster.deployment().open_client("s0");
  ASSERT_EQ(write(*client, "k", "v1").outcome, Outcome::ok);
  cluster.deployment().kill("node-0");
  const std::string leader = cluster.deployment().promote().at("promoted");
  const std::string follower = cluster.deployment().topology().followers().front();
  const Reply reply = write(*client, "k", "v2", leader);
  EXPECT_EQ(reply.outcome, Outcome::ok) << reply.error;
  EXPECT_EQ(read(*client, "k", follower).version, reply.version) << "still synchronous";

  // A second failover leaves a leader that has nobody to wait for.
  cluster.deployment().kill(leader);
  EXPECT_EQ(cluster.deployment().promote().at("promoted"), follower);
  const Reply alone = write(*client, "k", "v3", follower);
  EXPECT_EQ(alone.outcome, Outcome::ok) << alone.error;
  EXPECT_EQ(alone.version, (RecordedVersion{.epoch = 3, .version = 3}));
  EXPECT_THAT(cluster.deployment().refusal(Ability::promote, "").value_or(""), HasSubstr("--followers"));
}

}  // namespace
}  // namespace afterwrite::postgres
