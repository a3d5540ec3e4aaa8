#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace afterwrite {

/// One written value: a string or an integer. The two never compare equal: a system that was given `7` and
/// answers `"7"` has changed it.
using Scalar = std::variant<std::int64_t, std::string>;

/// The elements of a list, oldest first.
using List = std::vector<Scalar>;

/// What a write carries and a read returns: nothing there (`std::monostate`, JSON null), one scalar, or a
/// list. Immutable once recorded; owned by the operation that holds it.
using Value = std::variant<std::monostate, std::int64_t, std::string, List>;

inline bool is_null(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}
inline bool is_list(const Value& value) {
  return std::holds_alternative<List>(value);
}

/// The value that holds exactly this scalar.
Value to_value(const Scalar& scalar);

/// The scalar that `value` holds. Throws std::bad_variant_access for null and for a list.
Scalar to_scalar(const Value& value);

/// How people see it: `s0-1`, `7`, `nothing`, `[a, b]`; a string that could be taken for something else is quoted.
/// Longer than `limit` bytes is shortened with an ellipsis (never inside a UTF-8 sequence; a list keeps its end),
/// control characters are shown as escapes.
std::string display(const Value& value, std::size_t limit = 60);
std::string display(const Scalar& scalar, std::size_t limit = 60);

}  // namespace afterwrite
