#include "harness/process/log_tail.hpp"

#include <algorithm>
#include <fstream>

namespace afterwrite {

std::string last_lines_of(const std::string& text, std::size_t count) {
  const auto last = text.find_last_not_of('\n');
  if (last == std::string::npos || count == 0) return {};
  auto begin = last + 1;
  for (; count > 0 && begin > 0; --count) {
    const auto newline = begin >= 2 ? text.rfind('\n', begin - 2) : std::string::npos;
    begin = newline == std::string::npos ? 0 : newline + 1;
  }
  return text.substr(begin, last + 1 - begin);
}

std::string last_lines(const std::filesystem::path& file, std::size_t count) {
  constexpr std::streamoff looked_at = 65'536;
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {};
  const std::streamoff size = in.tellg();
  const auto wanted = std::min(size, looked_at);
  std::string text(static_cast<std::size_t>(wanted), '\0');
  in.seekg(size - wanted);
  in.read(text.data(), wanted);
  text.resize(static_cast<std::size_t>(in.gcount()));
  return last_lines_of(text, count);
}

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ';');
  return text;
}

}  // namespace afterwrite
