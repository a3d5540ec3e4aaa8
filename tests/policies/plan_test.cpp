#include <gmock/gmock.h>
#include <map>

#include "harness/policies/policy.hpp"

namespace afterwrite {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const Clock::time_point now = Clock::time_point{} + 1h;

/// node-0 leads; `followers` follow.
Topology cluster(std::size_t followers) {
  Topology topology{{{"node-0", Role::leader}}, 1};
  for (std::size_t i = 1; i <= followers; ++i)
    topology.nodes.push_back({"node-" + std::to_string(i), Role::follower});
  return topology;
}

/// The same after node-`promoted` took over.
Topology after_failover(std::size_t followers, std::size_t promoted) {
  Topology topology = cluster(followers);
  topology.nodes[0].role = Role::unknown;
  topology.nodes[promoted].role = Role::leader;
  topology.epoch = 2;
  return topology;
}

Topology leaderless(std::size_t followers) {
  Topology topology = cluster(followers);
  topology.nodes[0].role = Role::unknown;
  return topology;
}

std::optional<ReadPlan> plan(std::string_view policy, const SessionKnowledge& session, const Topology& topology,
                             std::uint64_t seed = 1) {
  Random random(seed);
  return make_policy(policy)->plan(session, topology, now, random);
}

std::string node(std::string_view policy, const SessionKnowledge& session, const Topology& topology) {
  const auto chosen = plan(policy, session, topology);
  return chosen ? chosen->node : "nothing";
}

/// How often each node is chosen in 3,000 plans.
std::map<std::string, int> spread(std::string_view policy, const SessionKnowledge& session, const Topology& topology) {
  const auto object = make_policy(policy);
  Random random(7);
  std::map<std::string, int> counts;
  for (int i = 0; i < 3000; ++i) {
    const auto chosen = object->plan(session, topology, now, random);
    ++counts[chosen ? chosen->node : "nothing"];
  }
  return counts;
}

void expect_even_over(const std::map<std::string, int>& counts, const std::vector<std::string>& nodes) {
  EXPECT_EQ(counts.size(), nodes.size());
  for (const std::string& name : nodes) {
    ASSERT_TRUE(counts.contains(name)) << name;
    EXPECT_NEAR(counts.at(name), 3000 / static_cast<int>(nodes.size()), 200) << name;
  }
}

TEST(Leader, IsAlwaysAsked) {
  EXPECT_EQ(node("leader", {}, cluster(2)), "node-0");
  EXPECT_EQ(node("leader", {}, cluster(0)), "node-0");
  EXPECT_EQ(node("leader", {}, after_failover(2, 2)), "node-2");
  EXPECT_EQ(node("leader", {}, leaderless(2)), "nothing");
}

TEST(AnyReplica, IsEvenOverTheFollowers) {
  expect_even_over(spread("any-replica", {}, cluster(3)), {"node-1", "node-2", "node-3"});
  expect_even_over(spread("any-replica", {}, after_failover(3, 1)), {"node-2", "node-3"});
  EXPECT_EQ(node("any-replica", {}, cluster(1)), "node-1");
  EXPECT_EQ(node("any-replica", {}, cluster(0)), "nothing");
  EXPECT_EQ(node("any-replica", {}, after_failover(1, 1)), "nothing");
}

TEST(AnyReplica, NeedsNoLeader) {
  expect_even_over(spread("any-replica", {}, leaderless(2)), {"node-1", "node-2"});
}

TEST(AnyReplica, IsReproducedByTheSeed) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(plan("any-replica", {}, cluster(5), seed)->node, plan("any-replica", {}, cluster(5), seed)->node);
  }
}

TEST(StickyReplica, DealsRoundRobin) {
  for (std::size_t ordinal = 0; ordinal < 9; ++ordinal) {
    EXPECT_EQ(node("sticky-replica", {.ordinal = ordinal}, cluster(3)), "node-" + std::to_string(1 + ordinal % 3));
  }
}

TEST(StickyReplica, StaysHoweverOftenAsked) {
  const auto counts = spread("sticky-replica", {.ordinal = 4}, cluster(3));
  EXPECT_EQ(counts, (std::map<std::string, int>{{"node-2", 3000}}));
}

TEST(StickyReplica, MovesOnAndComesRound) {
  const std::vector<std::string> expected{"node-2", "node-3", "node-1", "node-2"};
  for (std::size_t moves = 0; moves < expected.size(); ++moves) {
    EXPECT_EQ(node("sticky-replica", {.ordinal = 1, .moves = moves}, cluster(3)), expected[moves]);
  }
  EXPECT_EQ(node("sticky-replica", {.ordinal = 0, .moves = 5}, cluster(1)), "node-1");
}

TEST(StickyReplica, AFailoverMovesOnlyTheSessionsOfThePromotedNode) {
  for (std::size_t promoted = 1; promoted <= 3; ++promoted) {
    for (std::size_t ordinal = 0; ordinal < 6; ++ordinal) {
      const std::string before = node("sticky-replica", {.ordinal = ordinal}, cluster(3));
      const std::string after = node("sticky-replica", {.ordinal = ordinal}, after_failover(3, promoted));
      if (before == "node-" + std::to_string(promoted)) {
        EXPECT_EQ(after, "node-" + std::to_string(promoted % 3 + 1));
      } else {
        EXPECT_EQ(after, before);
      }
    }
  }
}

TEST(StickyReplica, NoFollowerIsLeft) {
  EXPECT_EQ(node("sticky-replica", {}, cluster(0)), "nothing");
  EXPECT_EQ(node("sticky-replica", {}, Topology{}), "nothing");
  EXPECT_EQ(node("sticky-replica", {.ordinal = 3, .moves = 2}, after_failover(1, 1)), "nothing");
}

TEST(StickyReplica, NeedsNoLeader) {
  EXPECT_EQ(node("sticky-replica", {.ordinal = 1}, leaderless(2)), "node-2");
}

TEST(RecentWriter, TheWindowIsHalfOpen) {
  const auto wrote = [](Duration ago) { return SessionKnowledge{.last_acknowledged_write = now - ago}; };
  EXPECT_EQ(node("recent-writer:2s", wrote(0s), cluster(1)), "node-0");
  EXPECT_EQ(node("recent-writer:2s", wrote(1999999999ns), cluster(1)), "node-0");
  EXPECT_EQ(node("recent-writer:2s", wrote(2s), cluster(1)), "node-1");
  EXPECT_EQ(node("recent-writer:2s", wrote(30min), cluster(1)), "node-1");
  EXPECT_EQ(node("recent-writer", wrote(4900ms), cluster(1)), "node-0");
  EXPECT_EQ(node("recent-writer", wrote(5s), cluster(1)), "node-1");
  EXPECT_EQ(node("recent-writer:0", wrote(0s), cluster(1)), "node-1");
}

TEST(RecentWriter, WhoNeverWroteReadsAnyFollower) {
  expect_even_over(spread("recent-writer:5s", {}, cluster(2)), {"node-1", "node-2"});
}

TEST(RecentWriter, WithoutTheNodeItNeeds) {
  const SessionKnowledge writer{.last_acknowledged_write = now - 1s};
  EXPECT_EQ(node("recent-writer:5s", writer, leaderless(2)), "nothing");
  EXPECT_EQ(node("recent-writer:5s", {}, cluster(0)), "nothing");
  EXPECT_EQ(node("recent-writer:5s", writer, cluster(0)), "node-0");
  EXPECT_EQ(node("recent-writer:5s", writer, after_failover(2, 1)), "node-1");
}

TEST(VersionToken, WaitsForTheToken) {
  const auto chosen = plan("version-token:wait=300ms", {.token = "1/42"}, cluster(1));
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->node, "node-1");
  EXPECT_EQ(chosen->await, "1/42");
  EXPECT_EQ(chosen->wait, 300ms);
  EXPECT_EQ(plan("version-token", {.token = "1/42"}, cluster(1))->wait, 1s);
}

TEST(VersionToken, OwesNothingWithoutAToken) {
  const auto chosen = plan("version-token", {}, cluster(1));
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->await, "");
  EXPECT_EQ(chosen->wait, 0s);
}

TEST(VersionToken, IsEvenOverTheFollowers) {
  expect_even_over(spread("version-token", {.token = "1/42"}, cluster(3)), {"node-1", "node-2", "node-3"});
  EXPECT_EQ(node("version-token", {.token = "1/42"}, cluster(0)), "nothing");
}

TEST(Endpoint, IsTheOnlyNodeWhateverItsRole) {
  for (const Role role : {Role::unknown, Role::leader, Role::follower}) {
    EXPECT_EQ(node("endpoint", {}, Topology{{{"api", role}}, 0}), "api");
  }
  EXPECT_EQ(node("endpoint", {}, Topology{}), "nothing");
  EXPECT_EQ(node("endpoint", {}, cluster(1)), "nothing");
}

TEST(Policies, OnlyVersionTokenAwaits) {
  for (const PolicyKind& kind : policy_kinds()) {
    const Topology topology = kind.name == "endpoint" ? cluster(0) : cluster(2);
    const auto chosen = plan(kind.name, {.token = "1/42"}, topology);
    ASSERT_TRUE(chosen) << kind.name;
    EXPECT_EQ(chosen->await.empty(), kind.name != "version-token") << kind.name;
  }
}

TEST(Policies, RefuseATopologyThatCannotServeThem) {
  const auto refusal = [](std::string_view policy, const Topology& topology) {
    return make_policy(policy)->refusal(topology).value_or("usable");
  };
  for (const char* policy : {"any-replica", "sticky-replica", "recent-writer", "version-token"}) {
    EXPECT_EQ(refusal(policy, cluster(1)), "usable");
    EXPECT_THAT(refusal(policy, cluster(0)), HasSubstr("there are none: give --followers 1 or more")) << policy;
    EXPECT_THAT(refusal(policy, cluster(0)), HasSubstr(policy));
  }
  EXPECT_EQ(refusal("leader", cluster(0)), "usable");
  EXPECT_THAT(refusal("leader", leaderless(2)), HasSubstr("none is known"));
  EXPECT_THAT(refusal("recent-writer", leaderless(2)), HasSubstr("none is known"));
  EXPECT_EQ(refusal("endpoint", Topology{{{"api", Role::unknown}}, 0}), "usable");
  EXPECT_THAT(refusal("endpoint", cluster(2)), HasSubstr("this one has 3 nodes"));
}

}  // namespace
}  // namespace afterwrite
