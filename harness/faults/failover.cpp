#include <fmt/format.h>

#include "harness/faults/fault_kinds.hpp"
#include "harness/session/duration.hpp"

namespace afterwrite {
namespace {

constexpr Duration usual_cut = std::chrono::seconds(2);

/// The leader goes on acknowledging writes while nothing of them reaches the followers; then it dies, and the follower
/// that has received most leads.
class Failover : public Fault {
 public:
  using Fault::Fault;

  void check(FaultScene& scene) override {
    const Topology topology = scene.deployment.topology();
    if (topology.leader().empty()) refuse("the system has no leader that could fail");
    if (const auto why = scene.deployment.refusal(Ability::kill, topology.leader())) refuse(*why);
    if (const auto why = scene.deployment.refusal(Ability::promote, topology.leader())) refuse(*why);
    bool can_cut = true;
    for (const std::string& follower : topology.followers()) {
      if (scene.deployment.replication_link(follower)) continue;
      can_cut = false;
      if (asked_cut().value_or(Duration{0}).count() == 0) continue;
      refuse(
          fmt::format("replication to {} does not go through the fault proxy and cannot be cut before the failover: "
                      "leave out cut=, or give cut=0",
                      follower));
    }
    cut_ = asked_cut().value_or(can_cut ? usual_cut : Duration{0});
  }

  FaultReport start(FaultScene& scene) override {
    FaultReport report;
    const Topology topology = scene.deployment.topology();
    report.targets = {topology.leader()};
    report.detail["cut_ms"] = in_milliseconds(cut_);
    report.detail["links"] = nlohmann::json::array();
    under_way_ = true;
    if (cut_.count() == 0) return report;
    LinkFaults cut;
    // Not a stall: what it held would reach the survivors after all when it is healed, as a past that did not happen.
    cut.cut = true;
    for (const std::string& follower : topology.followers()) {
      const auto link = scene.deployment.replication_link(follower);
      // A follower that is down may have none now, and will not hear of anything anyway.
      if (!link || !scene.links.is_open(*link)) continue;
      scene.links.put(episode(), *link, cut);
      report.detail["links"].push_back({{"from", link->from}, {"to", link->to}, {"carries", "replication"}});
    }
    return report;
  }

  std::optional<Duration> finish_at(Duration began) const override { return began + cut_; }

  FaultReport finish(FaultScene& scene) override {
    FaultReport report;
    under_way_ = false;
    try {
      const std::string leader = scene.deployment.topology().leader();
      if (!scene.down.contains(leader)) {
        report.detail["killed"] = scene.deployment.kill(leader);
        scene.down.insert(leader);
      }
      report.proof = scene.deployment.promote();
      report.leader_changed = true;
      if (!report.proof.contains("bit")) report.proof["bit"] = report.proof.value("accepted_write", false);
    } catch (const std::exception& error) {
      report.proof = {{"bit", false}, {"error", error.what()}};
    }
    report.links_changed = true;
    try {
      scene.links.lift(episode());
    } catch (const std::exception& error) {
      report.detail["error"] = error.what();  // that there is a new leader must be told all the same
    }
    return report;
  }

  FaultReport heal(FaultScene& scene) override {
    FaultReport report;
    if (under_way_) report.proof = {{"bit", false}, {"error", "the run ended before the leader was killed"}};
    under_way_ = false;
    scene.links.lift(episode());
    return report;
  }

 private:
  std::optional<Duration> asked_cut() const {
    const auto asked = request().parameters.find("cut");
    if (asked == request().parameters.end()) return std::nullopt;
    return parse_duration(asked->second, "cut");
  }

  Duration cut_{0};
  bool under_way_ = false;  ///< begun, and the leader not killed yet
};

}  // namespace

FaultKind failover_fault() {
  return {"failover",
          "failover@START[,cut=DURATION]",
          "replication is cut (2s), the leader killed, the follower that has most promoted, the others pointed to it",
          false,
          FaultTiming::moment,
          {{"cut", ParameterForm::duration, false}},
          make_fault<Failover>};
}

}  // namespace afterwrite
