#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "harness/history/history.hpp"

namespace afterwrite {

/// A history that cannot be read. what() names file, line, field and what to do, ready to be shown.
class BadHistory : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads a whole history (docs/history-format.md). A last line that was cut off in mid-write is left out and
/// noted, a missing footer sets `truncated`. Every other fault throws BadHistory: a line that is not JSON, a missing
/// or mistyped field, `complete` before `invoke`, lines out of order of completion, a line above `max_line_bytes`.
/// May be called from any thread; shares nothing.
History read_history(const std::filesystem::path& file);

/// The same from memory; `name` stands for the file in messages.
History read_history_text(std::string_view text, const std::string& name);

/// Longest line that is accepted, in bytes.
inline constexpr std::size_t max_line_bytes = 16U << 20U;

}  // namespace afterwrite
