#include "harness/service/service_spec.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>

#include "harness/session/duration.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::service {

namespace {

using Json = nlohmann::json;

/// One object of the file, whose members are taken one by one. Says in every message where it stands.
class Members {
 public:
  Members(const Json& json, std::string where, std::initializer_list<const char*> known)
      : json_(json), where_(std::move(where)) {
    if (!json.is_object()) fail(fmt::format("expects an object; it holds {}", json.dump()));
    const std::vector<std::string> names(known.begin(), known.end());
    for (const auto& [name, value] : json.items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        fail(fmt::format("'{}' is no member of it{}", name, known_names_hint(name, names)));
      }
    }
  }

  bool has(const char* name) const { return json_.contains(name); }
  const Json& at(const char* name) const {
    if (!has(name)) fail(fmt::format("'{}' is missing", name));
    return json_.at(name);
  }
  std::string text(const char* name) const {
    const Json& value = at(name);
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
      fail(fmt::format("'{}' expects a text that is not empty; it holds {}", name, value.dump()));
    }
    return value.get<std::string>();
  }
  const std::string& where() const { return where_; }
  [[noreturn]] void fail(const std::string& why) const { throw UsageError(fmt::format("{}: {}", where_, why)); }

 private:
  const Json& json_;
  std::string where_;
};

LinkName link_name(const Members& members) {
  const std::string text = members.text("name");
  const auto name = parse_link_name(text);
  // They stand in `--fault lag:NAME,delay=...@...`, and in the names of variables.
  const auto odd = [](char c) { return std::string_view(",@:{} \t\n").find(c) != std::string_view::npos; };
  if (!name || std::any_of(text.begin(), text.end(), odd)) {
    members.fail(
        fmt::format("'{}' is no name of a link; write who dials and who is dialled, e.g. \"app->replica\"", text));
  }
  if (name->from == "clients")
    members.fail("the links of the run's own sessions are afterwrite's; name another dialler than 'clients'");
  return *name;
}

LinkSpec read_link(const Json& json, const std::string& where) {
  const Members members(json, where, {"name", "listen", "upstream"});
  LinkSpec link;
  link.name = link_name(members);
  if (members.has("listen")) {
    const std::string text = members.text("listen");
    const auto listen = parse_address(text);
    if (!listen || (listen->host != "127.0.0.1" && listen->host != "localhost")) {
      members.fail(fmt::format(
          "'listen' is '{}'; links listen on loopback alone: \"127.0.0.1:PORT\", or port 0 for a free one", text));
    }
    link.listen = listen->port;
  }
  const std::string upstream = members.text("upstream");
  const auto address = parse_address(upstream);
  if (!address || address->port == 0) {
    members.fail(
        fmt::format("'upstream' is '{}'; write the address that the link leads to, e.g. \"127.0.0.1:5433\"", upstream));
  }
  link.upstream = *address;
  return link;
}

std::vector<LinkSpec> read_links(const Json& json, const std::string& where) {
  if (!json.is_array())
    throw UsageError(fmt::format(
        R"({} expects an array of links, e.g. [{{"name": "app->replica", "upstream": "127.0.0.1:5433"}}])", where));
  std::vector<LinkSpec> links;
  for (std::size_t i = 0; i < json.size(); ++i) {
    links.push_back(read_link(json[i], fmt::format("{}/{}", where, i)));
    const std::string name = to_string(links.back().name);
    for (std::size_t other = 0; other < i; ++other) {
      if (variable_part(to_string(links[other].name)) != variable_part(name)) continue;
      throw UsageError(
          fmt::format("{}/{}: '{}' is named too much like link {}: both would be AFTERWRITE_LINK_{}; rename one", where,
                      i, name, other, variable_part(name)));
    }
  }
  return links;
}

ReadySpec read_ready(const Json& json, const std::string& where) {
  const Members members(json, where, {"url", "tcp", "log", "within"});
  ReadySpec ready;
  int given = 0;
  for (const auto& [name, by] :
       {std::pair{"url", ReadySpec::By::url}, {"tcp", ReadySpec::By::tcp}, {"log", ReadySpec::By::log}}) {
    if (!members.has(name)) continue;
    ready.by = by;
    ready.what = members.text(name);
    ++given;
  }
  if (given != 1) members.fail("say by one of 'url', 'tcp' and 'log' what shows that the service takes requests");
  if (ready.by == ReadySpec::By::tcp && !parse_address(ready.what)) {
    members.fail(fmt::format("'tcp' is '{}'; write an address, e.g. \"127.0.0.1:8080\"", ready.what));
  }
  if (ready.by == ReadySpec::By::url && !ready.what.starts_with("http://") && !ready.what.starts_with("https://")) {
    members.fail(fmt::format("'url' is '{}'; write a URL, e.g. \"http://127.0.0.1:8080/health\"", ready.what));
  }
  if (members.has("within")) ready.within = parse_duration(members.text("within"), where + ": 'within'");
  return ready;
}

StartSpec read_start(const Json& json, const std::string& where, const std::filesystem::path& folder) {
  const Members members(json, where, {"command", "folder", "environment", "ready"});
  StartSpec start;
  const Json& command = members.at("command");
  const bool texts = command.is_array() && !command.empty() &&
                     std::all_of(command.begin(), command.end(), [](const Json& word) { return word.is_string(); });
  if (!texts || command[0].get_ref<const std::string&>().empty()) {
    members.fail(R"('command' expects a program and its arguments, e.g. ["python3", "app.py"])");
  }
  start.command = command.get<std::vector<std::string>>();
  start.folder = folder;
  if (members.has("folder")) start.folder /= members.text("folder");
  if (members.has("environment")) {
    const Json& environment = members.at("environment");
    if (!environment.is_object()) members.fail(R"('environment' expects an object of texts, e.g. {"MODE": "fast"})");
    for (const auto& [name, value] : environment.items()) {
      if (!value.is_string() || name.empty() || name.find('=') != std::string::npos) {
        members.fail(fmt::format("'environment': '{}' expects a text", name));
      }
      start.environment[name] = value.get<std::string>();
    }
  }
  start.ready = read_ready(members.at("ready"), where + "/ready");
  return start;
}

}  // namespace

ServiceSpec read_service(const WithPorts& scenario, const std::string& file) {
  ServiceSpec spec;
  spec.ports = scenario.ports;
  const Json& members = scenario.members;
  if (members.contains("links")) spec.links = read_links(members.at("links"), file + ": links");
  if (members.contains("start")) {
    spec.start = read_start(members.at("start"), file + ": start", std::filesystem::absolute(file).parent_path());
    // A link that is not there is told before anything is opened.
    std::map<LinkName, Address> links;
    for (const LinkSpec& link : spec.links)
      links[link.name] = {};
    for (const std::string& word : spec.start->command)
      with_links(word, links, file + ": start: 'command'");
    for (const auto& [name, value] : spec.start->environment)
      with_links(value, links, file + ": start: 'environment'");
  }
  return spec;
}

}  // namespace afterwrite::service
