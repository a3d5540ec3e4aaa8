#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/members.hpp"
#include "adapters/http/template.hpp"
#include "harness/http/connection.hpp"

namespace afterwrite::http {

/// A header, or a member of a query or a form: its name, and its text with places.
using NamedTemplates = std::vector<std::pair<std::string, Template>>;

/// A request with places. Immutable.
class RequestTemplate {
 public:
  /// Throws UsageError, also for credentials that are written out.
  RequestTemplate(const Members& members, std::string method, const std::vector<std::string>& places, Secrets& secrets);

  /// `base`: the node's URL, without a slash at its end.
  Request build(const std::string& base, const Places& places) const;

  const std::string& method() const { return method_; }
  bool has(std::string_view place) const;

 private:
  void read_body(const Members& members, const std::vector<std::string>& places, Secrets& secrets);

  std::string method_;
  Template path_;
  NamedTemplates query_;
  NamedTemplates headers_;
  NamedTemplates form_;
  std::optional<JsonTemplate> json_;
  std::optional<Template> text_;
};

/// The texts of an object such as `headers`; empty if it is not there. Throws UsageError, also for credentials that are
/// written out.
NamedTemplates named_templates(const Members& members, std::string_view member, const std::vector<std::string>& places,
                               Secrets& secrets);

/// Adds `headers`, but none whose name is there already.
void add_headers(Request& request, const NamedTemplates& headers, const Places& places);

}  // namespace afterwrite::http
