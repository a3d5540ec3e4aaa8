#include <charconv>
#include <fmt/format.h>

#include "harness/service/service_spec.hpp"

namespace afterwrite::service {

std::string to_string(const Address& address) {
  const bool number6 = address.host.find(':') != std::string::npos;
  return number6 ? fmt::format("[{}]:{}", address.host, address.port)
                 : fmt::format("{}:{}", address.host, address.port);
}

std::optional<Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  Address address;
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find_first_of(":/@[]") != std::string::npos) {
    return std::nullopt;
  }
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc{} || stopped != end || address.host.empty()) return std::nullopt;
  return address;
}

}  // namespace afterwrite::service
