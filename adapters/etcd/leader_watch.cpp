#include "adapters/etcd/leader_watch.hpp"

#include <stdexcept>

namespace afterwrite::etcd {
namespace {

constexpr Duration look_again = std::chrono::milliseconds(50);
constexpr Duration status_patience = std::chrono::milliseconds(200);

}  // namespace

std::map<std::string, Status> ask_statuses(const Members& members, std::map<std::string, Gateway>& gateways,
                                           Duration patience) {
  std::map<std::string, Status> all;
  for (const Node& node : members.topology().nodes) {
    const auto route = members.direct(node.name);
    if (!route) continue;
    auto found = gateways.find(node.name);
    if (found != gateways.end() && !(found->second.route() == *route)) {
      gateways.erase(found);
      found = gateways.end();
    }
    if (found == gateways.end()) found = gateways.try_emplace(node.name, *route).first;
    const Told told = found->second.post("/v3/maintenance/status", nlohmann::json::object(), /*is_write=*/false,
                                         Clock::now() + patience);
    if (const auto status = status_in(told.answer)) all[node.name] = *status;
  }
  return all;
}

void LeaderWatch::begin() {
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

void LeaderWatch::end() noexcept {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void LeaderWatch::watch(const std::stop_token& stop) {
  std::map<std::string, Gateway> gateways;
  std::map<std::uint64_t, std::string> names;
  while (!stop.stop_requested()) {
    std::vector<Status> all;
    for (const auto& [name, status] : ask_statuses(members_, gateways, status_patience)) {
      names[status.member] = name;
      all.push_back(status);
    }
    const auto leader = names.find(leader_of(all));
    if (leader != names.end() && leader->second != members_.topology().leader()) members_.set_leader(leader->second);
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, stop, look_again, [] { return false; });
  }
}

}  // namespace afterwrite::etcd
