#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace afterwrite::http {

/// What came from the environment, so that nothing which is printed or recorded repeats it. Filled while the
/// description is read; after that any thread may ask.
class Secrets {
 public:
  /// The value of the variable, which is remembered. Throws UsageError naming `where` if it is not set or empty.
  std::string take(const std::string& variable, const std::string& where);

  /// Another form that a secret is sent in, such as the base64 of basic credentials.
  void add(const std::string& text, const std::string& shown);

  /// Text for people, with each secret (and its forms in URLs and JSON) replaced by `{env:NAME}`.
  std::string masked(std::string_view text) const { return masked(text, 1); }

  /// What a history records of an answer. Only secrets of at least `least_recorded` characters are replaced: a value
  /// that a run writes
  /// (`s0-17`) must never be.
  std::string recorded(std::string_view text) const { return masked(text, least_recorded); }

  static constexpr std::size_t least_recorded = 8;

 private:
  std::string masked(std::string_view text, std::size_t least) const;

  std::vector<std::pair<std::string, std::string>> forms_;  // the longest first, each with what is shown in its place
};

/// `text` with each `secret` replaced.
void replace_all(std::string& text, std::string_view secret, std::string_view shown);

}  // namespace afterwrite::http
