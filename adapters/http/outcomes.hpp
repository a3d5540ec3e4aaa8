#pragma once

#include "adapters/http/description.hpp"
#include "harness/http/outcome.hpp"

namespace afterwrite::http {

/// Of a write: `ok` if acknowledged, `fail` if certainly nothing was written, else `info`.
Judged judge_write(const Exchange& exchange, const WriteAction& action, const Redact& redact);

/// Of a read: `ok` if the answer can be looked into for a value (or its status says that nothing is there), `fail` if
/// it cannot, `info` without an answer.
Judged judge_read(const Exchange& exchange, const ReadAction& action, const Redact& redact);

}  // namespace afterwrite::http
