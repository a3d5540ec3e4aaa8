#include "harness/service/service_deployment.hpp"

#include <fmt/format.h>
#include <utility>

#include "harness/service/started_service.hpp"

namespace afterwrite::service {

ServiceDeployment::ServiceDeployment(Deployment& inner, ServiceSpec spec, ServiceSurroundings surroundings)
    : inner_(inner),
      spec_(std::move(spec)),
      surroundings_(std::move(surroundings)),
      links_(spec_.links, surroundings_.links) {
  if (spec_.start) {
    service_ = std::make_unique<StartedService>(
        *spec_.start, ServiceLog{surroundings_.log, surroundings_.redact, surroundings_.log_is_kept});
  }
}

ServiceDeployment::~ServiceDeployment() = default;

void ServiceDeployment::start() {
  links_.open();
  for (const LinkSpec& link : spec_.links) {
    if (!surroundings_.announce) break;
    surroundings_.announce(fmt::format("link {}: {} leads to {}", afterwrite::to_string(link.name),
                                       to_string(links_.addresses().at(link.name)), to_string(link.upstream)));
  }
  if (service_) service_->start(links_.addresses(), variables_of(spec_, links_.addresses()), surroundings_.stop);
  inner_.end_start_on(surroundings_.stop);
  inner_.start();
}

void ServiceDeployment::stop() noexcept {
  inner_.stop();
  if (service_) service_->stop();
  links_.close();
}

nlohmann::json ServiceDeployment::describe() const {
  nlohmann::json all = inner_.describe();
  if (spec_.empty()) return all;
  nlohmann::json& service = all["service"];
  if (spec_.start) service["command"] = spec_.start->command;
  if (!spec_.ports.empty()) service["ports"] = spec_.ports;
  for (const LinkSpec& link : spec_.links) {
    nlohmann::json described{{"name", afterwrite::to_string(link.name)}, {"upstream", to_string(link.upstream)}};
    const auto open = links_.addresses().find(link.name);
    if (open != links_.addresses().end()) described["listen"] = to_string(open->second);
    service["links"].push_back(std::move(described));
  }
  return all;
}

std::vector<LinkName> ServiceDeployment::named_links() const {
  std::vector<LinkName> names;
  for (const LinkSpec& link : spec_.links)
    names.push_back(link.name);
  return names;
}

bool ServiceDeployment::healthy(std::string& why) const {
  if (service_ && !service_->healthy(why)) return false;
  return inner_.healthy(why);
}

}  // namespace afterwrite::service
