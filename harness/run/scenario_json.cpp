#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <set>

#include "harness/history/text.hpp"
#include "harness/run/scenario.hpp"
#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::json;

constexpr std::uintmax_t largest_file = 1U << 20U;

// An empty text is most likely a variable that nobody set. To take it for "not given" would audit something else than was meant.
bool take(std::string& out, const Json& json, const std::string& what) {
  if (!json.is_string()) return false;
  out = json.get<std::string>();
  if (out.empty()) throw UsageError(fmt::format("{}: is empty; give a value, or leave it out", what));
  return true;
}

template <typename Count>
bool take_count(Count& out, const Json& json) {
  if (!json.is_number_integer()) return false;
  if (!json.is_number_unsigned() && json.get<std::int64_t>() < 0) return false;
  out = json.get<std::uint64_t>();
  return true;
}

bool take_duration(Duration& out, const Json& json, const std::string& what) {
  if (!json.is_string()) return false;
  out = parse_duration(json.get<std::string>(), what);
  return true;
}

void add_parts(std::vector<std::string>& texts, const std::string& text, bool commas) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = commas ? std::min(text.find(',', begin), text.size()) : text.size();
    texts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

// One text or an array of them, each taken apart at its commas if `commas` says so.
bool take_texts(std::vector<std::string>& out, const Json& json, bool commas) {
  std::vector<std::string> texts;
  for (const Json& element : json.is_array() ? json : Json::array({json})) {
    if (!element.is_string()) return false;
    add_parts(texts, element.get<std::string>(), commas);
  }
  out = std::move(texts);
  return true;
}

bool take_lag(Scenario& scenario, const Json& json, const std::string& what) {
  std::vector<std::string> texts;
  if (!take_texts(texts, json, true)) return false;
  scenario.lag.clear();
  for (const std::string& text : texts)
    scenario.lag.push_back(parse_duration(text, what));
  return true;
}

bool take_options(Scenario& scenario, const Json& json) {
  if (!json.is_object()) return false;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) return false;
  }
  for (const auto& [name, value] : json.items())
    scenario.options[name] = value.get<std::string>();
  return true;
}

bool take_rate(Scenario& scenario, const Json& json, const std::string& what) {
  if (json.is_number()) {
    scenario.rate = json.get<double>();
  } else if (json.is_string()) {
    scenario.rate = parse_rate(json.get<std::string>(), what);
  } else {
    return false;
  }
  return true;
}

/// One member of a scenario file. `take` returns false if the value is of another type than `expects` says; a text of
/// the right type that cannot be understood throws UsageError.
struct Member {
  std::string_view name;
  std::string_view expects;
  bool (*take)(Scenario&, const Json&, const std::string& what);
};

constexpr std::string_view duration_text = R"(a duration, e.g. "2s")";
constexpr std::string_view count_text = "a whole number, 0 or more";

const std::array members{
    Member{"system", R"(a name, e.g. "postgres")", [](auto& s, auto& j, auto& what) { return take(s.system, j, what); }},
    Member{"followers", count_text, [](auto& s, auto& j, auto&) { return take_count(s.followers.emplace(), j); }},
    Member{"lag", R"(a duration, or an array of one for each follower, e.g. "500ms" or ["400ms", "1200ms"])", take_lag},
    Member{"options", R"(an object of texts, e.g. {"sync": "remote_apply"})",
           [](auto& s, auto& j, auto&) { return take_options(s, j); }},
    Member{"pg-bin", "the folder of PostgreSQL's programs, a text",
           [](auto& s, auto& j, auto& what) { return take(s.options["pg-bin"], j, what); }},
    Member{"leader", "a URL", [](auto& s, auto& j, auto& what) { return take(s.leader_url, j, what); }},
    Member{"follower", "a URL, or an array of URLs",
           [](auto& s, auto& j, auto&) { return take_texts(s.follower_urls, j, false); }},
    Member{"endpoint", "a URL", [](auto& s, auto& j, auto& what) { return take(s.endpoint_url, j, what); }},
    Member{"assume", R"(an array of assumptions, e.g. ["writer-order", "one-clock"])",
           [](auto& s, auto& j, auto&) { return take_texts(s.assume.emplace(), j, true); }},
    Member{"workload", R"(a name, e.g. "register")", [](auto& s, auto& j, auto& what) { return take(s.workload, j, what); }},
    Member{"sessions", count_text, [](auto& s, auto& j, auto&) { return take_count(s.sessions, j); }},
    Member{"sessions-per-user", count_text, [](auto& s, auto& j, auto&) { return take_count(s.sessions_per_user, j); }},
    Member{"keys", count_text, [](auto& s, auto& j, auto&) { return take_count(s.keys, j); }},
    Member{"duration", duration_text,
           [](auto& s, auto& j, auto& what) { return take_duration(s.duration.emplace(), j, what); }},
    Member{"ops", count_text, [](auto& s, auto& j, auto&) { return take_count(s.operations.emplace(), j); }},
    Member{"until", R"(a condition, e.g. "at-risk=300")",
           [](auto& s, auto& j, auto& what) {
             if (!j.is_string()) return false;
             s.until_at_risk = parse_until(j.template get<std::string>(), what);
             return true;
           }},
    Member{"rate", R"(operations per second, e.g. 500 or "500/s")", take_rate},
    Member{"read-delay", R"(two durations, e.g. "1ms..2s", or 0 for none)",
           [](auto& s, auto& j, auto& what) {
             if (j == 0) {
               s.read_delay = {};
               return true;
             }
             if (!j.is_string()) return false;
             s.read_delay = parse_read_delay(j.template get<std::string>(), what);
             return true;
           }},
    Member{"op-timeout", duration_text,
           [](auto& s, auto& j, auto& what) { return take_duration(s.op_timeout, j, what); }},
    Member{"seed", count_text, [](auto& s, auto& j, auto&) { return take_count(s.seed.emplace(), j); }},
    Member{"read-policy", R"(a policy, e.g. "recent-writer:5s")",
           [](auto& s, auto& j, auto& what) { return take(s.read_policy, j, what); }},
    Member{"faults", R"(an array of faults, e.g. ["kill:follower-1@4s"])",
           [](auto& s, auto& j, auto&) { return j.is_array() && take_texts(s.faults, j, false); }},
    Member{"control", "true or false",
           [](auto& s, auto& j, auto&) {
             if (!j.is_boolean()) return false;
             s.control = j.template get<bool>();
             return true;
           }},
    Member{"guarantee", R"(a guarantee, or an array of them, e.g. ["read-your-writes", "monotonic-reads"])",
           [](auto& s, auto& j, auto&) { return take_texts(s.guarantees, j, true); }},
    Member{"scope", R"("session", "user" or "process")", [](auto& s, auto& j, auto& what) { return take(s.scope, j, what); }},
    Member{"min-at-risk", count_text, [](auto& s, auto& j, auto&) { return take_count(s.min_at_risk, j); }},
    Member{"expect", R"("held", "violated" or "unknown")",
           [](auto& s, auto& j, auto& what) { return take(s.expect.emplace(), j, what); }},
};

// `session`, `read` and their like describe requests; `config` and `command` are an external adapter's.
constexpr std::array<std::string_view, 14> service_names{"nodes", "session", "read",  "write",  "append",   "delete",   "lag_probe",
                                                         "links", "start",   "config", "command", "insecure", "ca_file", "http_version"};

bool take_service(Scenario& scenario, const std::string& name, const Json& json, const std::string& where) {
  if (std::find(service_names.begin(), service_names.end(), name) == service_names.end()) return false;
  scenario.service[name] = json;
  if (!where.empty()) scenario.service_file = where;  // of a flag there is no file
  return true;
}

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

[[noreturn]] void refuse_unknown(const std::string& name, const std::string& where) {
  std::vector<std::string> known;
  for (const Member& member : members)
    known.emplace_back(member.name);
  known.insert(known.end(), service_names.begin(), service_names.end());
  throw UsageError(fmt::format("{}: '{}' is no member of a scenario{}", where, name, known_names_hint(name, known)));
}

std::string read_text(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status)) throw UsageError(fmt::format("{}: there is no such scenario file; check the path", file));
  if (fs::is_directory(status)) {
    throw UsageError(fmt::format("{}: is a folder; name the scenario file in it", file));
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text;
  text.resize(largest_file + 1);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    throw UsageError(fmt::format("{}: the scenario file cannot be read; check that you may read it", file));
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > largest_file) {
    throw UsageError(
        fmt::format("{}: is larger than {} bytes, so it is no scenario file; check the path", file, largest_file));
  }
  return text;
}

// What the library says of a syntax error, without its own numbering: `parse error at line 3, column 5: ...`.
std::string syntax_complaint(const Json::parse_error& error) {
  std::string_view text = error.what();
  if (const std::size_t end = text.find("] "); text.starts_with('[') && end != std::string_view::npos) {
    text.remove_prefix(end + 2);
  }
  return visible_text(text, 200);  // it repeats what it met, whatever that is
}

}  // namespace

std::span<const std::string_view> service_members() {
  return service_names;
}

void apply_json(Scenario& scenario, const Json& json, const std::string& where) {
  if (!json.is_object()) {
    throw UsageError(
        fmt::format("{}: holds {}, not an object; write {{ \"system\": \"postgres\", ... }}", where, json.type_name()));
  }
  // Of the ends that exclude each other the one named last counts: `--ops` overrides a file's `duration`.
  if (json.contains("duration") || json.contains("ops") || json.contains("until")) {
    scenario.duration.reset();
    scenario.operations.reset();
    scenario.until_at_risk.reset();
  }
  for (const auto& [name, value] : json.items()) {
    const auto* member = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.name == name; });
    if (member == members.end() && take_service(scenario, name, value, where)) continue;
    if (member == members.end()) refuse_unknown(name, where);
    const std::string what = where.empty() ? fmt::format("--{}", name) : fmt::format("{}: '{}'", where, name);
    if (!member->take(scenario, value, what)) {
      throw UsageError(fmt::format("{} expects {}; it holds {}", what, member->expects, shown(value)));
    }
  }
}

Scenario read_scenario(const std::string& file) {
  const std::string text = read_text(file);
  std::set<std::string> seen;
  const auto refuse_twice = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::key && depth == 1 && !seen.insert(parsed.get<std::string>()).second) {
      throw UsageError(fmt::format("{}: '{}' is given twice; keep one", file, parsed.get<std::string>()));
    }
    return true;
  };
  Json json;
  try {
    json = Json::parse(text, refuse_twice, true, true);
  } catch (const Json::parse_error& error) {
    throw UsageError(fmt::format("{}: is not JSON (comments are allowed, trailing commas are not): {}", file,
                                 syntax_complaint(error)));
  }
  Scenario scenario;
  apply_json(scenario, json, file);
  return scenario;
}

Json to_json(const Scenario& scenario) {
  Json json = Json::object();
  json["system"] = scenario.system;
  if (!scenario.leader_url.empty()) json["leader"] = scenario.leader_url;
  if (!scenario.follower_urls.empty()) json["follower"] = scenario.follower_urls;
  if (!scenario.endpoint_url.empty()) json["endpoint"] = scenario.endpoint_url;
  for (const auto& [name, member] : scenario.service.items())
    json[name] = member;
  if (scenario.assume) json["assume"] = *scenario.assume;
  if (scenario.followers) json["followers"] = *scenario.followers;
  Json lag = Json::array();
  for (const Duration duration : scenario.lag)
    lag.push_back(format_duration(duration));
  if (!lag.empty()) json["lag"] = std::move(lag);
  if (!scenario.options.empty()) json["options"] = scenario.options;
  json["workload"] = scenario.workload;
  json["sessions"] = scenario.sessions;
  if (scenario.sessions_per_user != 1) json["sessions-per-user"] = scenario.sessions_per_user;
  json["keys"] = scenario.keys;
  if (scenario.duration) json["duration"] = format_duration(*scenario.duration);
  if (scenario.operations) json["ops"] = *scenario.operations;
  if (scenario.until_at_risk) json["until"] = fmt::format("at-risk={}", *scenario.until_at_risk);
  if (scenario.rate) json["rate"] = *scenario.rate;
  json["read-delay"] =
      fmt::format("{}..{}", format_duration(scenario.read_delay.first), format_duration(scenario.read_delay.second));
  json["op-timeout"] = format_duration(scenario.op_timeout);
  if (scenario.seed) json["seed"] = *scenario.seed;
  if (!scenario.read_policy.empty()) json["read-policy"] = scenario.read_policy;
  if (!scenario.faults.empty()) json["faults"] = scenario.faults;
  if (scenario.control) json["control"] = true;
  json["guarantee"] = scenario.guarantees;
  json["scope"] = scenario.scope;
  json["min-at-risk"] = scenario.min_at_risk;
  if (scenario.expect) json["expect"] = *scenario.expect;
  return json;
}

}  // namespace afterwrite
