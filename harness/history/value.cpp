#include "harness/history/value.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

/// True if the bare string could be taken for something else: an integer, `nothing`, a list, or no string at all.
bool needs_quotes(std::string_view text) {
  if (text.empty() || text == "nothing" || text.front() == ' ' || text.back() == ' ') return true;
  if (text.find_first_of("[],\"") != std::string_view::npos) return true;
  const std::string_view digits = text.front() == '-' ? text.substr(1) : text;
  return !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

std::string display_string(std::string_view text, std::size_t limit) {
  if (!needs_quotes(text)) return visible_text(text, limit);
  std::string quoted = "\"";
  for (const char c : visible_text(text, limit > 2 ? limit - 2 : 0)) {
    if (c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

/// A list that is too long keeps its end: what was appended last is what people look for.
std::string display_list(const List& list, std::size_t limit) {
  std::string shown = "]";  // from its end
  std::string shortened;    // the longest that fits with a word on what it leaves out
  for (std::size_t left = list.size(); left > 0; --left) {
    const std::string omitted = fmt::format("[\u2026 {} {}", left, shown.size() == 1 ? "elements" : "earlier, ");
    if (shortened.empty() || omitted.size() + shown.size() <= limit) shortened = omitted + shown;
    shown.insert(0, display(list[left - 1], limit / 2) + (shown.size() == 1 ? "" : ", "));
    if (shown.size() >= limit) return shortened;
  }
  return '[' + shown;
}

}  // namespace

Value to_value(const Scalar& scalar) {
  return std::visit([](const auto& held) { return Value(held); }, scalar);
}

Scalar to_scalar(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  return std::get<std::string>(value);
}

std::string display(const Scalar& scalar, std::size_t limit) {
  if (const auto* number = std::get_if<std::int64_t>(&scalar)) return fmt::format("{}", *number);
  return display_string(std::get<std::string>(scalar), limit);
}

std::string display(const Value& value, std::size_t limit) {
  if (is_null(value)) return "nothing";
  if (const auto* list = std::get_if<List>(&value)) return display_list(*list, limit);
  return display(to_scalar(value), limit);
}

}  // namespace afterwrite
