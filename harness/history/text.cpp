#include "harness/history/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

namespace afterwrite {
namespace {

constexpr std::string_view ellipsis = "\u2026";

/// One code point of valid UTF-8: its bytes and its number.
struct CodePoint {
  std::string_view bytes;
  char32_t number = 0;
};

CodePoint first_code_point(std::string_view valid) {
  const auto lead = static_cast<unsigned char>(valid.front());
  if (lead < 0x80) return {valid.substr(0, 1), lead};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t number = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    number = (number << 6U) | (static_cast<unsigned char>(valid[i]) & 0x3FU);
  }
  return {valid.substr(0, length), number};
}

/// Code points that a terminal acts on, that hide themselves, or that turn the direction of what follows.
bool is_treacherous(char32_t number) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  static constexpr std::array<Range, 9> ranges{{{0x00, 0x1F},
                                                {0x7F, 0x9F},
                                                {0xAD, 0xAD},
                                                {0x61C, 0x61C},
                                                {0x200B, 0x200F},
                                                {0x2028, 0x202E},
                                                {0x2060, 0x206F},
                                                {0xFEFF, 0xFEFF},
                                                {0xE0000, 0xE007F}}};
  for (const Range& range : ranges) {
    if (number >= range.first && number <= range.last) return true;
  }
  return false;
}

enum class Backslashes { doubled, kept };

void append_visible(std::string& out, const CodePoint& point, Backslashes backslashes) {
  switch (point.number) {
    case U'\n':
      out += "\\n";
      return;
    case U'\r':
      out += "\\r";
      return;
    case U'\t':
      out += "\\t";
      return;
    case U'\\':
      out += backslashes == Backslashes::doubled ? "\\\\" : "\\";
      return;
    default:
      break;
  }
  if (is_treacherous(point.number)) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(point.number));
  } else {
    out += point.bytes;
  }
}

std::string visible(std::string_view text, std::size_t limit, Backslashes backslashes) {
  // No character becomes shorter, so that this much always fills the limit; the rest of a giant is never looked at.
  const bool cut_early = text.size() > limit + 4;
  const std::string valid = valid_utf8(text.substr(0, cut_early ? limit + 4 : text.size()));
  std::string out;
  std::size_t keep = 0;  // where to cut so that the ellipsis still fits
  for (std::string_view rest = valid; !rest.empty();) {
    const CodePoint point = first_code_point(rest);
    rest.remove_prefix(point.bytes.size());
    append_visible(out, point, backslashes);
    if (out.size() > limit) return out.substr(0, keep).append(ellipsis);
    if (out.size() + ellipsis.size() <= limit) keep = out.size();
  }
  return out;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::string(text);
  const std::string replaced = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(replaced).get<std::string>();
}

std::string visible_text(std::string_view text, std::size_t limit) {
  return visible(text, limit, Backslashes::doubled);
}

std::string visible_command(std::string_view command, std::size_t limit) {
  return visible(command, limit, Backslashes::kept);
}

std::string visible_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const CodePoint point = first_code_point(json);
    json.remove_prefix(point.bytes.size());
    constexpr char32_t first_of_two = 0x10000;
    if (point.number < 0x7F || !is_treacherous(point.number)) {
      out += point.bytes;
    } else if (point.number < first_of_two) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(point.number));
    } else {
      const auto above = static_cast<std::uint32_t>(point.number - first_of_two);
      fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", 0xD800U + (above >> 10U), 0xDC00U + (above & 0x3FFU));
    }
  }
  return out;
}

std::string shortened_text(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return valid_utf8(text);
  std::size_t keep = limit - std::min(limit, ellipsis.size());
  // Not in the middle of a character.
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xC0U) == 0x80U)
    --keep;
  return valid_utf8(text.substr(0, keep)).append(ellipsis);
}

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace afterwrite
