#include "harness/session/duration.hpp"

#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <optional>

#include "harness/session/errors.hpp"

namespace afterwrite {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// From the longest to the shortest.
constexpr std::array<Unit, 6> units{{{"h", 3'600'000'000'000},
                                     {"m", 60'000'000'000},
                                     {"s", 1'000'000'000},
                                     {"ms", 1'000'000},
                                     {"us", 1'000},
                                     {"ns", 1}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digits_from(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && is_digit(text[end]))
    ++end;
  return end;
}

// value * factor + added, unless it overflows.
std::optional<std::int64_t> scaled(std::int64_t value, std::int64_t factor, std::int64_t added) {
  std::int64_t product = 0;
  std::int64_t sum = 0;
  if (__builtin_mul_overflow(value, factor, &product) || __builtin_add_overflow(product, added, &sum)) {
    return std::nullopt;
  }
  return sum;
}

[[noreturn]] void refuse(std::string_view text, std::string_view what, std::string_view why) {
  throw UsageError(
      fmt::format("{}: '{}' {}; write a number and a unit, such as 500ms, 2s, 1.5s or 3m "
                  "(units: ns, us, ms, s, m, h)",
                  what, text, why));
}

}  // namespace

// Integers throughout: a duration that was asked for must be the one that is used and reported, so nothing is rounded.
Duration parse_duration(std::string_view text, std::string_view what) {
  if (text == "0") return Duration{0};
  if (!text.empty() && text.front() == '-') refuse(text, what, "is negative");
  const std::size_t whole_end = digits_from(text, 0);
  if (whole_end == 0) refuse(text, what, "is no duration");
  std::size_t number_end = whole_end;
  std::string_view fraction;
  if (whole_end < text.size() && text[whole_end] == '.') {
    number_end = digits_from(text, whole_end + 1);
    fraction = text.substr(whole_end + 1, number_end - whole_end - 1);
    if (fraction.empty()) refuse(text, what, "is no duration");
  }
  const std::string_view unit_name = text.substr(number_end);
  if (unit_name.empty()) refuse(text, what, "has no unit");
  std::int64_t unit = 0;
  for (const Unit& known : units) {
    if (known.name == unit_name) unit = known.nanoseconds;
  }
  if (unit == 0) refuse(text, what, "is no duration");

  std::optional<std::int64_t> value = 0;
  for (const char c : text.substr(0, whole_end)) {
    if (value) value = scaled(*value, 10, c - '0');
  }
  if (value) value = scaled(*value, unit, 0);
  // Each digit is worth a tenth of the one before. Minutes and hours go through tenths exactly too, down to where a
  // digit would be worth a part of a nanosecond.
  std::int64_t rest = unit;
  for (const char c : fraction) {
    if (rest % 10 != 0) {
      if (c != '0') refuse(text, what, "is finer than a nanosecond");
      continue;
    }
    rest /= 10;
    if (value) value = scaled(c - '0', rest, *value);
  }
  if (!value) refuse(text, what, "is too long (at most about 292 years)");
  return Duration{*value};
}

std::string format_duration(Duration duration) {
  if (duration.count() == 0) return "0";
  const bool negative = duration.count() < 0;
  // Unsigned, so that the most negative duration has a magnitude too.
  const std::uint64_t magnitude =
      negative ? 0 - static_cast<std::uint64_t>(duration.count()) : static_cast<std::uint64_t>(duration.count());
  for (const Unit& unit : units) {
    const auto size = static_cast<std::uint64_t>(unit.nanoseconds);
    if (magnitude < size) continue;
    const bool decimal = size <= 1'000'000'000;
    const std::uint64_t rest = magnitude % size;
    if (rest != 0 && !decimal) continue;  // `90s`, not `1.5m`
    std::string number = fmt::format("{}", magnitude / size);
    if (rest != 0) {
      const std::size_t width = fmt::formatted_size("{}", size) - 1;
      std::string fraction = fmt::format("{:0{}}", rest, width);
      fraction.erase(fraction.find_last_not_of('0') + 1);
      number += "." + fraction;
    }
    return fmt::format("{}{}{}", negative ? "-" : "", number, unit.name);
  }
  return "0";  // not reached: every magnitude above 0 is at least one nanosecond
}

}  // namespace afterwrite
