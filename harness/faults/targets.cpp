#include "harness/faults/targets.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {

std::string spelled(const FaultRequest& request) {
  // `--lag 500ms` asks for faults too, and is shown as it was typed.
  return request.text.starts_with("--") ? request.text : fmt::format("--fault '{}'", request.text);
}

Targets::Targets(const Topology& at_start) : followers_(at_start.followers()) {
  for (const Node& node : at_start.nodes)
    nodes_.push_back(node.name);
}

std::string Targets::node(const FaultRequest& request, const Topology& now) const {
  const std::string& target = request.target;
  if (std::find(nodes_.begin(), nodes_.end(), target) != nodes_.end()) return target;
  if (target == "leader") {
    if (now.leader().empty()) throw UsageError(fmt::format("{}: the system has no leader", spelled(request)));
    return now.leader();
  }
  std::vector<std::string> known{"leader"};
  std::string followers;
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    const std::string name = fmt::format("follower-{}", i + 1);
    if (target == name) return followers_[i];
    known.push_back(name);
    followers += fmt::format("{}{} is {}", i == 0 ? ": " : ", ", name, followers_[i]);
  }
  if (target.starts_with("follower-")) {
    throw UsageError(fmt::format("{}: there is no {}; the system has {} follower{}{}", spelled(request), target,
                                 followers_.size(), followers_.size() == 1 ? "" : "s", followers));
  }
  known.insert(known.end(), nodes_.begin(), nodes_.end());
  throw UsageError(
      fmt::format("{}: no node is called '{}'{}", spelled(request), target, known_names_hint(target, known)));
}

}  // namespace afterwrite
