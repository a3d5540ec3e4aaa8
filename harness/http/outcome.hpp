#pragma once

#include <string>

#include "harness/http/connection.hpp"
#include "harness/http/redaction.hpp"
#include "harness/session/client.hpp"

namespace afterwrite::http {

/// What an exchange says of the operation, and why in words, of which nothing is escaped.
struct Judged {
  Outcome outcome = Outcome::info;
  std::string why;  ///< empty if it is ok
};

/// Of an exchange without a whole answer: `fail` if nothing can have reached the server, else `info`.
Judged judge_failure(const Exchange& exchange);

/// Why there is no whole answer. One reason has one wording, so that a report can count it.
std::string failure_text(const Exchange& exchange);

bool is_success(long status);

/// `the answer is 503: the beginning of the body`, of what may be shown of it (empty: everything may).
std::string status_text(const Answer& answer, const Redact& redact = {});

/// What became of the connection.
afterwrite::Connection connection_after(const Exchange& exchange);

}  // namespace afterwrite::http
