#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/admin.hpp"
#include "adapters/postgres/client.hpp"
#include "adapters/postgres/postgres.hpp"
#include "adapters/postgres/server_url.hpp"

namespace afterwrite::postgres {

/// Servers of the user's: a leader and followers, or one endpoint. Nothing of theirs is touched but the run's own
/// table.
class Foreign : public Deployment {
 public:
  /// Throws UsageError.
  Foreign(const ForeignOptions& options, LinkFactory& links);
  ~Foreign() override;

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
  struct Site {
    std::string name;
    ServerUrl url;
    Target direct;  ///< as connected: the address looked up, the password from wherever libpq had it
    std::string version;
  };

  void connect(Site& site, Deadline deadline);
  void start_leader(Deadline deadline);
  void verify_follower(Site& site, Deadline deadline);
  [[noreturn]] void refuse(Ability ability, const std::string& node) const;

  const ForeignOptions options_;
  LinkFactory& links_;
  const bool endpoint_;
  const std::string table_;
  std::vector<Site> sites_;  ///< the leader or the endpoint first
  Shared shared_;
  bool table_made_ = false;
  std::vector<std::string> swept_;
};

}  // namespace afterwrite::postgres
