#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace afterwrite {

/// The last `count` lines of a text, without a newline at the end.
std::string last_lines_of(const std::string& text, std::size_t count);

/// The same of a file, for messages: at most its last 64 KiB are looked at. Empty if it cannot be read. Any thread may
/// call.
std::string last_lines(const std::filesystem::path& file, std::size_t count);

/// Lines one after the other, for messages.
std::string on_one_line(std::string text);

}  // namespace afterwrite
