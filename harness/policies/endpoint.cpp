#include "harness/policies/kinds.hpp"

namespace afterwrite::policies {
namespace {

class Endpoint final : public ReadPolicy {
 public:
  std::string name() const override { return "endpoint"; }

  std::optional<ReadPlan> plan(const SessionKnowledge&, const Topology& topology, Clock::time_point,
                               Random&) const override {
    if (topology.nodes.size() != 1) return std::nullopt;
    return ReadPlan{.node = topology.nodes.front().name};
  }

  std::optional<std::string> refusal(const Topology& topology) const override {
    if (topology.nodes.size() == 1) return std::nullopt;
    return "read policy 'endpoint' is for a system behind one address, and this one has " +
           std::to_string(topology.nodes.size()) +
           " nodes: choose leader, any-replica, sticky-replica, recent-writer:5s or version-token";
  }
};

}  // namespace

std::unique_ptr<ReadPolicy> make_endpoint(const Parameters& parameters) {
  expect_none(parameters);
  return std::make_unique<Endpoint>();
}

}  // namespace afterwrite::policies
