#pragma once

#include <cstdint>
#include <string>

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

/// Opens links that faults can be injected into. Owned by the run; outlives every deployment that uses it.
class LinkFactory {
 public:
  LinkFactory() = default;
  LinkFactory(const LinkFactory&) = delete;
  LinkFactory& operator=(const LinkFactory&) = delete;
  virtual ~LinkFactory() = default;

  /// Listens on a free loopback port and forwards to `upstream` until close() or the factory's end. The address to
  /// dial is returned. Opening a name again points the link to the new upstream and keeps its address. Any thread may call.
  /// Throws EnvironmentError if no port can be had.
  virtual Address open(const LinkName& name, const Address& upstream) = 0;

  /// Closes a link and its connections; unknown names are ignored.
  virtual void close(const LinkName& name) = 0;
};

}  // namespace afterwrite
