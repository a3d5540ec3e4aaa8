#include "adapters/etcd/members.hpp"

#include <gtest/gtest.h>

#include "adapters/etcd/base64.hpp"
#include "adapters/etcd/client.hpp"

namespace afterwrite::etcd {
namespace {

TEST(LeaderOf, NewestTermThatKnowsALeaderWins) {
  const Status old_leader{.member = 1, .leader = 1, .term = 2, .cluster = 9, .version = {}};
  const Status elected{.member = 2, .leader = 2, .term = 3, .cluster = 9, .version = {}};
  const Status follower{.member = 3, .leader = 2, .term = 3, .cluster = 9, .version = {}};
  const Status campaigns{.member = 1, .leader = 0, .term = 8, .cluster = 9, .version = {}};
  EXPECT_EQ(leader_of({old_leader, elected, follower}), 2U);
  EXPECT_EQ(leader_of({elected, follower, old_leader}), 2U);
  EXPECT_EQ(leader_of({campaigns, elected, follower}), 2U);
  EXPECT_EQ(leader_of({old_leader}), 1U);
  EXPECT_EQ(leader_of({campaigns}), 0U);
  EXPECT_EQ(leader_of({}), 0U);
}

TEST(StatusIn, ReadsWhatAMemberSays) {
  const auto status = status_in(nlohmann::json::parse(
      R"({"header":{"cluster_id":"16458263096267990771","member_id":"9895984800513937329","revision":"1","raft_term":"2"},
          "version":"3.4.23","leader":"3122170356459951653","raftIndex":"8","raftTerm":"2"})"));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->cluster, 16458263096267990771ULL);
  EXPECT_EQ(status->member, 9895984800513937329ULL);
  EXPECT_EQ(status->leader, 3122170356459951653ULL);
  EXPECT_EQ(status->term, 2U);
  EXPECT_EQ(status->version, "3.4.23");
}

TEST(StatusIn, WithoutALeaderThereIsNone) {
  const auto status = status_in(nlohmann::json::parse(R"({"header":{"cluster_id":"1","member_id":"3"},"raftTerm":"2",
                                                          "errors":["etcdserver: no leader"]})"));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->leader, 0U);
  EXPECT_FALSE(status_in(nlohmann::json::parse(R"({"header":{}})")));
  EXPECT_FALSE(status_in(nlohmann::json()));
}

TEST(Members, OneLeadsAndTheOthersFollow) {
  Members members({"node-0", "node-1", "node-2"});
  EXPECT_EQ(members.topology().leader(), "node-0");
  members.set_leader("node-2");
  EXPECT_EQ(members.topology().leader(), "node-2");
  EXPECT_EQ(members.topology().followers(), (std::vector<std::string>{"node-0", "node-1"}));
  EXPECT_FALSE(members.session("node-1"));
  const Route direct{"http://127.0.0.1:1", std::nullopt};
  const Route linked{"http://127.0.0.1:1", Address{"127.0.0.1", 2}};
  EXPECT_FALSE(direct == linked);
  members.reach("node-1", direct, linked);
  EXPECT_TRUE(members.session("node-1") == linked);
  EXPECT_TRUE(members.direct("node-1") == direct);
}

TEST(Positions, AreRevisions) {
  EXPECT_EQ(at_least("10", "9"), true);
  EXPECT_EQ(at_least("9", "10"), false);
  EXPECT_EQ(at_least("10", "10"), true);
  for (const char* text : {"", "0", "-1", "1/2", " 1", "1 "})
    EXPECT_FALSE(at_least("10", text)) << text;
}

TEST(Requests, HoldPrefixLeaseAndKindOfRead) {
  Shared shared({"node-0"});
  shared.prefix = "afterwrite/1/";
  EXPECT_EQ(range_request(shared, "k", false).dump(), R"({"key":")" + base64_encoded("afterwrite/1/k") + R"("})");
  EXPECT_TRUE(range_request(shared, "k", true).at("serializable"));
  EXPECT_FALSE(put_request(shared, "k", "v").contains("lease"));
  shared.lease = 77;
  EXPECT_EQ(put_request(shared, "k", "v").at("lease"), "77");
}

TEST(Client, RefusesWhatCannotBeSentWithoutSendingAnything) {
  const Shared shared({"node-0"});
  EtcdClient client(shared);
  Call call{.function = Function::write,
            .key = "k",
            .value = std::string("v"),
            .list = false,
            .node = "node-9",
            .deadline = {}};
  EXPECT_EQ(client.call(call).outcome, Outcome::fail);
  EXPECT_TRUE(client.await("node-0", "7", Clock::now()) == Applied::unreachable);
  EXPECT_TRUE(client.await("node-0", "no revision", Clock::now()) == Applied::incomparable);
}

}  // namespace
}  // namespace afterwrite::etcd
