#include "tests/faults/fake_deployment.hpp"

#include "harness/session/errors.hpp"

namespace afterwrite {

FakeDeployment::FakeDeployment(FaultProxy& proxy, bool replication, bool clients)
    : proxy_(proxy), replication_(replication), clients_(clients) {
  for (const Node& node : topology_.nodes)
    servers_.try_emplace(node.name);
  for (const Node& node : topology_.nodes) {
    if (replication_ && node.role == Role::follower) {
      proxy_.open({node.name, "node-0"}, servers_.at("node-0").address());
    }
    if (clients_) {
      client_addresses_[node.name] = proxy_.open({"clients", node.name}, servers_.at(node.name).address());
    }
  }
}

Topology FakeDeployment::topology() const {
  const std::lock_guard lock(mutex_);
  return topology_;
}

Role FakeDeployment::role(const std::string& node) const {
  for (const Node& each : topology().nodes) {
    if (each.name == node) return each.role;
  }
  return Role::unknown;
}

std::optional<LinkName> FakeDeployment::replication_link(const std::string& node) const {
  if (!replication_ || role(node) != Role::follower) return std::nullopt;
  return LinkName{node, topology().leader()};
}

std::optional<LinkName> FakeDeployment::client_link(const std::string& node) const {
  if (!clients_) return std::nullopt;
  return LinkName{"clients", node};
}

std::optional<std::string> FakeDeployment::refusal(Ability ability, const std::string& node) const {
  const auto found = refusals_.find(ability);
  if (found != refusals_.end()) return found->second;
  if (ability != Ability::promote && role(node) == Role::unknown) return node + " was replaced";
  return std::nullopt;
}

void FakeDeployment::step(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (failing_.contains(what)) throw EnvironmentError("could not " + what);
  done_.push_back(what);
}

std::vector<std::string> FakeDeployment::done() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

nlohmann::json FakeDeployment::kill(const std::string& node) {
  step("kill " + node);
  return {{"pid", 4711}, {"reaped", true}};
}
void FakeDeployment::restart(const std::string& node) {
  step("restart " + node);
}
void FakeDeployment::pause_replay(const std::string& node) {
  step("pause " + node);
}
void FakeDeployment::resume_replay(const std::string& node) {
  step("resume " + node);
}

nlohmann::json FakeDeployment::promote() {
  step("promote");
  const std::string before = topology().leader();
  const std::string after = topology().followers().at(0);
  for (const std::string& follower : topology().followers()) {
    if (replication_) proxy_.close({follower, before});
  }
  {
    const std::lock_guard lock(mutex_);
    for (Node& node : topology_.nodes) {
      if (node.name == before) node.role = Role::unknown;
      if (node.name == after) node.role = Role::leader;
    }
    ++topology_.epoch;
  }
  for (const std::string& follower : topology().followers()) {
    if (replication_) proxy_.open({follower, after}, servers_.at(after).address());
  }
  return {{"promoted", after}, {"beat", 41}, {"accepted_write", true}};
}

}  // namespace afterwrite
