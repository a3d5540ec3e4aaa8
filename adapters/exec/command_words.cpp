#include <fmt/format.h>

#include "adapters/exec/exec.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::exec {

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && (c == ' ' || c == '\t' || c == '\n')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < text.size();
    if (escapes) {
      words.back().push_back(text[++i]);
    } else if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else {
      words.back().push_back(c);
    }
  }
  if (quote != '\0') throw UsageError(fmt::format("exec:{}: the quote {} is not closed", text, quote));
  if (words.empty() || words.front().empty()) {
    throw UsageError("exec: names no command; write exec:./my_adapter, or exec:'python3 my_adapter.py'");
  }
  return words;
}

}  // namespace afterwrite::exec
