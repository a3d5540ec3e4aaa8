#include "results/page/embedded_json.hpp"

#include <array>

#include "harness/history/text.hpp"

namespace afterwrite {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view ellipsis = "\u2026";

Json shortened_at(const Json& json, const Shortening& limits, std::size_t depth) {
  if (json.is_string()) return visible_text(json.get_ref<const std::string&>(), limits.string_bytes);
  if (!json.is_structured()) return json;
  if (depth >= limits.depth) return ellipsis;
  Json kept = json.is_array() ? Json::array() : Json::object();
  for (const auto& [name, value] : json.items()) {
    if (kept.size() >= limits.elements) break;
    Json element = shortened_at(value, limits, depth + 1);
    if (json.is_array()) {
      kept.push_back(std::move(element));
    } else {
      kept[visible_text(name, limits.string_bytes)] = std::move(element);
    }
  }
  return kept;
}

}  // namespace

Json shortened(const Json& json, const Shortening& limits) {
  return shortened_at(json, limits, 0);
}

Json bounded(const Json& json, std::size_t bytes) {
  static constexpr std::array<Shortening, 5> steps{
      {{1200, 200, 12}, {400, 200, 12}, {200, 60, 8}, {100, 30, 6}, {60, 12, 5}}};
  Json kept;
  for (const Shortening& step : steps) {
    kept = shortened(json, step);
    if (embedded(kept).size() <= bytes) break;
  }
  return kept;
}

std::string embedded(const Json& json) {
  constexpr bool ascii = true;
  const std::string plain = json.dump(-1, ' ', ascii);
  std::string text;
  text.reserve(plain.size());
  // It stands in strings only.
  for (const char c : plain) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace afterwrite
