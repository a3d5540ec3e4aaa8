#include "adapters/http/template.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/http/connection.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::http {
namespace {

constexpr int deepest = 64;
constexpr std::string_view from_environment = "env:";

bool is_name(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), plain);
}

/// The name in the braces that open at `at`: `key`, `env:TOKEN`; empty if these are plain braces.
std::string_view name_at(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('}', at);
  if (end == std::string_view::npos) return {};
  const std::string_view inside = text.substr(at + 1, end - at - 1);
  const bool variable = inside.starts_with(from_environment);
  return is_name(variable ? inside.substr(from_environment.size()) : inside) ? inside : std::string_view{};
}

}  // namespace

std::string text_of(const Scalar& scalar) {
  if (const auto* number = std::get_if<std::int64_t>(&scalar)) return std::to_string(*number);
  return std::get<std::string>(scalar);
}

Template::Template(std::string_view text, const Reading& reading) {
  const auto add_text = [this](std::string_view more) {
    if (parts_.empty() || parts_.back().kind != Kind::text) parts_.push_back({Kind::text, ""});
    parts_.back().text += more;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t brace = std::min(text.find('{', at), text.size());
    if (brace > at) add_text(text.substr(at, brace - at));
    if (brace == text.size()) return;
    const std::string name(name_at(text, brace));
    if (name.empty()) {
      add_text("{");
      at = brace + 1;
      continue;
    }
    if (name.starts_with(from_environment)) {
      parts_.push_back({Kind::variable, reading.secrets.take(name.substr(from_environment.size()), reading.where)});
    } else if (std::find(reading.places.begin(), reading.places.end(), name) != reading.places.end()) {
      parts_.push_back({Kind::place, name});
    } else {
      throw UsageError(fmt::format("{}: nothing is called {{{}}} here{}", reading.where, name,
                                   known_names_hint(name, reading.places)));
    }
    at = brace + name.size() + 2;
  }
}

std::string Template::plain(const Places& places) const {
  return expand(places, false);
}

std::string Template::in_url(const Places& places) const {
  return expand(places, true);
}

std::string Template::expand(const Places& places, bool in_url) const {
  std::string text;
  for (const Part& part : parts_) {
    if (part.kind == Kind::text) {
      text += part.text;
      continue;
    }
    std::string filled = part.text;
    if (part.kind == Kind::place) {
      const auto found = places.find(part.text);
      filled = found == places.end() ? "" : text_of(found->second);
    }
    text += in_url ? url_encoded(filled) : filled;
  }
  return text;
}

bool Template::has(std::string_view place) const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [&](const Part& part) { return part.kind == Kind::place && part.text == place; });
}

bool Template::constant() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.kind == Kind::text; });
}

std::string_view Template::only_place() const {
  return parts_.size() == 1 && parts_.front().kind == Kind::place ? std::string_view(parts_.front().text)
                                                                  : std::string_view{};
}

JsonTemplate::JsonTemplate(const nlohmann::json& json, const Reading& reading) : shape_(json) {
  collect(json, nlohmann::json::json_pointer(), reading, 0);
}

void JsonTemplate::collect(const nlohmann::json& json, const nlohmann::json::json_pointer& at, const Reading& reading,
                           int depth) {
  if (depth > deepest)
    throw UsageError(fmt::format("{}: is nested too deeply (at most {} levels)", reading.where, deepest));
  if (json.is_string()) {
    Template text(json.get_ref<const std::string&>(), reading);
    if (!text.constant()) texts_.emplace_back(at, std::move(text));
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i)
      collect(json[i], at / i, reading, depth + 1);
  } else if (json.is_object()) {
    for (const auto& [name, member] : json.items())
      collect(member, at / name, reading, depth + 1);
  }
}

std::string JsonTemplate::dump(const Places& places) const {
  nlohmann::json json = shape_;
  for (const auto& [at, text] : texts_) {
    const auto place = places.find(text.only_place());
    const auto* number = place == places.end() ? nullptr : std::get_if<std::int64_t>(&place->second);
    if (number != nullptr)
      json[at] = *number;
    else
      json[at] = text.plain(places);
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool JsonTemplate::has(std::string_view place) const {
  return std::any_of(texts_.begin(), texts_.end(), [&](const auto& entry) { return entry.second.has(place); });
}

}  // namespace afterwrite::http
