#include "harness/session/topology.hpp"

#include <gmock/gmock.h>

namespace afterwrite {
namespace {

TEST(Topology, NamesTheLeaderAndTheFollowersInOrder) {
  const Topology topology{
      {{"node-0", Role::unknown}, {"node-2", Role::follower}, {"node-1", Role::leader}, {"node-3", Role::follower}}, 2};
  EXPECT_EQ(topology.leader(), "node-1");
  EXPECT_THAT(topology.followers(), testing::ElementsAre("node-2", "node-3"));
}

TEST(Topology, WithoutALeaderTheNameIsEmpty) {
  EXPECT_EQ(Topology{}.leader(), "");
  EXPECT_TRUE(Topology{}.followers().empty());
}

}  // namespace
}  // namespace afterwrite
