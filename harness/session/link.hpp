#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/session/errors.hpp"

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

/// One of several who dial the same address.
struct Dialler {
  std::string name;
  /// What every request of this dialler holds in its head and nobody else's does, e.g. a whole header line with its line ends.
  std::string mark;
};

/// The dialler's name of a shared address, for connections that are nobody's yet.
inline constexpr const char* any_dialler = "*";

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

  /// As open(), for a target that several dial at one address, over HTTP/1.1 without pipelining: a link from each of them to `to`, and one
  /// from `any_dialler`. A connection is that one's at first. Once a request on it holds a dialler's mark, it goes over to the dialler's link,
  /// and so does this request, which the upstream has not seen whole by then. Opening it again with more diallers adds them.
  virtual Address open_shared(const std::string& to, const Address& /*upstream*/, const std::vector<Dialler>& /*diallers*/) {
    throw EnvironmentError("the links to " + to + " cannot tell who dials them");
  }

  /// Closes a link and its connections; unknown names are ignored.
  virtual void close(const LinkName& name) = 0;
};

}  // namespace afterwrite
