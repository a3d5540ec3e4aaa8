#include "adapters/http/extraction.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "harness/history/text.hpp"

namespace afterwrite::http {
namespace {

using Json = nlohmann::json;

constexpr std::size_t shown_bytes = 80;

// Histories hold strings and whole numbers. Anything else was not written by the run in this form.
std::optional<Scalar> scalar_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  const bool too_large = json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{INT64_MAX};
  if (json.is_number_integer() && !too_large) return json.get<std::int64_t>();
  return std::nullopt;
}

Found<Value> list_of(const Answered& answered, const Json& json, const ValueForm& form) {
  if (!json.is_array())
    return {{},
            fmt::format("the value is no array, and this workload's keys hold lists: {}", answered.shown_json(json))};
  List list;
  list.reserve(json.size());
  for (const Json& element : json) {
    const Json* part = &element;
    if (form.each) {
      if (!element.contains(*form.each))
        return {{}, fmt::format("an element has no {}: {}", form.each->to_string(), answered.shown_json(element))};
      part = &element.at(*form.each);
    }
    auto scalar = scalar_of(*part);
    if (!scalar)
      return {{}, fmt::format("an element is neither a text nor a whole number: {}", answered.shown_json(*part))};
    list.push_back(std::move(*scalar));
  }
  return {Value(std::move(list)), {}};
}

}  // namespace

std::string Answered::shown(std::string_view text) const {
  return shortened_text(redact_(text), shown_bytes);
}

std::string Answered::shown_json(const Json& json) const {
  return shown(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string Answered::kind_of_body() const {
  if (answer_.body.empty()) return "the body is empty";
  if (!body_.problem.empty())
    return fmt::format("the body {}, and is not read: {}", body_.problem, shown(answer_.body));
  const auto encoding = answer_.header("Content-Encoding");
  if (encoding && !encoding->empty() && *encoding != "identity") {
    return fmt::format("the body is no JSON but compressed (Content-Encoding: {}), though no compression was asked for",
                       shown(*encoding));
  }
  return fmt::format("the body is no JSON ({}): {}", shown(answer_.header("Content-Type").value_or("no Content-Type")),
                     shown(answer_.body));
}

Found<Json> Answered::find(const Extraction& extraction) {
  if (!extraction.header.empty()) {
    const auto header = answer_.header(extraction.header);
    if (!header) return {{}, fmt::format("the answer has no header {}", extraction.header)};
    return {Json(std::string(*header)), {}};
  }
  if (!extraction.pointer) {
    std::string text = answer_.body;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
      text.pop_back();
    return {Json(std::move(text)), {}};
  }
  if (!parsed_) {
    body_ = parse_bounded_json(answer_.body);
    parsed_ = true;
  }
  if (!body_.good()) return {{}, kind_of_body()};
  if (!body_.json.contains(*extraction.pointer)) {
    return {{}, fmt::format("the body has no {}: {}", extraction.pointer->to_string(), shown_json(body_.json))};
  }
  return {body_.json.at(*extraction.pointer), {}};
}

Found<Value> value_of(Answered& answered, const ValueForm& form, bool list) {
  const Found<Json> found = answered.find(form.where);
  if (!found.what) return {{}, found.problem};
  const Json& json = *found.what;
  if (std::find(form.nothing.begin(), form.nothing.end(), json) != form.nothing.end()) return {Value{}, {}};
  if (json.is_null()) {
    return {{}, "the value is null; if that says 'nothing there', add null to 'absent'"};
  }
  if (list) return list_of(answered, json, form);
  const auto scalar = scalar_of(json);
  if (!scalar)
    return {{}, fmt::format("the value is neither a text nor a whole number: {}", answered.shown_json(json))};
  return {to_value(*scalar), {}};
}

Found<std::string> text_in(Answered& answered, const Extraction& extraction) {
  const Found<Json> found = answered.find(extraction);
  if (!found.what) return {{}, found.problem};
  const auto scalar = scalar_of(*found.what);
  if (!scalar)
    return {{}, fmt::format("it is neither a text nor a whole number: {}", answered.shown_json(*found.what))};
  if (const auto* number = std::get_if<std::int64_t>(&*scalar)) return {std::to_string(*number), {}};
  const auto& text = std::get<std::string>(*scalar);
  if (text.empty()) return {{}, "it is empty"};
  return {text, {}};
}

Found<std::int64_t> number_in(Answered& answered, const Extraction& extraction) {
  const Found<std::string> text = text_in(answered, extraction);
  if (!text.what) return {{}, text.problem};
  std::int64_t number = 0;
  const char* end = text.what->data() + text.what->size();
  const auto [stopped, error] = std::from_chars(text.what->data(), end, number);
  if (error != std::errc{} || stopped != end)
    return {{}, fmt::format("it is no whole number: {}", answered.shown(*text.what))};
  return {number, {}};
}

}  // namespace afterwrite::http
