#include "adapters/http/outcomes.hpp"

#include <fmt/format.h>

#include "harness/history/text.hpp"

namespace afterwrite::http {
namespace {

constexpr std::size_t shown_bytes = 100;
constexpr long accepted = 202;
constexpr long unauthorized = 401;

bool is_redirect(long status) {
  return status >= 300 && status < 400;
}

}  // namespace

bool is_success(long status) {
  return status >= 200 && status < 300;
}

std::string status_text(const Answer& answer, const Redact& redact) {
  std::string text = fmt::format("the answer is {}", answer.status);
  if (!answer.body.empty()) text += fmt::format(": {}", shortened_text(redact(answer.body), shown_bytes));
  return text;
}

// One reason has one wording, so that a report can count it: libcurl's holds the milliseconds.
std::string failure_text(const Exchange& exchange) {
  switch (*exchange.failure) {
    case Failure::refused:
      return "the connection was refused";
    case Failure::not_sent_in_time:
      return "no connection by the deadline";
    case Failure::timed_out:
      return "no answer by the deadline";
    default:
      return exchange.error;
  }
}

Judged judge_failure(const Exchange& exchange) {
  std::string why = failure_text(exchange);
  if (exchange.answer.status != 0) why += fmt::format(" (the status was {})", exchange.answer.status);
  return {nothing_sent(*exchange.failure) ? Outcome::fail : Outcome::info, why};
}

Judged judge_write(const Exchange& exchange, const WriteAction& action, const Redact& redact) {
  if (exchange.failure) return judge_failure(exchange);
  const Answer& answer = exchange.answer;
  if (action.definite_failure.contains(answer.status)) return {Outcome::fail, status_text(answer, redact)};
  if (action.acknowledged.contains(answer.status)) return {Outcome::ok, ""};
  if (answer.status == accepted) {
    return {Outcome::info,
            "the answer is 202: accepted, which does not say done; if it does here, add 202 to 'acknowledged'"};
  }
  if (is_success(answer.status)) return {Outcome::ok, ""};
  if (is_redirect(answer.status)) {
    return {Outcome::info,
            fmt::format("the answer is {}, a redirect, which is not followed for a write", answer.status)};
  }
  if (answer.status == unauthorized) {
    return {Outcome::info, status_text(answer, redact) + "; the session's credentials do not count, or not any more"};
  }
  return {Outcome::info, status_text(answer, redact)};
}

Judged judge_read(const Exchange& exchange, const ReadAction& action, const Redact& redact) {
  if (exchange.failure) return judge_failure(exchange);
  const Answer& answer = exchange.answer;
  if (action.absent.contains(answer.status) || is_success(answer.status)) return {Outcome::ok, ""};
  if (is_redirect(answer.status)) {
    const std::string reason = exchange.error.empty() ? "" : ": " + exchange.error;
    return {Outcome::fail, fmt::format("the answer is {}, a redirect that is not followed{}", answer.status, reason)};
  }
  if (answer.status == unauthorized) {
    return {Outcome::fail, status_text(answer, redact) + "; the session's credentials do not count, or not any more"};
  }
  return {Outcome::fail, status_text(answer, redact)};
}

afterwrite::Connection connection_after(const Exchange& exchange) {
  using State = afterwrite::Connection;
  if (!exchange.failure || *exchange.failure == Failure::bad_request) return State::usable;
  return *exchange.failure == Failure::refused ? State::refused : State::lost;
}

}  // namespace afterwrite::http
