#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/http/client.hpp"
#include "adapters/http/http.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite::http {

/// A service of the user's: nothing is started, and nothing is done to it but requests.
class HttpDeployment : public Deployment {
 public:
  /// Throws UsageError.
  HttpDeployment(const HttpOptions& options, LinkFactory& links);

  void start() override;
  void stop() noexcept override;

  Topology topology() const override { return topology_; }
  nlohmann::json describe() const override;
  bool offers(Function function) const override;
  const Secrets& secrets() const { return description_.secrets; }
  std::unique_ptr<Client> open_client(const std::string& session) override;
  std::unique_ptr<Beat> open_beat() override;
  void trace(std::function<void(const std::string&)> tell) override { shared_.trace = std::move(tell); }
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
  void see_that_it_answers(const NodeDescription& node) const;
  [[noreturn]] void refuse(Ability ability, const std::string& node) const;

  const Description description_;
  const bool client_links_;
  const std::size_t users_;
  LinkFactory& links_;
  Topology topology_;
  Shared shared_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<SessionState>> sessions_;
};

}  // namespace afterwrite::http
