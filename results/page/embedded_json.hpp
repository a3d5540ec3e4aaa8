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

/// The same, shorter and shorter until it takes no more than so many bytes as embedded(), if it can be made to.
nlohmann::ordered_json bounded(const nlohmann::ordered_json& json, std::size_t bytes);

/// As the text of a <script type="application/json">: plain ASCII in which no tag or comment can begin or end. Every
/// string must be valid UTF-8.
std::string embedded(const nlohmann::ordered_json& json);

}  // namespace afterwrite
