#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "harness/session/errors.hpp"
#include "tests/postgres/running_cluster.hpp"

namespace afterwrite::postgres {
namespace {

const Value v1 = std::string("v1");
const Value v2 = std::string("v2");

/// Holds the row of `key` until it is destroyed, so that a write to it hangs.
class RowLock {
 public:
  RowLock(RunningCluster& cluster, const std::string& key) : admin_(cluster.admin("node-0")) {
    admin_.run("BEGIN", in(patience));
    admin_.run("SELECT 1 FROM " + cluster.table() + " WHERE key = $1 FOR UPDATE", {key}, in(patience));
  }

 private:
  Admin admin_;
};

/// True once somebody waits for a row that another transaction holds.
bool somebody_waits(RunningCluster& cluster) {
  Admin admin = cluster.admin("node-0");
  return eventually([&] {
    return admin.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'", in(patience)) == "1";
  });
}

TEST(Faults, AWriteThatHangsIsUnsureAtItsDeadlineAndARestOfItMayLandLate) {
  RunningCluster cluster(ClusterOptions{.followers = 0});
  const auto client = cluster.deployment().open_client("s0");
  ASSERT_EQ(write(*client, "k", "v1").outcome, Outcome::ok);
  {
    const RowLock lock(cluster, "k");
    const auto begin = Clock::now();
    const Reply reply = write(*client, "k", "v2", "node-0", std::chrono::milliseconds(200));
    EXPECT_EQ(reply.outcome, Outcome::info);
    EXPECT_EQ(reply.connection, Connection::lost);
    EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(200));
    EXPECT_LT(Clock::now() - begin, patience);
    // The next call opens a connection of its own; reads are not locked out.
    EXPECT_EQ(read(*client, "k", "node-0").value, v1);
  }
  EXPECT_TRUE(eventually([&] { return read(*client, "k", "node-0").value == v2; }));
}

TEST(Faults, AServerKilledInMidWriteLeavesItUnsureAndThenRefuses) {
  RunningCluster cluster(ClusterOptions{.followers = 0});
  const auto client = cluster.deployment().open_client("s0");
  const auto bystander = cluster.deployment().open_client("s1");
  ASSERT_EQ(write(*client, "k", "v1").outcome, Outcome::ok);
  ASSERT_EQ(read(*bystander, "k", "node-0").outcome, Outcome::ok);
  const RowLock lock(cluster, "k");
  Reply reply;
  std::thread writer([&] { reply = write(*client, "k", "v2"); });
  EXPECT_TRUE(somebody_waits(cluster));
  cluster.deployment().kill("node-0");
  writer.join();
  EXPECT_EQ(reply.outcome, Outcome::info);
  EXPECT_EQ(reply.connection, Connection::lost);

  // Nothing was sent on a connection that was found dead, nor on one that could not be opened.
  const Reply idle = write(*bystander, "k", "v3");
  EXPECT_EQ(idle.outcome, Outcome::fail);
  EXPECT_EQ(idle.connection, Connection::lost);
  for (const auto* each : {&client, &bystander}) {
    const Reply refused = write(**each, "k", "v4");
    EXPECT_EQ(refused.outcome, Outcome::fail);
    EXPECT_EQ(refused.connection, Connection::refused);
    EXPECT_EQ(read(**each, "k", "node-0").connection, Connection::refused);
    EXPECT_EQ((*each)->await("node-0", "1/0/1", in(patience)), Applied::unreachable);
  }
  cluster.deployment().restart("node-0");
  EXPECT_EQ(read(*client, "k", "node-0").outcome, Outcome::ok);
}

TEST(Faults, PausedReplayServesThePastAndResumes) {
  RunningCluster cluster(ClusterOptions{.followers = 1});
  Deployment& deployment = cluster.deployment();
  const auto client = deployment.open_client("s0");
  ASSERT_EQ(client->await("node-1", write(*client, "k", "v1").position, in(patience)), Applied::reached);
  deployment.pause_replay("node-1");
  EXPECT_EQ(cluster.admin("node-1").value("SELECT pg_get_wal_replay_pause_state()", in(patience)), "paused");
  const Reply written = write(*client, "k", "v2");
  EXPECT_TRUE(still_waits(*client, "node-1", written.position));
  EXPECT_EQ(read(*client, "k", "node-1").value, v1);
  deployment.resume_replay("node-1");
  EXPECT_EQ(client->await("node-1", written.position, in(patience)), Applied::reached);
  EXPECT_EQ(read(*client, "k", "node-1").value, v2);
  EXPECT_THROW(deployment.pause_replay("node-0"), EnvironmentError);
}

TEST(Faults, ClientLinksCanBeCutAndStalled) {
  RunningCluster cluster(ClusterOptions{.followers = 1, .proxy_clients = true});
  const auto client = cluster.deployment().open_client("s0");
  ASSERT_EQ(write(*client, "k", "v1").outcome, Outcome::ok);
  const FaultLink link = cluster.proxy().link(*cluster.deployment().client_link("node-0"));

  link.stall(Direction::both);
  const auto begin = Clock::now();
  const Reply stalled = write(*client, "k", "v2", "node-0", std::chrono::milliseconds(200));
  EXPECT_EQ(stalled.outcome, Outcome::info);
  EXPECT_EQ(stalled.connection, Connection::lost);
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(200));
  // Connecting to what does not answer: nothing of the write was sent.
  const Reply unanswered = write(*client, "k", "v3", "node-0", std::chrono::milliseconds(200));
  EXPECT_EQ(unanswered.outcome, Outcome::fail);
  EXPECT_EQ(unanswered.connection, Connection::lost);
  EXPECT_EQ(client->await("node-0", "1/0/1", in(std::chrono::milliseconds(100))), Applied::unreachable);

  link.cut();
  const Reply cut = write(*client, "k", "v4");
  EXPECT_EQ(cut.outcome, Outcome::fail);
  EXPECT_EQ(cut.connection, Connection::refused);
  // Beats have their own way.
  EXPECT_TRUE(cluster.deployment().open_beat()->write(1, in(patience)));
  link.heal();
  EXPECT_EQ(write(*client, "k", "v5").outcome, Outcome::ok);
}

TEST(Faults, AConnectionLostAfterTheAcknowledgementDoesNotUndoIt) {
  // The commit's sync has been answered; the position, asked for in the same breath, never arrives.
  RunningCluster cluster(ClusterOptions{.followers = 0});
  Admin admin = cluster.admin("node-0");
  // Stands in for the function of that name, and hangs.
  admin.run("CREATE SCHEMA slow", in(patience));
  admin.run(
      "CREATE FUNCTION slow.pg_current_wal_insert_lsn() RETURNS pg_lsn LANGUAGE sql AS "
      "'SELECT ''0/0''::pg_lsn FROM pg_sleep(3600)'",
      in(patience));
  admin.run("ALTER ROLE afterwrite SET search_path = slow, public, pg_catalog", in(patience));
  const auto client = cluster.deployment().open_client("s0");
  Reply reply;
  std::thread writer([&] { reply = write(*client, "k", "v1"); });
  EXPECT_TRUE(eventually([&] {
    return admin.value("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
                       in(patience)) == "t";
  }));
  writer.join();
  EXPECT_EQ(reply.outcome, Outcome::ok) << reply.error;
  EXPECT_EQ(reply.version, (RecordedVersion{.epoch = 1, .version = 1}));
  EXPECT_EQ(reply.position, "");
  EXPECT_EQ(reply.connection, Connection::lost);
}

}  // namespace
}  // namespace afterwrite::postgres
