#pragma once

#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

#include "harness/history/line_splitter.hpp"
#include "harness/history/value.hpp"

namespace afterwrite {

/// Throws BadLine: `field 'NAME': MESSAGE`, where the message says what is wrong and what to do.
[[noreturn]] void bad_field(std::string_view name, const std::string& message);

// Each takes one field's value as exactly the type in its name, or throws BadLine that names the field.
std::string parse_text(std::string_view name, const simdjson::dom::element& element);
std::int64_t parse_integer(std::string_view name, const simdjson::dom::element& element);
std::uint64_t parse_count(std::string_view name, const simdjson::dom::element& element);
/// A point on the run's clock: an integer that is not negative.
std::int64_t parse_time(std::string_view name, const simdjson::dom::element& element);
/// A length of time in milliseconds: a finite number that is not negative.
double parse_milliseconds(std::string_view name, const simdjson::dom::element& element);
bool parse_flag(std::string_view name, const simdjson::dom::element& element);
std::vector<std::string> parse_texts(std::string_view name, const simdjson::dom::element& element);
std::map<std::string, std::string> parse_labels(std::string_view name, const simdjson::dom::element& element);
nlohmann::json parse_object(std::string_view name, const simdjson::dom::element& element);
/// Null, a string, an integer, or an array of strings and integers.
Value parse_value(std::string_view name, const simdjson::dom::element& element);

/// One field that a kind of line knows, and where it goes.
template <typename Target>
struct Field {
  std::string_view name;
  bool required;
  void (*set)(Target& target, std::string_view name, const simdjson::dom::element& element);
};

/// Reads every known field of a line. Others are ignored, and an optional one that is null counts as left out.
/// Throws BadLine for a required field that is missing, a known one that comes twice, and what `set` throws.
template <typename Target, std::size_t size>
void parse_fields(const simdjson::dom::object& line, const std::array<Field<Target>, size>& fields, Target& target) {
  std::array<bool, size> seen{};
  std::size_t expected = 0;  // programs write the same order in each line, so the next one is mostly the next
  for (const auto& [name, element] : line) {
    for (std::size_t step = 0; step < size; ++step) {
      const std::size_t at = (expected + step) % size;
      const Field<Target>& field = fields[at];
      if (field.name != name) continue;
      if (seen[at]) bad_field(name, "comes twice in this line; leave one of them out");
      seen[at] = true;
      expected = at + 1;
      if (field.required || !element.is_null()) field.set(target, name, element);
      break;
    }
  }
  for (std::size_t at = 0; at < size; ++at) {
    if (fields[at].required && !seen[at]) {
      std::string needed;
      for (const Field<Target>& field : fields) {
        if (field.required) needed += fmt::format("{}{}", needed.empty() ? "" : ", ", field.name);
      }
      bad_field(fields[at].name, fmt::format("is missing; write all of {}", needed));
    }
  }
}

}  // namespace afterwrite
