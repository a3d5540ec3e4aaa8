#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/secrets.hpp"
#include "harness/history/value.hpp"

namespace afterwrite::http {

/// What stands in the places of a template for one request: `key`, `value`, `user` ...; a name that is missing stands
/// for nothing.
using Places = std::map<std::string, Scalar, std::less<>>;

/// What templates are read with: where they stand, for messages, and which places they may have. References outlive the
/// reading only.
struct Reading {
  const std::string& where;
  const std::vector<std::string>& places;
  Secrets& secrets;
};

/// A text with places: `/users/{key}/bio`, `Bearer {env:TOKEN}`. `{name}` is a place, any other brace is itself.
/// Immutable.
class Template {
 public:
  Template() = default;
  /// Takes variables from the environment at once. Throws UsageError for an unknown place or a variable that is not
  /// set.
  Template(std::string_view text, const Reading& reading);

  std::string plain(const Places& places) const;
  /// With what stands in the places percent-encoded; the text around them is left as it is.
  std::string in_url(const Places& places) const;

  bool has(std::string_view place) const;
  bool constant() const;  ///< it has no place, and nothing from the environment
  /// The name of the place, if the text is nothing but one; else empty.
  std::string_view only_place() const;

 private:
  enum class Kind { text, variable, place };
  struct Part {
    Kind kind;
    std::string text;  // as it is; the variable's value; the place's name
  };
  std::string expand(const Places& places, bool in_url) const;

  std::vector<Part> parts_;
};

/// JSON whose texts are templates. A text that is nothing but a place takes its type: `"{value}"` becomes a number for
/// a number.
class JsonTemplate {
 public:
  /// Throws UsageError as a template does, and if it is nested too deeply.
  JsonTemplate(const nlohmann::json& json, const Reading& reading);

  std::string dump(const Places& places) const;
  bool has(std::string_view place) const;

 private:
  void collect(const nlohmann::json& json, const nlohmann::json::json_pointer& at, const Reading& reading, int depth);

  nlohmann::json shape_;
  std::vector<std::pair<nlohmann::json::json_pointer, Template>> texts_;
};

/// How a scalar reads as text.
std::string text_of(const Scalar& scalar);

}  // namespace afterwrite::http
