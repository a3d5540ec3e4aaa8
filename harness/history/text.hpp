#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace afterwrite {

/// `text` with every byte that is not valid UTF-8 replaced by U+FFFD. Any thread may call.
std::string valid_utf8(std::string_view text);

/// `text` as one line for people's eyes: control characters, direction marks and other invisible characters become
/// escapes (`\n`, `\u202e`), invalid UTF-8 becomes U+FFFD, and what is longer than `limit` bytes ends in an ellipsis
/// that counts into the limit. Safe to print on a terminal whatever a system answered. Any thread may call.
std::string visible_text(std::string_view text, std::size_t limit = 60);

/// The same, but backslashes stay as they are: for commands, which are copied.
std::string visible_command(std::string_view command, std::size_t limit = 4000);

/// Valid JSON with every character that visible_text() would escape as an escape of JSON: it says the same, and shows as it
/// is. Any thread may call.
std::string visible_json(std::string_view json);

/// The beginning of `text` that fits into `limit` bytes, as valid UTF-8 and ending in an ellipsis where something is left out.
/// Nothing is escaped: for reasons, which are escaped once, by who shows them. Any thread may call.
std::string shortened_text(std::string_view text, std::size_t limit = 60);

/// `1 read`, `2 reads`. Any thread may call.
std::string counted(std::uint64_t count, std::string_view what);

}  // namespace afterwrite
