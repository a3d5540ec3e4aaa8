#include "harness/policies/kinds.hpp"

namespace afterwrite::policies {
namespace {

class Leader final : public ReadPolicy {
 public:
  std::string name() const override { return "leader"; }

  std::optional<ReadPlan> plan(const SessionKnowledge&, const Topology& topology, Clock::time_point,
                               Random&) const override {
    std::string leader = topology.leader();
    if (leader.empty()) return std::nullopt;
    return ReadPlan{.node = std::move(leader)};
  }

  std::optional<std::string> refusal(const Topology& topology) const override {
    if (!topology.leader().empty()) return std::nullopt;
    return "read policy 'leader' reads from the leader, and none is known here: name it with --leader URL, or choose "
           "--read-policy endpoint for a system that routes itself";
  }
};

}  // namespace

std::unique_ptr<ReadPolicy> make_leader(const Parameters& parameters) {
  expect_none(parameters);
  return std::make_unique<Leader>();
}

}  // namespace afterwrite::policies
