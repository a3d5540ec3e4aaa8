#include "adapters/etcd/beat.hpp"

#include <charconv>

#include "adapters/etcd/client.hpp"

namespace afterwrite::etcd {
namespace {

constexpr std::string_view beat_key = " beat";  // no workload's key begins with a space

}  // namespace

Told EtcdBeat::ask(const std::string& node, std::string_view path, const nlohmann::json& request, bool is_write,
                   Deadline deadline) {
  const auto route = shared_.members.direct(node);
  if (!route) return {};
  auto found = gateways_.find(node);
  if (found != gateways_.end() && !(found->second.route() == *route)) {
    gateways_.erase(found);
    found = gateways_.end();
  }
  if (found == gateways_.end()) found = gateways_.try_emplace(node, *route).first;
  return found->second.post(path, request, is_write, deadline);
}

bool EtcdBeat::write(std::int64_t number, Deadline deadline) {
  const std::string leader = shared_.members.topology().leader();
  const Told told = ask(leader, "/v3/kv/put", put_request(shared_, beat_key, std::to_string(number)), true, deadline);
  return told.outcome == Outcome::ok && revision_of(told.answer).has_value();
}

std::optional<std::int64_t> EtcdBeat::visible(const std::string& node, Deadline deadline) {
  const Told told = ask(node, "/v3/kv/range", range_request(shared_, beat_key, /*serializable=*/true), false, deadline);
  if (told.outcome != Outcome::ok) return std::nullopt;
  bool sound = false;
  const auto found = found_in(told.answer, sound);
  if (!sound) return std::nullopt;
  std::int64_t number = 0;
  if (found) std::from_chars(found->value.data(), found->value.data() + found->value.size(), number);
  return number;
}

}  // namespace afterwrite::etcd
