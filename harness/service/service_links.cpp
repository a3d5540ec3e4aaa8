#include "harness/service/service_links.hpp"

#include <exception>

namespace afterwrite::service {

const std::map<LinkName, Address>& ServiceLinks::open() {
  for (const LinkSpec& spec : specs_)
    addresses_[spec.name] = factory_.open(spec.name, spec.upstream, spec.listen);
  return addresses_;
}

void ServiceLinks::close() noexcept {
  for (const auto& [name, address] : addresses_) {
    try {
      factory_.close(name);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the factory closes what is left at its end
    }
  }
  addresses_.clear();
}

}  // namespace afterwrite::service
