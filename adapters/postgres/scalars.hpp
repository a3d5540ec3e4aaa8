#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/history/value.hpp"

// How values stand in the table: text behind one letter, `s` for a string and `i` for an integer, so that `7` and `"7"`
// come back as what they were.
namespace afterwrite::postgres {

/// Nothing for what PostgreSQL's text cannot hold: a zero byte.
std::optional<std::string> encode(const Scalar& scalar);

/// Nothing for text that encode() did not write.
std::optional<Scalar> decode(std::string_view text);

/// The elements of a list, from a JSON array of encoded texts (as `to_json(elements)` gives it); nothing if it is not
/// one.
std::optional<List> decode_list(std::string_view json);

}  // namespace afterwrite::postgres
