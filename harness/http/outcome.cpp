#include "harness/http/outcome.hpp"

#include <fmt/format.h>

#include "harness/history/text.hpp"

namespace afterwrite::http {
namespace {

constexpr std::size_t shown_bytes = 100;

}  // namespace

bool is_success(long status) {
  return status >= 200 && status < 300;
}

std::string status_text(const Answer& answer, const Redact& redact) {
  std::string text = fmt::format("the answer is {}", answer.status);
  if (!answer.body.empty()) text += fmt::format(": {}", shortened_text(redact ? redact(answer.body) : answer.body, shown_bytes));
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

afterwrite::Connection connection_after(const Exchange& exchange) {
  using State = afterwrite::Connection;
  if (!exchange.failure || *exchange.failure == Failure::bad_request) return State::usable;
  return *exchange.failure == Failure::refused ? State::refused : State::lost;
}

}  // namespace afterwrite::http
