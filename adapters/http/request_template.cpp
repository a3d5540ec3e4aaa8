#include "adapters/http/request_template.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "harness/session/errors.hpp"

namespace afterwrite::http {
namespace {

using Json = nlohmann::json;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// What carries credentials by its name, in headers, forms, queries and JSON.
bool names_secret(std::string_view name) {
  constexpr std::array words{"authorization", "password", "passwd",  "secret", "token",
                             "apikey",        "api-key",  "api_key", "cookie"};
  const std::string low = lower(name);
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return low.find(word) != std::string::npos; });
}

void refuse_written_out(const std::string& where) {
  throw UsageError(fmt::format(
      "{}: a credential that is written out would end up in histories and reports; put it into a variable and "
      "write {{env:NAME}} in its place",
      where));
}

void refuse_secrets(const Json& json, const std::string& where) {
  if (!json.is_object() && !json.is_array()) return;
  for (const auto& [name, member] : json.items()) {
    const bool literal = member.is_string() && !member.get_ref<const std::string&>().empty() &&
                         member.get_ref<const std::string&>().find('{') == std::string::npos;
    if (json.is_object() && literal && names_secret(name)) refuse_written_out(fmt::format("{}.{}", where, name));
    refuse_secrets(member, where);
  }
}

bool is_token(const std::string& text) {
  return !text.empty() && text.find_first_of(" \t\r\n:{}") == std::string::npos;
}

void refuse_secrets_in_path(std::string_view path, const std::string& where) {
  for (std::size_t at = path.find('?'); at != std::string_view::npos; at = path.find('&', at + 1)) {
    const std::string_view pair = path.substr(at + 1, std::min(path.find('&', at + 1), path.size()) - at - 1);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (names_secret(pair.substr(0, equals)) && pair.find('{') == std::string_view::npos) refuse_written_out(where);
  }
}

std::string encoded_pairs(const NamedTemplates& pairs, const Places& places) {
  std::string text;
  for (const auto& [name, value] : pairs)
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", url_encoded(name), url_encoded(value.plain(places)));
  return text;
}

bool has_header(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return lower(header.first) == lower(name); });
}

}  // namespace

NamedTemplates named_templates(const Members& members, std::string_view member, const std::vector<std::string>& places,
                               Secrets& secrets) {
  NamedTemplates named;
  const Json* json = members.find(member);
  if (json == nullptr) return named;
  const std::string where = members.where(member);
  if (!json->is_object())
    throw UsageError(fmt::format("{}: expects an object of texts; it holds {}", where, json->type_name()));
  for (const auto& [name, value] : json->items()) {
    const std::string at = fmt::format("{}.{}", where, name);
    if (!value.is_string()) throw UsageError(fmt::format("{}: expects a text; it holds {}", at, value.type_name()));
    if (member == "headers" && !is_token(name))
      throw UsageError(fmt::format("{}: '{}' is no name of a header", where, name));
    Template text(value.get_ref<const std::string&>(), {at, places, secrets});
    if (names_secret(name) && text.constant() && !value.get_ref<const std::string&>().empty()) refuse_written_out(at);
    named.emplace_back(name, std::move(text));
  }
  return named;
}

void add_headers(Request& request, const NamedTemplates& headers, const Places& places) {
  for (const auto& [name, value] : headers) {
    if (!has_header(request.headers, name)) request.headers.emplace_back(name, value.plain(places));
  }
}

RequestTemplate::RequestTemplate(const Members& members, std::string method, const std::vector<std::string>& places,
                                 Secrets& secrets)
    : method_(members.text_or("method", std::move(method))) {
  if (!is_token(method_))
    throw UsageError(fmt::format("{}: '{}' is no method; e.g. PUT", members.where("method"), method_));
  if (std::any_of(method_.begin(), method_.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
    throw UsageError(fmt::format("{}: '{}' is sent as it is, and methods are written in capitals; e.g. PUT",
                                 members.where("method"), method_));
  const std::string path = members.text("path", "/users/{key}/bio");
  const std::string where = members.where("path");
  if (!path.starts_with('/')) throw UsageError(fmt::format("{}: begins with a slash, e.g. /users/{{key}}/bio", where));
  if (path.find_first_of(" \t\r\n#") != std::string::npos) {
    throw UsageError(fmt::format("{}: holds a blank, a line end or a '#'; write them percent-encoded", where));
  }
  refuse_secrets_in_path(path, where);
  path_ = Template(path, {where, places, secrets});
  query_ = named_templates(members, "query", places, secrets);
  headers_ = named_templates(members, "headers", places, secrets);
  read_body(members, places, secrets);
}

void RequestTemplate::read_body(const Members& members, const std::vector<std::string>& places, Secrets& secrets) {
  const Json* json = members.find("json");
  const bool form = members.find("form") != nullptr;
  const bool text = members.find("text") != nullptr;
  if (int{json != nullptr} + int{form} + int{text} > 1) {
    throw UsageError(fmt::format("{}: json, form and text are three kinds of body; keep one", members.where()));
  }
  const std::string where = members.where(json != nullptr ? "json" : "text");
  if (json != nullptr) {
    json_.emplace(*json, Reading{where, places, secrets});
    refuse_secrets(*json, where);
  }
  if (form) form_ = named_templates(members, "form", places, secrets);
  if (text) text_.emplace(members.text("text", "{value}"), Reading{where, places, secrets});
}

Request RequestTemplate::build(const std::string& base, const Places& places) const {
  Request request;
  request.method = method_;
  request.url = base + path_.in_url(places);
  if (!query_.empty()) {
    request.url += request.url.find('?', base.size()) == std::string::npos ? '?' : '&';
    request.url += encoded_pairs(query_, places);
  }
  const char* type = nullptr;
  if (json_) {
    request.body = json_->dump(places);
    type = "application/json";
  } else if (!form_.empty()) {
    request.body = encoded_pairs(form_, places);
    type = "application/x-www-form-urlencoded";
  } else if (text_) {
    request.body = text_->plain(places);
    type = "text/plain; charset=utf-8";
  } else if (method_ == "PUT" || method_ == "POST" || method_ == "PATCH") {
    request.body = "";  // such a request says how long its body is, or many servers refuse it
  }
  add_headers(request, headers_, places);
  if (type != nullptr && !has_header(request.headers, "Content-Type"))
    request.headers.emplace_back("Content-Type", type);
  return request;
}

bool RequestTemplate::has(std::string_view place) const {
  const auto among = [&](const NamedTemplates& named) {
    return std::any_of(named.begin(), named.end(), [&](const auto& entry) { return entry.second.has(place); });
  };
  return path_.has(place) || among(query_) || among(headers_) || among(form_) || (json_ && json_->has(place)) ||
         (text_ && text_->has(place));
}

}  // namespace afterwrite::http
