#include "harness/faults/link_fault.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/faults/fault_kinds.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {

const char* LinkFault::word(Carries carries) {
  if (carries == Carries::service) return "service";
  return carries == Carries::clients ? "clients" : "replication";
}

// The link to the node itself; or, if the fault was aimed at a leader, those of the followers that end there. A
// follower that became the leader since has none.
std::vector<LinkFault::Target> LinkFault::replication(const Deployment& deployment) const {
  const auto carrying = [](const LinkName& link, const std::string& follower) {
    return Target{link, Carries::replication, link.to == follower};
  };
  if (!leads_) {
    std::vector<Target> own;
    for (const LinkName& link : deployment.replication_links(node_))
      own.push_back(carrying(link, node_));
    return own;
  }
  std::vector<Target> away;
  for (const std::string& follower : deployment.topology().followers()) {
    const auto link = deployment.replication_link(follower);
    if (link && (link->from == node_ || link->to == node_)) away.push_back(carrying(*link, follower));
  }
  return away;
}

std::vector<LinkFault::Target> LinkFault::targets(FaultScene& scene) const {
  if (named_) return {{*named_, Carries::service, false}};
  std::vector<Target> found;
  if (kind_ != "clients") found = replication(scene.deployment);
  if (kind_ != "replication") {
    if (const auto link = scene.deployment.client_link(node_)) found.push_back({*link, Carries::clients, false});
  }
  return found;
}

void LinkFault::check(FaultScene& scene) {
  named_ = scene.targets.link(request());
  if (named_) {
    if (request().parameters.contains("links")) {
      refuse("links= chooses between the links of a node, and the target is a link itself; leave it out");
    }
    return;
  }
  node_ = scene.targets.node(request(), scene.deployment.topology());
  leads_ = scene.deployment.replication_links(node_).empty();
  const auto asked = request().parameters.find("links");
  if (asked != request().parameters.end()) {
    kind_ = asked->second;
  } else {
    kind_ = leads_ ? "clients" : "replication";
  }
  const bool replicates = !replication(scene.deployment).empty();
  const bool serves = scene.deployment.client_link(node_).has_value();
  if (kind_ != "clients" && !replicates) {
    refuse(
        fmt::format("{} has no replication link that goes through the fault proxy; the servers that afterwrite starts "
                    "itself have them (audit postgres --followers N){}",
                    node_, serves ? ", and links=clients is possible here" : ""));
  }
  if (kind_ != "replication" && !serves) {
    refuse(fmt::format("{} has no link that goes through the fault proxy; {}", node_,
                       replicates ? "its replication has one: links=replication"
                                  : "where a system has none, pause-replay, kill and failover may still be possible"));
  }
}

FaultReport LinkFault::start(FaultScene& scene) {
  if (!named_) node_ = scene.targets.node(request(), scene.deployment.topology());  // who leads may have changed since
  const std::vector<Target> found = targets(scene);
  if (found.empty()) {
    throw EnvironmentError(fmt::format("{} has no {} link now", node_, kind_ == "both" ? "such" : kind_));
  }
  FaultReport report;
  report.targets = {named_ ? to_string(*named_) : node_};
  report.detail["links"] = nlohmann::json::array();
  for (const Target& target : found) {
    before_[target.link] = scene.links.statistics(target.link);
    scene.links.put(episode(), target.link, effect(target));
    report.detail["links"].push_back(
        {{"from", target.link.from}, {"to", target.link.to}, {"carries", word(target.carries)}});
  }
  // Who falls behind. Where a leader has links of its own, cutting them cuts itself off, and the others go on.
  if (kind_ != "clients") {
    report.detail["receivers"] = leads_ ? scene.deployment.topology().followers() : std::vector<std::string>{node_};
  }
  return report;
}

LinkFault::Seen LinkFault::lift_and_see(FaultScene& scene) {
  std::vector<LinkName> open;
  for (const LinkName& link : scene.links.links_of(episode())) {
    if (scene.links.is_open(link)) open.push_back(link);
  }
  scene.links.lift(episode());
  Seen seen;
  for (const LinkName& link : open) {
    // Only after the lift it is known how long those were held that it let go.
    const LinkStatistics now = scene.links.statistics(link);
    const LinkStatistics& before = before_[link];  // zeros for one taken up later
    seen.reset += now.reset - before.reset;
    for (const auto direction : {&LinkStatistics::to_target, &LinkStatistics::to_dialler}) {
      seen.bytes += (now.*direction).detained - (before.*direction).detained;
      seen.frames += (now.*direction).detained_frames - (before.*direction).detained_frames;
      seen.longest = std::max(seen.longest, (now.*direction).longest_detained);
    }
  }
  return seen;
}

FaultReport LinkFault::heal(FaultScene& scene) {
  const Seen seen = lift_and_see(scene);
  FaultReport report;
  report.detail["held_bytes"] = seen.bytes;
  report.detail["connections_reset"] = seen.reset;
  if (seen.frames > 0) {
    report.detail["held_frames"] = seen.frames;
    report.detail["longest_held_ms"] = in_milliseconds(seen.longest);
  }
  report.proof = proof(seen);
  return report;
}

// Only the lag tells whether a fault on replication did anything; on other links the proxy itself saw it.
nlohmann::json LinkFault::proof(const Seen& seen) const {
  if (!named_ && kind_ != "clients") return nullptr;
  const bool bit = seen.bytes + seen.reset > 0;
  nlohmann::json proof{{"bit", bit}, {"held_bytes", seen.bytes}, {"connections_reset", seen.reset}};
  if (!bit) proof["error"] = "nothing was sent on the link meanwhile";
  return proof;
}

void LinkFault::follow(FaultScene& scene) {
  const std::vector<Target> found = targets(scene);
  for (const LinkName& link : scene.links.links_of(episode())) {
    const bool stays =
        std::any_of(found.begin(), found.end(), [&](const Target& target) { return target.link == link; });
    if (!stays) scene.links.lift(episode(), link);
  }
  for (const Target& target : found) {
    if (scene.links.is_open(target.link)) scene.links.put(episode(), target.link, effect(target));
  }
}

}  // namespace afterwrite
