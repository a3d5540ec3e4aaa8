#include "adapters/http/members.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::http {
namespace {

using Json = nlohmann::json;

// By type alone: the value could be what must not be shown.
[[noreturn]] void refuse(const std::string& where, std::string_view expects, const Json& json) {
  throw UsageError(fmt::format("{}: expects {}; it holds {}", where, expects, json.type_name()));
}

}  // namespace

Members::Members(const Json& json, std::string where, std::initializer_list<std::string_view> known)
    : json_(json), where_(std::move(where)) {
  if (!json.is_object()) refuse(where_, "an object", json);
  for (const auto& [name, member] : json.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw UsageError(fmt::format("{}: '{}' is no member here{}", where_, name,
                                 known_names_hint(name, {known.begin(), known.end()})));
  }
}

std::string Members::where(std::string_view member) const {
  // A member of the file itself: `svc.json: read`, not `svc.json.read`.
  return fmt::format("{}{}{}", where_, where_.find(": ") == std::string::npos ? ": " : ".", member);
}

const Json* Members::find(std::string_view member) const {
  const auto found = json_.find(std::string(member));
  return found == json_.end() ? nullptr : &*found;
}

const Json& Members::required(std::string_view member, std::string_view example) const {
  if (const Json* found = find(member)) return *found;
  throw UsageError(fmt::format("{}: '{}' is missing; e.g. {}", where_, member, example));
}

std::string Members::text(std::string_view member, std::string_view example) const {
  const Json& json = required(member, example);
  if (!json.is_string() || json.get_ref<const std::string&>().empty()) {
    refuse(where(member), fmt::format("a text that is not empty, e.g. {}", example), json);
  }
  return json.get<std::string>();
}

std::string Members::text_or(std::string_view member, std::string fallback) const {
  return find(member) == nullptr ? std::move(fallback) : text(member, fallback);
}

bool Members::flag_or(std::string_view member, bool fallback) const {
  const Json* json = find(member);
  if (json == nullptr) return fallback;
  if (!json->is_boolean()) refuse(where(member), "true or false", *json);
  return json->get<bool>();
}

std::set<long> Members::statuses(std::string_view member, long from, long to) const {
  std::set<long> statuses;
  const Json* json = find(member);
  if (json == nullptr) return statuses;
  const std::string expects = fmt::format("an array of status codes between {} and {}", from, to);
  if (!json->is_array()) refuse(where(member), expects, *json);
  for (const Json& status : *json) {
    if (!status.is_number_integer()) refuse(where(member), expects, status);
    const long code = status.get<long>();
    if (code < from || code > to)
      throw UsageError(fmt::format("{}: expects {}; {} is none", where(member), expects, code));
    statuses.insert(code);
  }
  return statuses;
}

std::optional<Extraction> Members::extraction(std::string_view member) const {
  const Json* json = find(member);
  if (json == nullptr) return std::nullopt;
  return extraction_of(*json, where(member));
}

Json::json_pointer pointer_of(const Json& json, const std::string& where) {
  if (!json.is_string()) refuse(where, R"(a JSON pointer, e.g. "/bio" (the whole body is ""))", json);
  try {
    return Json::json_pointer(json.get<std::string>());
  } catch (const Json::exception&) {
    throw UsageError(
        fmt::format(R"({}: '{}' is no JSON pointer; it begins with a slash, e.g. "/bio" or "/items/0/text")", where,
                    json.get<std::string>()));
  }
}

Extraction extraction_of(const Json& json, const std::string& where) {
  const Members members(json, where, {"json", "header", "text"});
  if (json.size() != 1) {
    throw UsageError(
        fmt::format(R"({}: expects one of {{"json": "/pointer"}}, {{"header": "Name"}} and {{"text": true}})", where));
  }
  Extraction extraction;
  if (const Json* pointer = members.find("json"))
    extraction.pointer = pointer_of(*pointer, members.where("json"));
  else if (members.find("header") != nullptr)
    extraction.header = members.text("header", "X-Position");
  else if (!members.flag_or("text", true))
    throw UsageError(fmt::format("{}: expects true", members.where("text")));
  return extraction;
}

}  // namespace afterwrite::http
