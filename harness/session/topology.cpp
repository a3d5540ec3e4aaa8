#include "harness/session/topology.hpp"

namespace afterwrite {

std::string Topology::leader() const {
  for (const Node& node : nodes) {
    if (node.role == Role::leader) return node.name;
  }
  return {};
}

std::vector<std::string> Topology::followers() const {
  std::vector<std::string> names;
  for (const Node& node : nodes) {
    if (node.role == Role::follower) names.push_back(node.name);
  }
  return names;
}

}  // namespace afterwrite
