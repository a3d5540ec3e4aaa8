#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "tests/postgres/running_cluster.hpp"

namespace afterwrite::postgres {
namespace {

using ::testing::HasSubstr;

const Value v1 = std::string("v1");
const Value v2 = std::string("v2");

TEST(Client, GivesBackExactlyWhatWasWritten) {
  RunningCluster cluster(ClusterOptions{.followers = 0});
  const auto client = cluster.deployment().open_client("s0");
  EXPECT_EQ(read(*client, "nothing", "node-0").outcome, Outcome::ok);
  EXPECT_TRUE(is_null(read(*client, "nothing", "node-0").value));
  EXPECT_FALSE(read(*client, "nothing", "node-0").version);

  const List values{std::string(),
                    std::string("it's \"quoted\" \\ {a,b} NULL $1"),
                    std::string("Grüße, 世界 🐘\n"),
                    std::string("7"),
                    std::int64_t{7},
                    std::numeric_limits<std::int64_t>::min(),
                    std::string(100'000, 'x')};
  std::int64_t version = 0;
  for (const Scalar& value : values) {
    const Reply written = client->call(Call{Function::write, "k'1", to_value(value), false, "node-0", in(patience)});
    ASSERT_EQ(written.outcome, Outcome::ok) << written.error;
    EXPECT_EQ(written.version, (RecordedVersion{.epoch = 1, .version = ++version}));
    const Reply seen = read(*client, "k'1", "node-0");
    EXPECT_EQ(seen.value, to_value(value));
    EXPECT_EQ(seen.version, written.version);

    EXPECT_EQ(append(*client, "list", value).outcome, Outcome::ok);
  }
  const Reply list = read_list(*client, "list", "node-0");
  EXPECT_EQ(list.value, Value(values));
  EXPECT_EQ(list.version->version, static_cast<std::int64_t>(values.size()));

  // Versions go on over a delete, so that what comes after it is newer.
  const Reply removed = remove(*client, "k'1");
  EXPECT_EQ(removed.version->version, version + 1);
  EXPECT_TRUE(is_null(read(*client, "k'1", "node-0").value));
  EXPECT_EQ(read(*client, "k'1", "node-0").version, removed.version);
  EXPECT_EQ(write(*client, "k'1", "again").version->version, version + 2);
}

TEST(Client, SaysWhoServedAndWhere) {
  RunningCluster cluster(ClusterOptions{.followers = 1});
  const auto client = cluster.deployment().open_client("s0");
  const Reply written = write(*client, "k", "v1");
  EXPECT_EQ(written.node, "node-0");
  EXPECT_EQ(written.role, Role::leader);
  const auto position = parse_position(written.position);
  ASSERT_TRUE(position) << written.position;
  EXPECT_EQ(position->timeline, 1);

  ASSERT_EQ(client->await("node-1", written.position, in(patience)), Applied::reached);
  const Reply seen = read(*client, "k", "node-1");
  EXPECT_EQ(seen.value, v1);
  EXPECT_EQ(seen.role, Role::follower);
  EXPECT_EQ(seen.node, "node-1");
  // What was read lies before its position, and so the leader has it, too.
  EXPECT_EQ(cluster.deployment().at_least(seen.position, written.position), true);
  EXPECT_EQ(client->await("node-0", seen.position, in(patience)), Applied::reached);
  const Reply at_leader = read(*client, "k", "node-0");
  EXPECT_EQ(at_leader.role, Role::leader);
  EXPECT_EQ(cluster.deployment().at_least(at_leader.position, written.position), true);
  EXPECT_TRUE(still_waits(*client, "node-1", "2/0/1"));
  EXPECT_EQ(client->await("node-0", "2/0/1", in(patience)), Applied::incomparable);
  EXPECT_EQ(client->await("node-1", "nonsense", in(patience)), Applied::incomparable);
}

TEST(Client, RefusesWhatCannotTakeEffect) {
  RunningCluster cluster(ClusterOptions{.followers = 1});
  const auto client = cluster.deployment().open_client("s0");
  const Reply to_follower = write(*client, "k", "v1", "node-1");
  EXPECT_EQ(to_follower.outcome, Outcome::fail);
  EXPECT_THAT(to_follower.error, HasSubstr("25006"));
  EXPECT_EQ(to_follower.connection, Connection::usable);
  EXPECT_EQ(write(*client, "k", std::string("a\0b", 3)).outcome, Outcome::fail);
  EXPECT_EQ(write(*client, std::string("k\0", 2), "v").outcome, Outcome::fail);
  const Reply bad_text = write(*client, "k", "\xff\xfe");
  EXPECT_EQ(bad_text.outcome, Outcome::fail);
  EXPECT_THAT(bad_text.error, HasSubstr("22021"));
  EXPECT_EQ(client->call(Call{Function::write, "k", {}, false, "node-0", in(patience)}).outcome, Outcome::fail);
  EXPECT_EQ(write(*client, "k", "v", "node-9").outcome, Outcome::fail);
  EXPECT_EQ(write(*client, "k", "v", "node-0", Duration{0}).outcome, Outcome::fail);
  // None of it left a trace, and the connection still serves.
  const Reply reply = read(*client, "k", "node-0");
  EXPECT_EQ(reply.outcome, Outcome::ok);
  EXPECT_TRUE(is_null(reply.value));
  EXPECT_FALSE(reply.version);
}

TEST(Client, AFollowerBehindADelayIsStaleAndAwaitMendsIt) {
  RunningCluster cluster(ClusterOptions{.followers = 1});
  const auto client = cluster.deployment().open_client("s0");
  ASSERT_EQ(client->await("node-1", write(*client, "k", "v1").position, in(patience)), Applied::reached);
  ASSERT_EQ(read(*client, "k", "node-1").value, v1);
  cluster.replication("node-1").delay(Direction::to_dialler, std::chrono::milliseconds(300));

  const auto begin = Clock::now();
  const Reply second = write(*client, "k", "v2");
  const Reply stale = read(*client, "k", "node-1");
  // On a machine that stands still for 300 ms here there is nothing to see.
  if (Clock::now() - begin < std::chrono::milliseconds(300)) {
    EXPECT_EQ(stale.value, v1);
  }
  ASSERT_EQ(client->await("node-1", second.position, in(patience)), Applied::reached);
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(300));
  EXPECT_EQ(read(*client, "k", "node-1").value, v2);
}

TEST(Client, ABeatShowsHowFarAFollowerIs) {
  RunningCluster cluster(ClusterOptions{.followers = 1});
  const auto beat = cluster.deployment().open_beat();
  EXPECT_EQ(beat->visible("node-1", in(patience)), 0);
  EXPECT_TRUE(beat->write(1, in(patience)));
  EXPECT_TRUE(eventually([&] { return beat->visible("node-1", in(patience)) == 1; }));
  cluster.replication("node-1").stall(Direction::to_dialler);
  EXPECT_TRUE(beat->write(2, in(patience)));
  EXPECT_EQ(beat->visible("node-0", in(patience)), 2);
  EXPECT_EQ(beat->visible("node-1", in(patience)), 1);
  cluster.replication("node-1").heal();
  EXPECT_TRUE(eventually([&] { return beat->visible("node-1", in(patience)) == 2; }));
  cluster.deployment().kill("node-1");
  EXPECT_EQ(beat->visible("node-1", in(patience)), std::nullopt);
  EXPECT_EQ(beat->visible("node-1", in(patience)), std::nullopt);
  cluster.deployment().restart("node-1");
  EXPECT_TRUE(eventually([&] { return beat->visible("node-1", in(patience)) == 2; }));
}

/// Moves the leader's log to just past a page header, where no record has begun yet. False if something else wrote.
bool end_a_record_at_a_page_end(Admin& admin) {
  constexpr std::uint64_t page = 8192;
  const auto insert = [&] { return *parse_lsn(admin.value("SELECT pg_current_wal_insert_lsn()", in(patience))); };
  const auto emit = [&](std::uint64_t bytes) {
    admin.run("SELECT pg_logical_emit_message(false, 'fill', repeat('x', " + std::to_string(bytes) + "))",
              in(patience));
  };
  std::uint64_t before = insert();
  while (before % page > page / 2) {  // far from the next page, so that the measured record lies on one
    emit(64);
    before = insert();
  }
  emit(1000);
  const std::uint64_t overhead = insert() - before - 1000;
  emit(page - insert() % page - overhead);
  return insert() % page == 24;
}

TEST(Client, APositionPastAPageHeaderIsReachedOnAnIdleLeader) {
  RunningCluster cluster(ClusterOptions{.followers = 1});
  const auto client = cluster.deployment().open_client("s0");
  Admin admin = cluster.admin("node-0");
  read(*client, "k", "node-0");  // connects, which may write to the log

  // The background writer notes what runs now and then, so more than one attempt may be needed.
  bool seen = false;
  for (int attempt = 0; attempt < 20 && !seen; ++attempt) {
    if (!end_a_record_at_a_page_end(admin)) continue;
    const auto raw = parse_lsn(admin.value("SELECT pg_current_wal_insert_lsn()", in(patience)));
    const auto rounded = parse_position(read(*client, "nothing", "node-0").position);
    if (rounded->lsn != *raw - 24) continue;
    EXPECT_EQ(client->await("node-1", to_string(*rounded), in(patience)), Applied::reached);
    const bool waited = still_waits(*client, "node-1", to_string(Position{1, *raw}));
    const auto after = parse_lsn(admin.value("SELECT pg_current_wal_insert_lsn()", in(patience)));
    if (after != raw) continue;
    EXPECT_TRUE(waited) << "otherwise nothing would have to be rounded";
    seen = true;
  }
  EXPECT_TRUE(seen);

  // The longer header at the start of a segment: from there, too, a wait must end.
  admin.run("SELECT pg_switch_wal()", in(patience));
  const Reply at_segment_start = read(*client, "nothing", "node-0");
  EXPECT_EQ(client->await("node-1", at_segment_start.position, in(patience)), Applied::reached);
}

TEST(Client, AWriteToAnIdleLeaderIsAlwaysReached) {
  // Some of these end at a page's end by themselves.
  RunningCluster cluster(ClusterOptions{.followers = 1});
  const auto client = cluster.deployment().open_client("s0");
  for (int number = 0; number < 300; ++number) {
    const Reply reply = write(*client, "k", std::string(static_cast<std::size_t>(number) * 8, 'x'));
    ASSERT_EQ(client->await("node-1", reply.position, in(patience)), Applied::reached) << reply.position;
    const Reply seen = read(*client, "k", "node-1");
    ASSERT_EQ(seen.version, reply.version);
    // Carried to the leader and back to the follower, a read's position must not be a wait for ever either.
    ASSERT_EQ(client->await("node-1", seen.position, in(patience)), Applied::reached) << seen.position;
  }
}

}  // namespace
}  // namespace afterwrite::postgres
