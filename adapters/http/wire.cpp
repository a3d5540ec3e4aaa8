#include "adapters/http/wire.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/history/text.hpp"

namespace afterwrite::http {
namespace {

constexpr int most_redirects = 5;
constexpr std::size_t traced_bytes = 2000;

bool is_redirect(const Exchange& exchange) {
  const long status = exchange.answer.status;
  return !exchange.failure && (status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
}

/// Why a redirect is not followed; empty if it is.
std::string not_followed(const std::optional<Origin>& from, const std::optional<Origin>& to, int redirects) {
  if (!to) return "it leads to no URL of http or https";
  if (redirects == most_redirects) return fmt::format("it is one of more than {}", most_redirects);
  if (from && from->scheme == "https" && to->scheme != "https") return "it leads from https to http";
  return {};
}

/// `Set-Cookie: sid=...; Path=/`: a cookie's value may be a credential. A `Cookie` in an answer is an echo of ours, of several.
std::string without_cookie(const std::string& name, const std::string& value) {
  if (is_header(name, "Cookie")) return "...";
  const auto cookie = is_header(name, "Set-Cookie") ? cookie_in(value) : std::nullopt;
  if (!cookie) return value;
  return fmt::format("{}=...{}", cookie->first, value.substr(std::min(value.find(';'), value.size())));
}

}  // namespace

Request Wire::built(const Route& route, const RequestTemplate& request, const Places& places,
                    const std::string& position_header) const {
  Request made = request.build(route.url, places);
  add_headers(made, description_.session.headers, places);
  const std::string& position = session_.position.text();
  if (!position_header.empty() && !position.empty()) made.headers.emplace_back(position_header, position);
  return made;
}

Exchange Wire::send(const std::string& node, const RequestTemplate& request, const Places& places, Deadline deadline,
                    const std::string& position_header) {
  const Route& route = routes_.at(node);
  return exchange(node, built(route, request, places, position_header), route.dial, deadline);
}

Exchange Wire::send_login(const std::string& node, const RequestTemplate& request, const Places& places,
                          Deadline deadline) {
  const Route& route = routes_.at(node);
  return exchange_untold(node, request.build(route.url, places), route.dial, deadline);
}

Exchange Wire::send_following(const std::string& node, const RequestTemplate& request, const Places& places,
                              Deadline deadline, const std::string& position_header) {
  const Route& route = routes_.at(node);
  const auto home = origin_of(route.url);
  Request next = built(route, request, places, position_header);
  Exchange last = exchange(node, next, route.dial, deadline);
  for (int redirects = 0; request.method() == "GET" && is_redirect(last); ++redirects) {
    const auto location = last.answer.header("Location");
    const auto url = location ? resolved_url(next.url, std::string(*location)) : std::nullopt;
    const auto from = origin_of(next.url);
    const auto to = url ? origin_of(*url) : std::nullopt;
    last.error = not_followed(from, to, redirects);
    if (!last.error.empty()) return last;
    next.url = *url;
    if (to == home) {
      last = exchange(node, next, route.dial, deadline);
    } else {
      next.headers.clear();  // for good: who was sent away does not come back with credentials
      last = exchange(fmt::format("{}://{}:{}", to->scheme, to->host, to->port), next, std::nullopt, deadline);
    }
  }
  return last;
}

Exchange Wire::exchange(const std::string& connection, const Request& request, const std::optional<Address>& dial,
                        Deadline deadline) {
  Exchange exchange = exchange_untold(connection, request, dial, deadline);
  tell_answer(exchange);
  return exchange;
}

Exchange Wire::exchange_untold(const std::string& connection, const Request& request,
                               const std::optional<Address>& dial, Deadline deadline) {
  std::unique_ptr<Connection>& kept = connections_[connection];
  if (!kept) {
    Options options = description_.connection;
    options.dial = dial;
    kept = std::make_unique<Connection>(options, session_.jar());
  }
  tell_request(request);
  Exchange exchange = kept->exchange(request, deadline);
  session_.learn_cookies(exchange.answer);
  // Not used again, whatever libcurl would still do with it.
  if (exchange.failure) kept.reset();
  return exchange;
}

void Wire::tell(std::string_view text) const {
  trace_(visible_text(session_.masked(text, description_.secrets), traced_bytes));
}

void Wire::tell_request(const Request& request) const {
  if (!trace_) return;
  tell(fmt::format("> {} {}", request.method, request.url));
  for (const auto& [name, value] : request.headers)
    tell(fmt::format("> {}: {}", name, value));
  if (request.body) tell(fmt::format("> {}", *request.body));
}

void Wire::tell_answer(const Exchange& exchange) const {
  if (!trace_) return;
  if (exchange.answer.status != 0) tell(fmt::format("< {} from {}", exchange.answer.status, exchange.answer.address));
  for (const auto& [name, value] : exchange.answer.headers)
    tell(fmt::format("< {}: {}", name, without_cookie(name, value)));
  if (!exchange.answer.body.empty()) tell(fmt::format("< {}", exchange.answer.body));
  if (exchange.failure) tell(fmt::format("< nothing more: {}", exchange.error));
}

}  // namespace afterwrite::http
