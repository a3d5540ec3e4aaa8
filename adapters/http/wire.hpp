#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "adapters/http/session_state.hpp"
#include "harness/http/url.hpp"

namespace afterwrite::http {

/// How a node is reached.
struct Route {
  std::string url;              ///< without a slash at its end
  std::optional<Address> dial;  ///< a link in front of it
};

/// Told what is sent and what is answered, line by line, without secrets.
using Trace = std::function<void(const std::string& line)>;

/// The connections of one process of a session: one a node, opened when first used, and one for each other host that a
/// read is redirected to. Used by one thread. What it refers to outlives it.
class Wire {
 public:
  Wire(const Description& description, const std::map<std::string, Route>& routes, const Trace& trace,
       SessionState& session)
      : description_(description), routes_(routes), trace_(trace), session_(session) {}

  /// Sends what `request` makes of `places` to the node, with the session's headers. `position_header`, if not empty,
  /// carries the session's position.
  Exchange send(const std::string& node, const RequestTemplate& request, const Places& places, Deadline deadline,
                const std::string& position_header = {});

  /// Without the session's headers, and the trace is not told the answer.
  Exchange send_login(const std::string& node, const RequestTemplate& request, const Places& places, Deadline deadline);
  void tell_answer(const Exchange& exchange) const;

  /// The same, and redirects of a GET are followed: at most five, within the same deadline. Another host gets no header
  /// of ours. An answer that is still a redirect says in `error` why it was not followed.
  Exchange send_following(const std::string& node, const RequestTemplate& request, const Places& places,
                          Deadline deadline, const std::string& position_header);

 private:
  Request built(const Route& route, const RequestTemplate& request, const Places& places,
                const std::string& position_header) const;
  Exchange exchange(const std::string& connection, const Request& request, const std::optional<Address>& dial,
                    Deadline deadline);
  Exchange exchange_untold(const std::string& connection, const Request& request, const std::optional<Address>& dial,
                           Deadline deadline);
  void tell(std::string_view text) const;
  void tell_request(const Request& request) const;

  const Description& description_;
  const std::map<std::string, Route>& routes_;
  const Trace& trace_;
  SessionState& session_;
  std::map<std::string, std::unique_ptr<Connection>> connections_;  // by the node's name, or the origin
};

}  // namespace afterwrite::http
