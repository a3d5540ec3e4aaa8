#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/judge.hpp"

namespace afterwrite {

/// A row of the table of guarantees: what `afterwrite list guarantees` prints.
struct GuaranteeKind {
  std::string_view name;
  std::string_view summary;
};
const std::vector<GuaranteeKind>& guarantee_kinds();

/// The rows that these names ask for: each of them, and, where both read-your-writes and monotonic-reads are named, the two
/// jointly; where all four are named, coherence too. Throws UsageError with the nearest known name.
std::vector<Guarantees> asked_guarantees(const std::vector<std::string>& names);

/// `session`, `user` or `process`, several with commas. Throws UsageError.
std::vector<Scope> asked_scopes(const std::string& names);

/// `writer-order,one-clock` or `none`. Throws UsageError.
Assumptions asked_assumptions(const std::string& names);

/// What is wrong with a flag's value that may not be empty; nothing if it is not. A check for CLI11.
std::string not_empty(const std::string& value);

/// A number of things, as flags give it: digits alone. Throws UsageError naming `flag`.
std::uint64_t whole_number(const std::string& text, std::string_view flag);

}  // namespace afterwrite
