#include "checkers/recorded_member.hpp"

namespace afterwrite {

namespace {

const nlohmann::json* member(const nlohmann::json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::optional<bool> recorded_flag(const nlohmann::json& object, const char* name) {
  const nlohmann::json* found = member(object, name);
  if (found == nullptr || !found->is_boolean()) return std::nullopt;
  return found->get<bool>();
}

std::optional<double> recorded_number(const nlohmann::json& object, const char* name) {
  const nlohmann::json* found = member(object, name);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::optional<std::uint64_t> recorded_count(const nlohmann::json& object, const char* name) {
  const nlohmann::json* found = member(object, name);
  if (found == nullptr || !found->is_number_integer()) return std::nullopt;
  if (!found->is_number_unsigned() && found->get<std::int64_t>() < 0) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::optional<std::string> recorded_text(const nlohmann::json& object, const char* name) {
  const nlohmann::json* found = member(object, name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

const nlohmann::json* recorded_array(const nlohmann::json& object, const char* name) {
  const nlohmann::json* found = member(object, name);
  return found != nullptr && found->is_array() ? found : nullptr;
}

}  // namespace afterwrite
