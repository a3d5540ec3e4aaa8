#include "adapters/postgres/nodes.hpp"

#include <algorithm>

namespace afterwrite::postgres {

void Nodes::reach(const std::string& name, const Target& direct, const Target& session) {
  const std::lock_guard lock(mutex_);
  routes_[name] = Route{direct, session};
}

void Nodes::set_role(const std::string& name, Role role) {
  const std::lock_guard lock(mutex_);
  auto& nodes = topology_.nodes;
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) { return node.name == name; });
  if (found == nodes.end()) {
    nodes.push_back(Node{name, role});
  } else {
    found->role = role;
  }
}

void Nodes::set_epoch(std::int64_t epoch) {
  const std::lock_guard lock(mutex_);
  topology_.epoch = epoch;
}

std::optional<Target> Nodes::direct(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = routes_.find(name);
  return found == routes_.end() ? std::nullopt : std::optional(found->second.direct);
}

std::optional<Target> Nodes::session(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = routes_.find(name);
  return found == routes_.end() ? std::nullopt : std::optional(found->second.session);
}

Topology Nodes::topology() const {
  const std::lock_guard lock(mutex_);
  return topology_;
}

std::int64_t Nodes::epoch_floor() const {
  const std::lock_guard lock(mutex_);
  return epoch_floor_;
}

void Nodes::raise_epoch_floor(std::int64_t epoch) {
  const std::lock_guard lock(mutex_);
  epoch_floor_ = std::max(epoch_floor_, epoch);
}

}  // namespace afterwrite::postgres
