#include "adapters/postgres/scalars.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

namespace afterwrite::postgres {

std::optional<std::string> encode(const Scalar& scalar) {
  if (const auto* number = std::get_if<std::int64_t>(&scalar)) return "i" + std::to_string(*number);
  const std::string& text = std::get<std::string>(scalar);
  if (text.find('\0') != std::string::npos) return std::nullopt;
  return "s" + text;
}

std::optional<Scalar> decode(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::string_view rest = text.substr(1);
  if (text.front() == 's') return Scalar{std::string(rest)};
  if (text.front() != 'i') return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc{} || end != rest.data() + rest.size()) return std::nullopt;
  return Scalar{number};
}

std::optional<List> decode_list(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_array()) return std::nullopt;
  List list;
  list.reserve(parsed.size());
  for (const auto& element : parsed) {
    if (!element.is_string()) return std::nullopt;
    auto scalar = decode(element.get_ref<const std::string&>());
    if (!scalar) return std::nullopt;
    list.push_back(std::move(*scalar));
  }
  return list;
}

}  // namespace afterwrite::postgres
