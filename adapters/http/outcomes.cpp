#include "adapters/http/outcomes.hpp"

#include <fmt/format.h>

namespace afterwrite::http {
namespace {

constexpr long accepted = 202;
constexpr long unauthorized = 401;

bool is_redirect(long status) {
  return status >= 300 && status < 400;
}

}  // namespace

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

}  // namespace afterwrite::http
