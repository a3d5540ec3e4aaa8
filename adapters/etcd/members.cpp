#include "adapters/etcd/members.hpp"

namespace afterwrite::etcd {

Members::Members(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    topology_.nodes.push_back({name, topology_.nodes.empty() ? Role::leader : Role::follower});
}

void Members::reach(const std::string& name, const Route& direct, const Route& session) {
  const std::lock_guard lock(mutex_);
  routes_[name] = Routes{direct, session};
}

void Members::set_leader(const std::string& name) {
  const std::lock_guard lock(mutex_);
  for (Node& node : topology_.nodes)
    node.role = node.name == name ? Role::leader : Role::follower;
}

std::optional<Route> Members::direct(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = routes_.find(name);
  return found == routes_.end() ? std::nullopt : std::optional(found->second.direct);
}

std::optional<Route> Members::session(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = routes_.find(name);
  return found == routes_.end() ? std::nullopt : std::optional(found->second.session);
}

Topology Members::topology() const {
  const std::lock_guard lock(mutex_);
  return topology_;
}

std::optional<Status> status_in(const nlohmann::json& answer) {
  if (!answer.is_object() || !answer.contains("header")) return std::nullopt;
  const auto member = id_in(answer["header"], "member_id");
  const auto cluster = id_in(answer["header"], "cluster_id");
  const auto leader = id_in(answer, "leader");
  const auto term = id_in(answer, "raftTerm");
  if (!member || !cluster || !leader || !term || *member == 0) return std::nullopt;
  const auto version = answer.find("version");
  const bool says = version != answer.end() && version->is_string();
  return Status{*member, *leader, *term, *cluster, says ? version->get<std::string>() : ""};
}

std::uint64_t leader_of(const std::vector<Status>& all) {
  Status newest;
  for (const Status& status : all) {
    if (status.leader != 0 && status.term >= newest.term) newest = status;
  }
  return newest.leader;
}

}  // namespace afterwrite::etcd
