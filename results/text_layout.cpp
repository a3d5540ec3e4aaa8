#include "results/text_layout.hpp"

#include <algorithm>

namespace afterwrite {
namespace {

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::heading:
      return "\x1b[1m";
    case Tone::good:
      return "\x1b[1;32m";
    case Tone::bad:
      return "\x1b[1;31m";
    case Tone::doubtful:
      return "\x1b[1;33m";
  }
  return "";
}

/// Where the first word ends. A command in backticks is one, for it is copied.
std::size_t end_of_word(std::string_view text) {
  const std::size_t closed = text.starts_with("`afterwrite ") ? text.find('`', 1) : std::string_view::npos;
  return text.find(' ', closed == std::string_view::npos ? 0 : closed);
}

/// The next word, with the unit that may follow a number.
std::string_view next_word(std::string_view text) {
  const std::size_t space = end_of_word(text);
  if (space == std::string_view::npos || space == 0 || text[space - 1] < '0' || text[space - 1] > '9') {
    return text.substr(0, space);
  }
  const std::string_view following = text.substr(space + 1, text.find(' ', space + 1) - space - 1);
  const std::string_view unit = following.substr(0, following.find_last_not_of(",;:.)") + 1);
  const bool is_unit = unit == "%" || unit == "ms" || unit == "s";
  return text.substr(0, is_unit ? space + 1 + following.size() : space);
}

}  // namespace

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // not a continuation byte
  }));
}

std::string TextLayout::toned(std::string_view text, Tone tone) const {
  if (!colour_ || tone == Tone::plain) return std::string(text);
  return std::string(escape_of(tone)).append(text).append("\x1b[0m");
}

void TextLayout::heading(std::string_view text) {
  empty_line();
  TextLayout wrapped(false, wrapped_at_);
  wrapped.item("", text);
  std::string_view rest = wrapped.text();
  for (; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
    line(toned(rest.substr(0, rest.find('\n')), Tone::heading));
}

void TextLayout::item(std::string_view label, std::string_view text, Tone label_tone) {
  const std::size_t indent = width(label);
  text_ += toned(label, label_tone);
  std::size_t column = indent;
  while (true) {
    const std::string_view word = next_word(text);
    if (column > indent && column + 1 + width(word) > wrapped_at_) {
      text_ += '\n';
      text_.append(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      text_ += ' ';
      ++column;
    }
    text_ += word;
    column += width(word);
    if (word.size() == text.size()) break;
    text.remove_prefix(word.size() + 1);
  }
  text_ += '\n';
}

void TextLayout::line(std::string_view text) {
  text_ += text;
  text_ += '\n';
}

void TextLayout::empty_line() {
  text_ += '\n';
}

}  // namespace afterwrite
