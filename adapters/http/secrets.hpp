#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/http/redaction.hpp"

namespace afterwrite::http {

/// What came from the environment, so that nothing which is printed or recorded repeats it. Filled while the
/// description is read; after that any thread may ask.
class Secrets {
 public:
  /// The value of the variable, which is remembered. Throws UsageError naming `where` if it is not set or empty.
  std::string take(const std::string& variable, const std::string& where);

  /// Another form that a secret is sent in, such as the base64 of basic credentials.
  void add(const std::string& text, const std::string& shown);

  /// Text for people, with each secret, in whatever form, replaced by `{env:NAME}`.
  std::string masked(std::string_view text) const { return redacted(text, all_); }
  const std::vector<Secret>& all() const { return all_; }

  /// Those of at least `least_recorded` characters, for what a history records of an answer: a value that a run writes
  /// (`s0-17`) must never be replaced.
  std::vector<Secret> long_ones() const;
  std::string recorded(std::string_view text) const { return redacted(text, long_ones()); }

  static constexpr std::size_t least_recorded = 8;

 private:
  std::vector<Secret> all_;
};

}  // namespace afterwrite::http
