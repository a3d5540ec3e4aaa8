#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/etcd/etcd.hpp"
#include "adapters/etcd/leader_watch.hpp"

namespace afterwrite::etcd {

/// Members of the user's. Nothing of theirs is touched but keys under the run's own prefix, which hang on a lease of
/// the run's own.
class Foreign : public Deployment {
 public:
  /// Throws UsageError.
  Foreign(const ForeignOptions& options, LinkFactory& links);
  ~Foreign() override;

  void start() override;
  void stop() noexcept override;

  Topology topology() const override { return shared_.members.topology(); }
  nlohmann::json describe() const override;
  std::unique_ptr<Client> open_client(const std::string& session) override;
  std::unique_ptr<Beat> open_beat() override;
  std::optional<bool> at_least(const std::string& a, const std::string& b) const override;
  std::optional<LinkName> replication_link(const std::string&) const override { return std::nullopt; }
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
    std::string url;
    Address address;
    std::string version;
  };

  void find_leader(Deadline deadline);
  void take_lease(Deadline deadline);
  [[noreturn]] void refuse(Ability ability) const;

  const ForeignOptions options_;
  LinkFactory& links_;
  std::vector<Site> sites_;
  Shared shared_;
  LeaderWatch watch_;
  Clock::time_point lease_ends_{};
};

}  // namespace afterwrite::etcd
