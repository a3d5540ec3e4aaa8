#pragma once

#include <string>

#include "adapters/http/description.hpp"
#include "harness/session/client.hpp"

namespace afterwrite::http {

/// What an exchange says of the operation, and why in words, of which nothing is escaped. The table of docs/http.md.
struct Judged {
  Outcome outcome = Outcome::info;
  std::string why;  ///< empty if it is ok
};

/// Of a write: `ok` if acknowledged, `fail` if certainly nothing was written, else `info`.
Judged judge_write(const Exchange& exchange, const WriteAction& action, const Redact& redact);

/// Of a read: `ok` if the answer can be looked into for a value (or its status says that nothing is there), `fail` if
/// it cannot, `info` without an answer.
Judged judge_read(const Exchange& exchange, const ReadAction& action, const Redact& redact);

/// Why there is no whole answer.
std::string failure_text(const Exchange& exchange);

/// Of an exchange without a whole answer.
Judged judge_failure(const Exchange& exchange);

bool is_success(long status);

/// `503: the beginning of the body`, of what may be shown of it.
std::string status_text(const Answer& answer, const Redact& redact);

/// What became of the connection.
afterwrite::Connection connection_after(const Exchange& exchange);

}  // namespace afterwrite::http
