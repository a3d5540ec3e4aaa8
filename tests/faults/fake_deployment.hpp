#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "harness/faults/proxy.hpp"
#include "harness/session/deployment.hpp"
#include "tests/faults/tcp_peer.hpp"

namespace afterwrite {

/// A deployment of three nodes whose servers only exist as listening sockets, behind real links. It notes what is done
/// to it.
class FakeDeployment : public Deployment {
 public:
  explicit FakeDeployment(FaultProxy& proxy, bool replication = true, bool clients = false);

  void start() override {}
  void stop() noexcept override {}
  Topology topology() const override;
  nlohmann::json describe() const override { return {}; }
  std::unique_ptr<Client> open_client(const std::string&) override { return nullptr; }
  std::unique_ptr<Beat> open_beat() override { return nullptr; }
  std::optional<bool> at_least(const std::string&, const std::string&) const override { return std::nullopt; }
  std::optional<LinkName> replication_link(const std::string& node) const override;
  std::optional<LinkName> client_link(const std::string& node) const override;
  std::vector<LinkName> named_links() const override { return named_; }
  std::optional<std::string> refusal(Ability ability, const std::string& node) const override;
  nlohmann::json kill(const std::string& node) override;
  void restart(const std::string& node) override;
  void pause_replay(const std::string& node) override;
  void resume_replay(const std::string& node) override;
  nlohmann::json promote() override;
  bool healthy(std::string&) const override { return true; }

  Address client_address(const std::string& node) const { return client_addresses_.at(node); }
  /// What was done, e.g. `kill node-1`, in order.
  std::vector<std::string> done() const;
  void name_link(const LinkName& link) { named_.push_back(link); }
  /// This step throws EnvironmentError from now on; `promote` for all of that kind.
  void fail_at(const std::string& step) { failing_.insert(step); }
  void never_mind(const std::string& step) { failing_.erase(step); }
  void refuse(Ability ability, const std::string& why) { refusals_[ability] = why; }

 private:
  void step(const std::string& what);
  Role role(const std::string& node) const;

  FaultProxy& proxy_;
  bool replication_;
  bool clients_;
  std::map<std::string, testing_tcp::Listener> servers_;
  std::map<std::string, Address> client_addresses_;
  mutable std::mutex mutex_;
  Topology topology_{{{"node-0", Role::leader}, {"node-1", Role::follower}, {"node-2", Role::follower}}, 1};
  std::vector<std::string> done_;
  std::set<std::string> failing_;
  std::map<Ability, std::string> refusals_;
  std::vector<LinkName> named_;
};

}  // namespace afterwrite
