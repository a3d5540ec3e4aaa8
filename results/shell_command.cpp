#include "results/shell_command.hpp"

#include <algorithm>
#include <cctype>

#include "harness/history/text.hpp"

namespace afterwrite {

std::string shell_word(std::string_view word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](unsigned char c) {
    constexpr std::string_view harmless = "/._-+=:,@%";
    return c < 0x80 && (std::isalnum(c) != 0 || harmless.find(static_cast<char>(c)) != std::string_view::npos);
  });
  // zsh takes a word that begins with an equals sign for the path of a command.
  if (plain && !word.empty() && word.front() != '=') return std::string(word);
  std::string quoted = "'";
  for (const char c : word)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string shell_command(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words)
    line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

std::string file_argument(const std::string& file) {
  return file.starts_with('-') && file != "-" ? "./" + file : file;
}

std::string if_copyable(std::string command) {
  constexpr std::size_t most_bytes = 10'000;  // a path has 4096 at most
  return command.size() <= most_bytes && visible_command(command, command.size()) == command ? command : "";
}

}  // namespace afterwrite
