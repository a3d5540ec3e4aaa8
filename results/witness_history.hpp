#pragma once

#include <optional>
#include <string>

#include "checkers/judge.hpp"

namespace afterwrite {

/// The text of a history.jsonl that shows one violation and nothing that could be left out: check it, and it says the
/// same of the same guarantee, session, key and operations. Its header asks for the row's guarantees, scope, group and
/// assumptions, so that no flag is needed, and says under `witness` what it was cut from; each operation bears the line
/// it came from as `source_line`.
///
/// `violation` is an entry of `row`, found by judge(history, asked). Nothing if it cannot be found again that way. Any
/// thread may call.
std::optional<std::string> witness_history(const History& history, const Question& asked, const Row& row,
                                           const Violation& violation);

}  // namespace afterwrite
