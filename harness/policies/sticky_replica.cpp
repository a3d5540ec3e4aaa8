#include <algorithm>

#include "harness/policies/kinds.hpp"

namespace afterwrite::policies {
namespace {

/// The places that sessions are dealt to: every node but the first that is no follower (the leader that the run began
/// with, in its place or replaced). After a failover the place of the promoted follower stays in the ring, so that
/// the sessions at the other followers stay where they are.
std::vector<Node> ring_of(const Topology& topology) {
  std::vector<Node> ring = topology.nodes;
  const auto first_leader =
      std::find_if(ring.begin(), ring.end(), [](const Node& node) { return node.role != Role::follower; });
  if (first_leader != ring.end()) ring.erase(first_leader);
  return ring;
}

class StickyReplica final : public ReadPolicy {
 public:
  std::string name() const override { return "sticky-replica"; }

  std::optional<ReadPlan> plan(const SessionKnowledge& session, const Topology& topology, Clock::time_point,
                               Random&) const override {
    const std::vector<Node> ring = ring_of(topology);
    for (std::size_t step = 0; step < ring.size(); ++step) {
      const Node& node = ring[(session.ordinal + session.moves + step) % ring.size()];
      if (node.role == Role::follower) return ReadPlan{.node = node.name};
    }
    return std::nullopt;
  }

  std::optional<std::string> refusal(const Topology& topology) const override {
    return refusal_without_followers(topology, name());
  }
};

}  // namespace

std::unique_ptr<ReadPolicy> make_sticky_replica(const Parameters& parameters) {
  expect_none(parameters);
  return std::make_unique<StickyReplica>();
}

}  // namespace afterwrite::policies
