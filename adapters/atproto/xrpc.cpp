#include "adapters/atproto/xrpc.hpp"

#include <charconv>
#include <fmt/format.h>

#include "harness/history/bounded_json.hpp"
#include "harness/history/text.hpp"

namespace afterwrite::atproto {
namespace {

constexpr std::size_t shown_bytes = 120;
constexpr long first_server_error = 500;

// `the answer is 400 NotFound: Post not found`, without anything that changes from call to call.
std::string refusal_text(const http::Answer& answer, const nlohmann::json& body) {
  if (!body.is_object() || !body.contains("error")) return http::status_text(answer);
  const auto text = [&](const char* name) {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? visible_text(found->get<std::string>(), shown_bytes)
                                                     : std::string();
  };
  std::string message = text("message");
  message = message.substr(0, message.find(": at://"));
  return fmt::format("the answer is {} {}{}{}", answer.status, text("error"), message.empty() ? "" : ": ", message);
}

}  // namespace

Response Xrpc::get(const std::string& nsid, const Parameters& parameters, const std::string& token, Deadline deadline) {
  http::Request request{.method = "GET", .url = fmt::format("{}/xrpc/{}", base_, nsid), .headers = {}, .body = {}};
  char before = '?';
  for (const auto& [name, value] : parameters) {
    request.url += fmt::format("{}{}={}", before, name, http::url_encoded(value));
    before = '&';
  }
  return call(std::move(request), token, deadline, Outcome::fail);
}

Response Xrpc::post(const std::string& nsid, const nlohmann::json& input, const std::string& token, Deadline deadline) {
  http::Request request{
      .method = "POST", .url = fmt::format("{}/xrpc/{}", base_, nsid), .headers = {}, .body = input.dump()};
  request.headers.emplace_back("Content-Type", "application/json");
  return call(std::move(request), token, deadline, Outcome::info);
}

Response Xrpc::call(http::Request request, const std::string& token, Deadline deadline, Outcome server_error) {
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  const http::Exchange exchange = connection_.exchange(request, deadline);
  Response response;
  response.connection = http::connection_after(exchange);
  if (exchange.failure) {
    const http::Judged judged = http::judge_failure(exchange);
    response.outcome = judged.outcome;
    response.why = judged.why;
    return response;
  }
  const http::Answer& answer = exchange.answer;
  response.status = answer.status;
  response.rev = answer.header("Atproto-Repo-Rev").value_or("");
  response.lag_told = answer.header("Atproto-Upstream-Lag").has_value();
  nlohmann::json body = parse_bounded_json(answer.body).json;
  if (http::is_success(answer.status) && (body.is_object() || answer.body.empty())) {
    response.outcome = Outcome::ok;
    response.json = std::move(body);
    return response;
  }
  if (body.is_object() && body.contains("error") && body["error"].is_string())
    response.error = body["error"].get<std::string>();
  response.why = http::is_success(answer.status) ? "the answer is no JSON object" : refusal_text(answer, body);
  const bool refused = !http::is_success(answer.status) && answer.status < first_server_error;
  response.outcome = refused ? Outcome::fail : server_error;
  return response;
}

}  // namespace afterwrite::atproto
