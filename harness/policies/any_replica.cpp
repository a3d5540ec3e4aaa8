#include "harness/policies/kinds.hpp"

namespace afterwrite::policies {
namespace {

class AnyReplica final : public ReadPolicy {
 public:
  std::string name() const override { return "any-replica"; }

  std::optional<ReadPlan> plan(const SessionKnowledge&, const Topology& topology, Clock::time_point,
                               Random& random) const override {
    std::optional<std::string> follower = any_follower(topology, random);
    if (!follower) return std::nullopt;
    return ReadPlan{.node = std::move(*follower)};
  }

  std::optional<std::string> refusal(const Topology& topology) const override {
    return refusal_without_followers(topology, name());
  }
};

}  // namespace

std::unique_ptr<ReadPolicy> make_any_replica(const Parameters& parameters) {
  expect_none(parameters);
  return std::make_unique<AnyReplica>();
}

}  // namespace afterwrite::policies
