#pragma once

#include <map>
#include <string>

#include "adapters/etcd/members.hpp"
#include "harness/session/client.hpp"

namespace afterwrite::etcd {

/// The client of one process of one session: at most one connection to each member.
class EtcdClient : public Client {
 public:
  explicit EtcdClient(const Shared& shared) : shared_(shared) {}

  Reply call(const Call& call) override;
  Awaited await(const std::string& node, const std::string& position, Deadline deadline) override;

 private:
  /// Null if the node is unknown.
  Gateway* gateway(const std::string& node);
  Reply read(const Call& call, Gateway& gateway);
  Reply write(const Call& call, Gateway& gateway);
  Reply append(const Call& call, Gateway& gateway);

  const Shared& shared_;
  std::map<std::string, Gateway> gateways_;
};

/// A place in etcd's own order of all writes: its revision. Nothing for any other text.
std::optional<std::int64_t> parse_position(std::string_view text);
/// As Deployment::at_least.
std::optional<bool> at_least(std::string_view a, std::string_view b);

// Requests, as the gateway wants them.
nlohmann::json range_request(const Shared& shared, std::string_view key, bool serializable);
nlohmann::json put_request(const Shared& shared, std::string_view key, std::string_view value);

}  // namespace afterwrite::etcd
