#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "harness/http/redaction.hpp"
#include "harness/service/service_links.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite::service {

class StartedService;

/// What a service is given beside its description.
struct ServiceSurroundings {
  LinkFactory& links;
  std::filesystem::path log;  ///< the file that the service's output goes to
  std::function<void(const std::string&)>
      announce;          ///< told a line for each link: where it listens and leads; may be empty
  std::stop_token stop;  ///< ends the wait for the service, and the start of the inner deployment
  http::Redact redact{};  ///< makes of the service's words what may be shown of them; empty: everything may
  bool log_is_kept = true;  ///< false if the log's folder goes with the command, so that messages do not lead there
};

/// Any deployment, with the links and the started service that its scenario describes around it: start() opens the
/// links, starts the service, waits until it is ready, and then starts the inner deployment; stop() goes the other way.
/// Everything else is the inner deployment's. Faults may name the links.
class ServiceDeployment final : public Deployment {
 public:
  /// `inner` outlives this.
  ServiceDeployment(Deployment& inner, ServiceSpec spec, ServiceSurroundings surroundings);
  ~ServiceDeployment() override;

  void start() override;
  void stop() noexcept override;
  Topology topology() const override { return inner_.topology(); }
  /// The inner deployment's, with `service`: its command, ports and links.
  nlohmann::json describe() const override;
  bool offers(Function function) const override { return inner_.offers(function); }
  Catalogue catalogue() const override { return inner_.catalogue(); }
  std::unique_ptr<Client> open_client(const std::string& session) override { return inner_.open_client(session); }
  std::unique_ptr<Beat> open_beat() override { return inner_.open_beat(); }
  void trace(std::function<void(const std::string&)> tell) override { inner_.trace(std::move(tell)); }
  std::optional<bool> at_least(const std::string& a, const std::string& b) const override {
    return inner_.at_least(a, b);
  }
  std::optional<LinkName> replication_link(const std::string& node) const override {
    return inner_.replication_link(node);
  }
  std::vector<LinkName> replication_links(const std::string& node) const override { return inner_.replication_links(node); }
  std::optional<LinkName> client_link(const std::string& node) const override { return inner_.client_link(node); }
  std::vector<LinkName> named_links() const override;
  std::optional<std::string> refusal(Ability ability, const std::string& node) const override {
    return inner_.refusal(ability, node);
  }
  nlohmann::json kill(const std::string& node) override { return inner_.kill(node); }
  void restart(const std::string& node) override { inner_.restart(node); }
  void pause_replay(const std::string& node) override { inner_.pause_replay(node); }
  void resume_replay(const std::string& node) override { inner_.resume_replay(node); }
  nlohmann::json promote() override { return inner_.promote(); }
  /// The service is looked at first: that it ended says more than that nobody answers.
  bool healthy(std::string& why) const override;

 private:
  Deployment& inner_;
  const ServiceSpec spec_;
  ServiceSurroundings surroundings_;
  ServiceLinks links_;
  std::unique_ptr<StartedService> service_;  // null if none is started
};

}  // namespace afterwrite::service
