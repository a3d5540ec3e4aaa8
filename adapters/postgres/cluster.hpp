#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/admin.hpp"
#include "adapters/postgres/client.hpp"
#include "adapters/postgres/postgres.hpp"
#include "adapters/postgres/server.hpp"
#include "harness/process/private_folder.hpp"

namespace afterwrite::postgres {

/// A private leader (`node-0` at first) with streaming followers, each fed through a link `node-i` -> leader.
class Cluster : public Deployment {
 public:
  /// Throws UsageError for an unknown option.
  Cluster(const ClusterOptions& options, LinkFactory& links);
  ~Cluster() override;

  void start() override;
  void stop() noexcept override;

  Topology topology() const override { return shared_.nodes.topology(); }
  nlohmann::json describe() const override;
  std::unique_ptr<Client> open_client(const std::string& session) override;
  std::unique_ptr<Beat> open_beat() override;
  std::optional<bool> at_least(const std::string& a, const std::string& b) const override;
  std::optional<LinkName> replication_link(const std::string& node) const override;
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
  Role role(const std::string& node) const;

  // Starting (cluster.cpp).
  void boot(Deadline deadline);
  void prepare_files();
  void start_followers(Deadline deadline);
  std::vector<std::string> followers_without(const std::string& node) const;
  /// The synchronous_standby_names under which commits wait for these, as `--opt sync` asks.
  std::string awaited(const std::vector<std::string>& followers) const;
  /// Has the commits of a running `leader` wait for these from now on.
  void await_in(Server& leader, const std::vector<std::string>& followers);
  /// True if `leader` sends `follower` the log of its own reign, and waits for it if it should.
  bool streams(Admin& leader, const std::string& follower, Deadline deadline) const;
  void publish_route(Server& server);
  void follow(Server& follower, Server& leader);

  // Faults (failover.cpp).
  /// The live follower that received most. Throws EnvironmentError if none lives.
  Server& most_advanced(const std::vector<std::string>& followers, Deadline deadline);
  void make_leader(Server& chosen, Deadline deadline, nlohmann::json& proof);
  /// Points `node` at the leader; `follows`, `rebuilt`, or why it does not follow yet.
  std::string repoint(const std::string& node, Deadline deadline);
  /// True if `follower` has applied what the leader's reign does not hold: a lost end of an earlier one.
  bool went_astray(Server& follower, Deadline deadline) const;
  void rebuild(Server& follower, Deadline deadline);

  const ClusterOptions options_;
  LinkFactory& links_;
  const std::string table_;
  const std::optional<std::string> sync_;  ///< `--opt sync`
  std::vector<std::string> names_;

  std::optional<PrivateFolder> folder_;
  ClusterFiles files_;
  std::map<std::string, std::unique_ptr<Server>> servers_;
  Shared shared_;
  /// Where each timeline ended, for those that did: a follower that applied more of it holds what never happened.
  std::map<std::int64_t, std::uint64_t> forks_;
  std::vector<std::string> awaited_followers_;  ///< whom the leader's commits wait for
};

}  // namespace afterwrite::postgres
