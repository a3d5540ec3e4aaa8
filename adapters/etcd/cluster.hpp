#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/etcd/etcd.hpp"
#include "adapters/etcd/leader_watch.hpp"
#include "adapters/etcd/server.hpp"
#include "harness/process/private_folder.hpp"

namespace afterwrite::etcd {

/// A private cluster, `node-0` leading at first. Each ordered pair of members has a link: behind the one address that a
/// member has for the others, its dialler told by the address that it names as its own in each request (`X-PeerURLs`).
class Cluster : public Deployment {
 public:
  /// Throws UsageError.
  Cluster(const ClusterOptions& options, LinkFactory& links);
  ~Cluster() override;

  void start() override;
  void stop() noexcept override;

  Topology topology() const override { return shared_.members.topology(); }
  nlohmann::json describe() const override;
  std::unique_ptr<Client> open_client(const std::string& session) override;
  std::unique_ptr<Beat> open_beat() override;
  std::optional<bool> at_least(const std::string& a, const std::string& b) const override;
  std::optional<LinkName> replication_link(const std::string& node) const override;
  std::vector<LinkName> replication_links(const std::string& node) const override;
  std::optional<LinkName> client_link(const std::string& node) const override;
  std::optional<std::string> refusal(Ability ability, const std::string& node) const override;

  nlohmann::json kill(const std::string& node) override;
  void restart(const std::string& node) override;
  void pause_replay(const std::string& node) override;
  void resume_replay(const std::string& node) override;
  nlohmann::json promote() override;

  bool healthy(std::string& why) const override;

 private:
  Deadline soon() const { return Clock::now() + options_.patience; }
  Server& server(const std::string& node) const;
  bool knows(const std::string& node) const;
  void boot(Deadline deadline);
  /// Waits until the member serves and knows a leader.
  Status await_ready(Server& server, Deadline deadline, const std::stop_token& stop = {});
  void lead_with(const std::string& node, Deadline deadline);
  void publish_route(Server& server);
  /// Where the others dial the member, whatever port it listens on.
  Address open_peer_link(Server& server, const std::vector<Dialler>& diallers);

  const ClusterOptions options_;
  LinkFactory& links_;
  std::vector<std::string> names_;

  std::optional<PrivateFolder> folder_;
  ClusterFiles files_;
  std::map<std::string, std::unique_ptr<Server>> servers_;
  std::vector<Dialler> diallers_;
  Shared shared_;
  LeaderWatch watch_;
};

}  // namespace afterwrite::etcd
