// What is refused before anything is started, and in which words.
#include <gmock/gmock.h>

#include "adapters/etcd/etcd.hpp"
#include "harness/faults/proxy.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::etcd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

template <class Action>
std::string refusal(Action action) {
  try {
    action();
    return "accepted";
  } catch (const UsageError& error) {
    return error.what();
  }
}

class EtcdOptions : public testing::Test {
 protected:
  FaultProxy links;
};

TEST_F(EtcdOptions, UnknownOnesAreNamed) {
  const auto with = [&](const std::string& name, const std::string& value) {
    return refusal([&] { make_cluster({.options = {{name, value}}}, links); });
  };
  EXPECT_EQ(with("reads", "linearizable"), "accepted");
  EXPECT_EQ(with("reads", "serializable"), "accepted");
  EXPECT_THAT(with("reads", "serialisable"), HasSubstr("did you mean 'serializable'"));
  EXPECT_THAT(with("read", "serializable"), HasSubstr("did you mean 'reads'"));
  EXPECT_THAT(refusal([&] { make_cluster({.followers = 7}, links); }), HasSubstr("at most 6"));
  EXPECT_THAT(refusal([&] { make_cluster({.longest_lag = 20s}, links); }), HasSubstr("--lag"));
}

TEST_F(EtcdOptions, AddressesOfMembersAreUrls) {
  const auto with = [&](const std::string& leader, const std::string& follower) {
    return refusal([&] { make_foreign({.leader_url = leader, .follower_urls = {follower}}, links); });
  };
  EXPECT_EQ(with("http://127.0.0.1:2379", "https://etcd-2.example:2379/"), "accepted");
  EXPECT_EQ(with("http://[::1]:2379", "http://db"), "accepted");
  for (const char* text :
       {"127.0.0.1:2379", "http://", "http://user:secret@db:2379", "http://db:2379/v3", "http://db:x"}) {
    const std::string said = with("http://db:1", text);
    EXPECT_THAT(said, HasSubstr("--follower: an etcd member is http://HOST:PORT")) << text;
    EXPECT_THAT(said, testing::Not(HasSubstr("secret")));
  }
  EXPECT_THAT(with("http://db:99999", "http://db:1"), HasSubstr("no such port"));
}

TEST_F(EtcdOptions, EveryMemberOfAnOwnClusterHasLinksBothWays) {
  const auto cluster = make_cluster({}, links);
  EXPECT_EQ(cluster->topology().leader(), "node-0");
  EXPECT_THAT(cluster->replication_links("node-0"),
              testing::UnorderedElementsAre(LinkName{"node-0", "node-1"}, LinkName{"node-0", "node-2"},
                                            LinkName{"node-1", "node-0"}, LinkName{"node-2", "node-0"}));
  EXPECT_FALSE(cluster->client_link("node-0"));
  EXPECT_FALSE(cluster->refusal(Ability::kill, "node-0"));
  EXPECT_THAT(cluster->refusal(Ability::promote, "").value_or(""), HasSubstr("kill:leader"));
  EXPECT_THAT(cluster->refusal(Ability::pause_replay, "node-1").value_or(""), HasSubstr("partition:node-1"));
  EXPECT_THAT(cluster->refusal(Ability::kill, "node-7").value_or(""), HasSubstr("no node"));
}

TEST_F(EtcdOptions, MembersOfTheUsersAreLeftAlone) {
  const auto foreign = make_foreign({.leader_url = "http://127.0.0.1:1", .follower_urls = {}}, links);
  for (const Ability ability : {Ability::kill, Ability::restart, Ability::pause_replay, Ability::promote})
    EXPECT_TRUE(foreign->refusal(ability, "node-0"));
  EXPECT_THROW(foreign->kill("node-0"), EnvironmentError);
}

}  // namespace
}  // namespace afterwrite::etcd
