#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

namespace afterwrite {

/// How much of a JSON document is shown.
struct Shortening {
  std::size_t string_bytes = 400;
  std::size_t elements = 200;  ///< of an array, and of an object
  std::size_t depth = 12;
};

/// The same document for people's eyes: strings are made visible (visible_text()) and shortened, arrays and objects
/// keep their first elements, what lies too deep becomes an ellipsis.
nlohmann::ordered_json shortened(const nlohmann::ordered_json& json, const Shortening& limits = {});

/// As the text of a <script type="application/json">: plain ASCII in which no tag or comment can begin or end. Every
/// string must be valid UTF-8.
std::string embedded(const nlohmann::ordered_json& json);

}  // namespace afterwrite
