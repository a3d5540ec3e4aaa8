#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "adapters/http/extraction.hpp"

namespace afterwrite::http {

/// The members of one object of a description. Everything that it refuses it names by file and member: `svc.json:
/// read.value: ...`. Refers to the JSON, which outlives it. Every member throws UsageError.
class Members {
 public:
  /// Refuses what is no object, and members that are not `known`, with the nearest known one.
  Members(const nlohmann::json& json, std::string where, std::initializer_list<std::string_view> known);

  const std::string& where() const { return where_; }
  std::string where(std::string_view member) const;

  /// Null if it is not there.
  const nlohmann::json* find(std::string_view member) const;
  const nlohmann::json& required(std::string_view member, std::string_view example) const;

  std::string text(std::string_view member, std::string_view example) const;
  std::string text_or(std::string_view member, std::string fallback) const;
  bool flag_or(std::string_view member, bool fallback) const;
  /// An array of status codes between the two; empty if it is not there.
  std::set<long> statuses(std::string_view member, long from, long to) const;
  /// `{"json": "/bio"}`, `{"header": "X-Position"}` or `{"text": true}`; nothing if it is not there.
  std::optional<Extraction> extraction(std::string_view member) const;

 private:
  const nlohmann::json& json_;
  std::string where_;
};

/// `/users/0/name`. Throws UsageError.
nlohmann::json::json_pointer pointer_of(const nlohmann::json& json, const std::string& where);
/// Throws UsageError.
Extraction extraction_of(const nlohmann::json& json, const std::string& where);

}  // namespace afterwrite::http
