#include "harness/faults/targets.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {

std::string spelled(const FaultRequest& request) {
  // `--lag 500ms` asks for faults too, and is shown as it was typed.
  return request.text.starts_with("--") ? request.text : fmt::format("--fault '{}'", request.text);
}

Targets::Targets(const Topology& at_start, std::vector<LinkName> links)
    : followers_(at_start.followers()), links_(std::move(links)) {
  for (const Node& node : at_start.nodes)
    nodes_.push_back(node.name);
}

std::optional<LinkName> Targets::link(const FaultRequest& request) const {
  const auto asked = parse_link_name(request.target);
  if (!asked || std::find(links_.begin(), links_.end(), *asked) != links_.end()) return asked;
  std::vector<std::string> known;
  for (const LinkName& link : links_)
    known.push_back(to_string(link));
  throw UsageError(fmt::format("{}: no link is called '{}'{}", spelled(request), request.target,
                               known.empty() ? "; a scenario names links under 'links'"
                                             : known_names_hint(request.target, known)));
}

std::string Targets::name(const FaultRequest& request, const Topology& now) const {
  return link(request) ? request.target : node(request, now);
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
