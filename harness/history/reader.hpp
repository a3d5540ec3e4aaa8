#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/history/bad_history.hpp"
#include "harness/history/formats/format.hpp"
#include "harness/history/history.hpp"
#include "harness/history/line_limit.hpp"

namespace afterwrite {

/// Reads a whole history: a file of any format of `format_kinds()`, plain or packed with gzip or zstd; `-` is standard
/// input. A last line that was cut off in mid-write is left out and noted, what shows that the recording ended early
/// sets `truncated`. Every other fault throws BadHistory: no such format, a missing or mistyped field, `complete`
/// before `invoke`, operations out of order, a line above `max_line_bytes`. Memory grows with the operations, not with
/// what stands between them. May be called from any thread; shares nothing.
History read_history(const std::filesystem::path& file, const ReadOptions& options = {});

/// The same from memory; `name` stands for the file in messages.
History read_history_text(std::string_view text, const std::string& name, const ReadOptions& options = {});

}  // namespace afterwrite
