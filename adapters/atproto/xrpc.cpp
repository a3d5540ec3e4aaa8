#include "adapters/atproto/xrpc.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <thread>

#include "adapters/atproto/members.hpp"
#include "harness/history/bounded_json.hpp"
#include "harness/history/text.hpp"

namespace afterwrite::atproto {
namespace {

constexpr std::size_t shown_bytes = 120;
constexpr long first_refusal = 400;
constexpr long time_out = 408;
constexpr long first_server_error = 500;

// `the answer is 400 NotFound: Post not found`, without anything that changes from call to call.
std::string refusal_text(const http::Answer& answer, const nlohmann::json& body) {
  if (!body.is_object() || !body.contains("error")) return http::status_text(answer);
  // Raw, but for its length: whoever shows it escapes it.
  std::string message = shortened_text(text(body, "message"), shown_bytes);
  message = message.substr(0, message.find(": at://"));
  return fmt::format("the answer is {} {}{}{}", answer.status, shortened_text(text(body, "error"), shown_bytes),
                     message.empty() ? "" : ": ", message);
}

}  // namespace

void Pace::await_turn(Deadline deadline) {
  Clock::time_point turn;
  {
    const std::lock_guard lock(mutex_);
    turn = std::max(next_, Clock::now());
    // Who cannot have one in time takes none: what is called after the deadline is not sent.
    if (turn <= deadline) next_ = turn + between_;
  }
  std::this_thread::sleep_until(std::min(turn, deadline));
}

Response Xrpc::get(const std::string& nsid, const Parameters& parameters, const std::string& token, Deadline deadline) {
  http::Request request{.method = "GET", .url = fmt::format("{}/xrpc/{}", base_, nsid), .headers = {}, .body = {}};
  char before = '?';
  for (const auto& [name, value] : parameters) {
    request.url += fmt::format("{}{}={}", before, name, http::url_encoded(value));
    before = '&';
  }
  return call(std::move(request), token, deadline, Asks::query);
}

Response Xrpc::post(const std::string& nsid, const nlohmann::json& input, const std::string& token, Deadline deadline) {
  if (!input.is_null()) return upload(nsid, input.dump(), "application/json", token, deadline);
  return call({.method = "POST", .url = fmt::format("{}/xrpc/{}", base_, nsid), .headers = {}, .body = ""}, token,
              deadline, Asks::procedure);
}

Response Xrpc::upload(const std::string& nsid, const std::string& bytes, const std::string& type,
                      const std::string& token, Deadline deadline) {
  http::Request request{.method = "POST", .url = fmt::format("{}/xrpc/{}", base_, nsid), .headers = {}, .body = bytes};
  request.headers.emplace_back("Content-Type", type);
  return call(std::move(request), token, deadline, Asks::procedure);
}

Response Xrpc::call(http::Request request, const std::string& token, Deadline deadline, Asks asks) {
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  if (pace_) pace_->await_turn(deadline);
  return response_of(connection_.exchange(request, deadline), asks);
}

Response response_of(const http::Exchange& exchange, Asks asks) {
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
  const bool success = http::is_success(answer.status);
  // Some procedures answer with nothing; a query that does has not been answered.
  if (success && (body.is_object() || (answer.body.empty() && asks == Asks::procedure))) {
    response.outcome = Outcome::ok;
    response.json = body.is_object() ? std::move(body) : nlohmann::json::object();
    return response;
  }
  response.error = text(body, "error");
  response.why = success ? "the answer is no JSON object" : refusal_text(answer, body);
  const bool refused = answer.status >= first_refusal && answer.status < first_server_error &&
                       answer.status != time_out && !response.error.empty();
  response.outcome = asks == Asks::query || refused ? Outcome::fail : Outcome::info;
  return response;
}

}  // namespace afterwrite::atproto
