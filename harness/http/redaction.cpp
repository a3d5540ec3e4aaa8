#include "harness/http/redaction.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace afterwrite::http {
namespace {

// Escapes of escapes of escapes: a body in a message in a log.
constexpr std::size_t most_backslashes = 16;
constexpr int most_percents = 3;

/// Where in the text a part of the secret may end, if it begins at one place: more than a few only in runs of
/// backslashes and percent signs, of which the service could send megabytes.
class Ends {
 public:
  Ends() = default;
  explicit Ends(std::size_t first) : ends_{first}, count_(1) {}
  void add(std::size_t end) {
    if (count_ < ends_.size() && std::find(begin(), this->end(), end) == this->end()) ends_[count_++] = end;
  }
  bool empty() const { return count_ == 0; }
  const std::size_t* begin() const { return ends_.data(); }
  const std::size_t* end() const { return ends_.data() + count_; }

 private:
  std::array<std::size_t, 8> ends_{};
  std::size_t count_ = 0;
};

/// The number that `digits` hexadecimal digits at `at` make.
std::optional<std::uint32_t> hex_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  std::uint32_t number = 0;
  const char* const end = text.data() + at + digits;
  const auto [stopped, error] = std::from_chars(text.data() + at, end, number, 16);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

std::size_t backslashes_at(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (count < most_backslashes && at + count < text.size() && text[at + count] == '\\')
    ++count;
  return count;
}

/// `%2f`, `%2F`, `%252F`; a blank as `+`.
void add_in_url(std::string_view text, std::size_t at, unsigned char byte, Ends& ends) {
  if (byte == ' ' && text[at] == '+') ends.add(at + 1);
  if (text[at] != '%') return;
  std::size_t digits = at + 1;
  for (int level = 0; level < most_percents; ++level, digits += 2) {
    if (hex_at(text, digits, 2) == byte) ends.add(digits + 2);
    if (text.substr(digits, 2) != "25") return;
  }
}

/// `\"`, `\n`, `\x1f`; with more backslashes where it was escaped more often.
void add_after_backslashes(std::string_view text, std::size_t at, char byte, Ends& ends) {
  const std::size_t count = backslashes_at(text, at);
  if (count == 0) return;
  if (byte == '\\') {
    for (std::size_t escaped = 2; escaped <= count; escaped *= 2)
      ends.add(at + escaped);
    return;
  }
  const std::size_t after = at + count;
  if (after >= text.size()) return;
  constexpr std::string_view themselves = "\"'/";
  constexpr std::string_view controls = "\n\r\t\b\f";
  constexpr std::string_view letters = "nrtbf";
  if (themselves.find(byte) != std::string_view::npos && text[after] == byte) ends.add(after + 1);
  if (const auto control = controls.find(byte); control != std::string_view::npos && text[after] == letters[control])
    ends.add(after + 1);
  if (text[after] == 'x' && hex_at(text, after + 1, 2) == static_cast<unsigned char>(byte)) ends.add(after + 3);
}

/// `&amp;`, `&#38;`, `&#x26;`.
void add_in_html(std::string_view text, std::size_t at, char byte, Ends& ends) {
  if (text[at] != '&') return;
  const std::string_view rest = text.substr(at);
  static constexpr std::array<std::pair<char, std::string_view>, 5> names{
      {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}}};
  for (const auto& [character, name] : names) {
    if (character == byte && rest.starts_with(name)) ends.add(at + name.size());
  }
  const std::size_t semicolon = rest.substr(0, 8).find(';');
  if (semicolon == std::string_view::npos || !rest.starts_with("&#")) return;
  const bool in_hex = rest.size() > 2 && (rest[2] == 'x' || rest[2] == 'X');
  const char* const from = rest.data() + (in_hex ? 3 : 2);
  unsigned number = 0;
  const auto [stopped, error] = std::from_chars(from, rest.data() + semicolon, number, in_hex ? 16 : 10);
  if (error == std::errc{} && stopped == rest.data() + semicolon && number == static_cast<unsigned char>(byte))
    ends.add(at + semicolon + 1);
}

void add_byte(std::string_view text, std::size_t at, char byte, Ends& ends) {
  if (at >= text.size()) return;
  if (text[at] == byte) ends.add(at + 1);
  add_in_url(text, at, static_cast<unsigned char>(byte), ends);
  add_after_backslashes(text, at, byte, ends);
  add_in_html(text, at, byte, ends);
}

/// What one character of a secret may be written as: its bytes, and `\u00e9` or a pair of those.
struct Character {
  std::string_view bytes;
  std::array<std::uint32_t, 2> units{};
  std::size_t count = 0;  // of units; none for what is no UTF-8
};

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC0 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF8 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) return {text.substr(0, 1), {}, 0};
  std::uint32_t number = length == 1 ? lead : lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return {text.substr(0, 1), {}, 0};
    number = (number << 6U) | (byte & 0x3FU);
  }
  if (number < 0x10000) return {text.substr(0, length), {number, 0}, 1};
  number -= 0x10000;
  return {text.substr(0, length), {0xD800 + (number >> 10U), 0xDC00 + (number & 0x3FFU)}, 2};
}

void add_as_units(std::string_view text, std::size_t at, const Character& character, Ends& ends) {
  for (std::size_t unit = 0; unit < character.count; ++unit) {
    const std::size_t count = backslashes_at(text, at);
    at += count;
    if (count == 0 || at >= text.size() || text[at] != 'u' || hex_at(text, at + 1, 4) != character.units[unit]) return;
    at += 5;
  }
  if (character.count > 0) ends.add(at);
}

/// Where the secret ends, in the longest of the forms in which it stands at `at`; nothing if it does not.
std::optional<std::size_t> end_of(std::string_view secret, std::string_view text, std::size_t at) {
  Ends now(at);
  while (!secret.empty() && !now.empty()) {
    const Character character = first_character(secret);
    Ends whole;
    for (const std::size_t from : now)
      add_as_units(text, from, character, whole);
    for (const char byte : character.bytes) {
      Ends next;
      for (const std::size_t from : now)
        add_byte(text, from, byte, next);
      now = next;
    }
    for (const std::size_t end : whole)
      now.add(end);
    secret.remove_prefix(character.bytes.size());
  }
  if (now.empty()) return std::nullopt;
  return *std::max_element(now.begin(), now.end());
}

bool may_begin(std::string_view secret, char with) {
  return !secret.empty() && (secret.front() == with || std::string_view("%+\\&").find(with) != std::string_view::npos);
}

/// The end of what stands in the place of a secret already.
std::optional<std::size_t> replaced_before(std::string_view text, std::size_t at, const std::vector<Secret>& secrets) {
  if (text[at] != '{') return std::nullopt;
  for (const Secret& secret : secrets) {
    if (secret.shown.starts_with('{') && text.substr(at).starts_with(secret.shown)) return at + secret.shown.size();
  }
  return std::nullopt;
}

}  // namespace

std::string redacted(std::string_view text, const std::vector<Secret>& secrets) {
  if (secrets.empty()) return std::string(text);
  std::string result;
  result.reserve(text.size());
  std::size_t hidden_until = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at >= hidden_until) {
      if (const auto end = replaced_before(text, at, secrets)) {
        result += text.substr(at, *end - at);
        at = *end - 1;
        continue;
      }
    }
    const Secret* longest = nullptr;
    std::size_t longest_end = at;
    for (const Secret& secret : secrets) {
      if (!may_begin(secret.text, text[at])) continue;
      const auto end = end_of(secret.text, text, at);
      if (!end || *end <= longest_end) continue;
      longest = &secret;
      longest_end = *end;
    }
    if (longest != nullptr && at >= hidden_until) result += longest->shown;
    hidden_until = std::max(hidden_until, longest_end);
    if (at >= hidden_until) result += text[at];
  }
  return result;
}

}  // namespace afterwrite::http
