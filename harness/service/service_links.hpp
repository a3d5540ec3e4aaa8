#pragma once

#include <map>
#include <vector>

#include "harness/service/service_spec.hpp"
#include "harness/session/link.hpp"

namespace afterwrite::service {

/// The links that a scenario names, opened through the factory and closed with the object. For one thread.
class ServiceLinks {
 public:
  ServiceLinks(std::vector<LinkSpec> specs, LinkFactory& factory) : specs_(std::move(specs)), factory_(factory) {}
  ServiceLinks(const ServiceLinks&) = delete;
  ServiceLinks& operator=(const ServiceLinks&) = delete;
  ~ServiceLinks() { close(); }

  /// Returns where each listens. Throws EnvironmentError if one cannot be opened; those before it are open then.
  const std::map<LinkName, Address>& open();
  void close() noexcept;

  const std::vector<LinkSpec>& specs() const { return specs_; }
  /// Of those that are open.
  const std::map<LinkName, Address>& addresses() const { return addresses_; }

 private:
  std::vector<LinkSpec> specs_;
  LinkFactory& factory_;
  std::map<LinkName, Address> addresses_;
};

}  // namespace afterwrite::service
