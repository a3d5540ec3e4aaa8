#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/session/clock.hpp"
#include "harness/session/link.hpp"

namespace afterwrite::service {

/// A link of `links`: where it listens (0: a free port) and where it leads.
struct LinkSpec {
  LinkName name;
  std::uint16_t listen = 0;
  Address upstream;
};

/// What shows that a service takes requests.
struct ReadySpec {
  enum class By { url, tcp, log };
  By by = By::url;
  std::string what;  ///< the URL (any 2xx answer), the address `host:port`, or the text that its log must hold
  Duration within = std::chrono::seconds(30);
};

/// How a service is started.
struct StartSpec {
  std::vector<std::string> command;                ///< a path (from `folder`) or a name on PATH, and the arguments
  std::filesystem::path folder;                    ///< absolute; where it works
  std::map<std::string, std::string> environment;  ///< added to ours
  ReadySpec ready;
};

/// The members `links` and `start` of a scenario, understood. A plain value.
struct ServiceSpec {
  std::vector<LinkSpec> links;
  std::optional<StartSpec> start;
  std::map<std::string, std::uint16_t> ports;  ///< those chosen for {port:NAME}

  bool empty() const { return links.empty() && !start; }
};

/// A scenario's members with a free port in each place that says {port:NAME}: the same port for the same name.
struct WithPorts {
  nlohmann::json members;
  std::map<std::string, std::uint16_t> ports;
};

/// Chooses the ports that a service which the scenario starts is to listen on, so that nothing has to name a fixed one.
/// `file` is for messages. Throws UsageError if {port:...} stands where nothing is started; EnvironmentError if there
/// is no port to be had.
WithPorts choose_ports(const nlohmann::json& members, const std::string& file);

/// Reads `links` and `start`; the other members are not looked at. Relative folders count from that of `file`. Throws
/// UsageError naming file and member.
ServiceSpec read_service(const WithPorts& scenario, const std::string& file);

/// `app->replica` and `api` as a part of an environment variable's name: APP_TO_REPLICA, API.
std::string variable_part(const std::string& name);

/// What the started service finds in its environment beside what `start` adds: AFTERWRITE_PORT_<NAME> for the ports,
/// and AFTERWRITE_LINK_<NAME> for the links, as host:port.
std::map<std::string, std::string> variables_of(const ServiceSpec& spec, const std::map<LinkName, Address>& links);

/// `text` with the address of the link for each {link:NAME}. Throws UsageError naming `where` for a link that is not
/// there.
std::string with_links(const std::string& text, const std::map<LinkName, Address>& links, const std::string& where);

/// `127.0.0.1:5433`, `[::1]:80`.
std::string to_string(const Address& address);
std::optional<Address> parse_address(const std::string& text);

}  // namespace afterwrite::service
