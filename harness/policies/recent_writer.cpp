#include "harness/policies/kinds.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::policies {
namespace {

constexpr Duration usual_window = std::chrono::seconds(5);

class RecentWriter final : public ReadPolicy {
 public:
  explicit RecentWriter(Duration window) : window_(window) {}

  std::string name() const override { return "recent-writer:" + format_duration(window_); }

  std::optional<ReadPlan> plan(const SessionKnowledge& session, const Topology& topology, Clock::time_point now,
                               Random& random) const override {
    const bool recent = session.last_acknowledged_write && now - *session.last_acknowledged_write < window_;
    if (!recent) {
      std::optional<std::string> follower = any_follower(topology, random);
      if (!follower) return std::nullopt;
      return ReadPlan{.node = std::move(*follower)};
    }
    std::string leader = topology.leader();
    if (leader.empty()) return std::nullopt;
    return ReadPlan{.node = std::move(leader)};
  }

  std::optional<std::string> refusal(const Topology& topology) const override {
    if (topology.leader().empty()) {
      return "read policy '" + name() +
             "' sends recent writers to the leader, and none is known here: name it with --leader URL";
    }
    return refusal_without_followers(topology, name());
  }

 private:
  Duration window_;
};

}  // namespace

std::unique_ptr<ReadPolicy> make_recent_writer(const Parameters& parameters) {
  if (!parameters.text) return std::make_unique<RecentWriter>(usual_window);
  const std::string what = "the window of read policy '" + std::string(parameters.policy) + "'";
  if (parameters.text->empty()) {
    throw UsageError(what + " is missing: give a duration, e.g. recent-writer:5s");
  }
  return std::make_unique<RecentWriter>(parse_duration(*parameters.text, what));
}

}  // namespace afterwrite::policies
