#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace afterwrite {

/// An address on loopback, or of a node of the user's: host (name or number) and TCP port.
struct Address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};

/// Who dials whom. The dialler's and the target's node names; `clients` stands for the run's own sessions.
struct LinkName {
  std::string from;
  std::string to;
  auto operator<=>(const LinkName&) const = default;
};

/// `app->replica`: how scenarios, faults and reports name a link.
std::string to_string(const LinkName& name);

/// The name that a text writes as FROM->TO; nothing if it is no such text. Node names hold no `->`, so none is taken
/// for a link.
std::optional<LinkName> parse_link_name(std::string_view text);

/// Opens links that faults can be injected into. Owned by the run; outlives every deployment that uses it.
class LinkFactory {
 public:
  LinkFactory() = default;
  LinkFactory(const LinkFactory&) = delete;
  LinkFactory& operator=(const LinkFactory&) = delete;
  virtual ~LinkFactory() = default;

  /// Listens on loopback, at the port `listen` or, if that is 0, at a free one, and forwards to `upstream` until
  /// close() or the factory's end. The address to dial is returned. Opening a name again points the link to the new
  /// upstream and keeps its address. Any thread may call. Throws EnvironmentError if the port cannot be had.
  virtual Address open(const LinkName& name, const Address& upstream, std::uint16_t listen = 0) = 0;

  /// Closes a link and its connections; unknown names are ignored.
  virtual void close(const LinkName& name) = 0;
};

}  // namespace afterwrite
