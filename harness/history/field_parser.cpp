#include "harness/history/field_parser.hpp"

#include <cmath>

#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

using Element = simdjson::dom::element;
using simdjson::dom::element_type;

std::string kind_of(const Element& element) {
  switch (element.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::INT64:
    case element_type::UINT64:
      return "an integer";
    case element_type::DOUBLE:
      return "a number with a fraction or an exponent";
    case element_type::STRING:
      return fmt::format("the string \"{}\"", visible_text(std::string_view(element), 40));
    case element_type::BOOL:
      return bool(element) ? "true" : "false";
    case element_type::NULL_VALUE:
      return "null";
  }
  return "something else";
}

[[noreturn]] void mistyped(std::string_view name, const Element& element, std::string_view wanted) {
  bad_field(name, fmt::format("is {}; write {}", kind_of(element), wanted));
}

Scalar parse_scalar(std::string_view name, const Element& element, std::string_view wanted) {
  if (element.is_string()) return std::string(std::string_view(element));
  if (element.is_int64() || element.is_uint64()) return parse_integer(name, element);
  mistyped(name, element, wanted);
}

}  // namespace

void bad_field(std::string_view name, const std::string& message) {
  throw BadLine(fmt::format("field '{}': {}", name, message));
}

std::string parse_text(std::string_view name, const Element& element) {
  if (!element.is_string()) mistyped(name, element, "a string");
  return std::string(std::string_view(element));
}

std::int64_t parse_integer(std::string_view name, const Element& element) {
  if (element.is_int64()) return std::int64_t(element);
  if (element.is_uint64()) {
    bad_field(name,
              fmt::format("is {}, which does not fit; write an integer of 64 bits with sign", std::uint64_t(element)));
  }
  mistyped(name, element, "an integer");
}

std::uint64_t parse_count(std::string_view name, const Element& element) {
  if (element.is_uint64()) return std::uint64_t(element);
  const std::int64_t number = parse_integer(name, element);
  if (number < 0) bad_field(name, fmt::format("is {}; write an integer from 0", number));
  return static_cast<std::uint64_t>(number);
}

std::int64_t parse_time(std::string_view name, const Element& element) {
  const std::int64_t time = parse_integer(name, element);
  if (time < 0) bad_field(name, fmt::format("is {}; write nanoseconds of a monotonic clock, from 0", time));
  return time;
}

double parse_milliseconds(std::string_view name, const Element& element) {
  if (!element.is_number()) mistyped(name, element, "milliseconds as a number");
  const double number = double(element);
  if (!std::isfinite(number) || number < 0) {
    bad_field(name, fmt::format("is {}; write milliseconds from 0", number));
  }
  return number;
}

bool parse_flag(std::string_view name, const Element& element) {
  if (!element.is_bool()) mistyped(name, element, "true or false");
  return bool(element);
}

std::vector<std::string> parse_texts(std::string_view name, const Element& element) {
  constexpr std::string_view wanted = "an array of strings";
  if (!element.is_array()) mistyped(name, element, wanted);
  std::vector<std::string> texts;
  for (const Element item : simdjson::dom::array(element)) {
    if (!item.is_string()) bad_field(name, fmt::format("holds {}; write {}", kind_of(item), wanted));
    texts.emplace_back(std::string_view(item));
  }
  return texts;
}

std::map<std::string, std::string> parse_labels(std::string_view name, const Element& element) {
  constexpr std::string_view wanted = "an object of strings";
  if (!element.is_object()) mistyped(name, element, wanted);
  std::map<std::string, std::string> labels;
  for (const auto& [label, value] : simdjson::dom::object(element)) {
    if (!value.is_string()) {
      bad_field(name, fmt::format("has {} for '{}'; write {}", kind_of(value), visible_text(label), wanted));
    }
    labels[std::string(label)] = std::string_view(value);
  }
  return labels;
}

nlohmann::json parse_object(std::string_view name, const Element& element) {
  if (!element.is_object()) mistyped(name, element, "an object");
  return nlohmann::json::parse(simdjson::minify(element));
}

Value parse_value(std::string_view name, const Element& element) {
  constexpr std::string_view wanted = "null, a string, an integer, or an array of strings and integers";
  if (element.is_null()) return {};
  if (!element.is_array()) return to_value(parse_scalar(name, element, wanted));
  List list;
  for (const Element item : simdjson::dom::array(element)) {
    if (item.is_null()) bad_field(name, fmt::format("holds null; write {}", wanted));
    list.push_back(parse_scalar(name, item, wanted));
  }
  return list;
}

}  // namespace afterwrite
