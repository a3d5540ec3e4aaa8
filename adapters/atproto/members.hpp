#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace afterwrite::atproto {

/// A member of what a server sent, whatever that is: empty if it has no such text.
inline std::string text(const nlohmann::json& json, const char* name) {
  if (!json.is_object()) return {};
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The same for any member: null if there is none.
inline const nlohmann::json& member(const nlohmann::json& json, const char* name) {
  static const nlohmann::json none;
  if (!json.is_object()) return none;
  const auto found = json.find(name);
  return found == json.end() ? none : *found;
}

}  // namespace afterwrite::atproto
