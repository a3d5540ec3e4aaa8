#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "tests/postgres/running_cluster.hpp"

namespace afterwrite::postgres {
namespace {

using ::testing::HasSubstr;

ClusterOptions with_sync(const std::string& level, std::size_t followers = 2) {
  ClusterOptions options;
  options.followers = followers;
  options.options["sync"] = level;
  return options;
}

TEST(Synchronous, RemoteApplyIsNeverStale) {
  RunningCluster cluster(with_sync("remote_apply"));
  const auto client = cluster.deployment().open_client("s0");
  for (const char* node : {"node-1", "node-2"}) {
    cluster.replication(node).delay(Direction::to_dialler, std::chrono::milliseconds(20));
  }
  for (int number = 0; number < 50; ++number) {
    const Value value = "v" + std::to_string(number);
    ASSERT_EQ(write(*client, "k", std::get<std::string>(value)).outcome, Outcome::ok);
    ASSERT_EQ(read(*client, "k", "node-1").value, value);
    ASSERT_EQ(read(*client, "k", "node-2").value, value);
  }
}

TEST(Synchronous, OnAcknowledgesWhatIsNotAppliedYet) {
  RunningCluster cluster(with_sync("on", 1));
  const auto client = cluster.deployment().open_client("s0");
  ASSERT_EQ(client->await("node-1", write(*client, "k", "v1").position, in(patience)), Applied::reached);
  cluster.deployment().pause_replay("node-1");
  ASSERT_EQ(write(*client, "k", "v2").outcome, Outcome::ok);
  EXPECT_EQ(read(*client, "k", "node-1").value, Value(std::string("v1")));
  cluster.deployment().resume_replay("node-1");
  EXPECT_TRUE(eventually([&] { return read(*client, "k", "node-1").value == Value(std::string("v2")); }));
}

TEST(Synchronous, AHangingWaitEndsAtTheClientsDeadlineUnsure) {
  RunningCluster cluster(with_sync("on"));
  // The server's own bound does not cover the wait for followers.
  cluster.admin("node-0").run("ALTER ROLE afterwrite SET statement_timeout = '50ms'", in(patience));
  const auto client = cluster.deployment().open_client("s0");
  ASSERT_EQ(write(*client, "k", "v1").outcome, Outcome::ok);
  cluster.replication("node-2").stall(Direction::both);

  const auto begin = Clock::now();
  const Reply reply = write(*client, "k", "v2", "node-0", std::chrono::milliseconds(500));
  const auto took = Clock::now() - begin;
  EXPECT_EQ(reply.outcome, Outcome::info);
  EXPECT_EQ(reply.connection, Connection::lost);
  EXPECT_GE(took, std::chrono::milliseconds(500));
  EXPECT_LT(took, patience);

  // A beat waits for nobody.
  const auto beat = cluster.deployment().open_beat();
  EXPECT_TRUE(beat->write(1, in(patience)));
  EXPECT_TRUE(eventually([&] { return beat->visible("node-1", in(patience)) == 1; }));
  EXPECT_EQ(beat->visible("node-2", in(patience)), 0);
  cluster.replication("node-2").heal();
}

TEST(Synchronous, AWaitThatIsCancelledIsUnsureAlthoughTheServerReportsSuccess) {
  RunningCluster cluster(with_sync("remote_apply", 1));
  const auto client = cluster.deployment().open_client("s0");
  ASSERT_EQ(write(*client, "k", "v1").outcome, Outcome::ok);
  cluster.replication("node-1").stall(Direction::both);
  std::thread canceller([&] {
    Admin admin = cluster.admin("node-0");
    EXPECT_TRUE(eventually([&] {
      return admin.value("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
                         in(patience)) == "t";
    }));
  });
  const Reply reply = write(*client, "k", "v2");
  canceller.join();
  EXPECT_EQ(reply.outcome, Outcome::info);
  EXPECT_THAT(reply.error, HasSubstr("broken off"));
  EXPECT_EQ(reply.connection, Connection::usable);
  // It had taken effect on the leader, and the next call is judged by itself.
  EXPECT_EQ(read(*client, "k", "node-0").value, Value(std::string("v2")));
  cluster.replication("node-1").heal();
  EXPECT_EQ(write(*client, "k", "v3").outcome, Outcome::ok);
}

TEST(Synchronous, AWaitThatIsTerminatedIsUnsure) {
  RunningCluster cluster(with_sync("remote_apply", 1));
  const auto client = cluster.deployment().open_client("s0");
  ASSERT_EQ(write(*client, "k", "v1").outcome, Outcome::ok);
  cluster.replication("node-1").stall(Direction::both);
  std::thread terminator([&] {
    Admin admin = cluster.admin("node-0");
    EXPECT_TRUE(eventually([&] {
      return admin.value("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
                         in(patience)) == "t";
    }));
  });
  const Reply reply = write(*client, "k", "v2");
  terminator.join();
  EXPECT_EQ(reply.outcome, Outcome::info) << reply.error;
  EXPECT_EQ(reply.connection, Connection::lost);
  cluster.replication("node-1").heal();
}

}  // namespace
}  // namespace afterwrite::postgres
