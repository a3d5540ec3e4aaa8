#include "adapters/http/description.hpp"

#include <algorithm>
#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <fmt/format.h>
#include <random>

#include "harness/http/url.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::http {
namespace {

using Json = nlohmann::json;
using Names = std::vector<std::string>;

constexpr std::size_t largest_answer = 4U << 20U;
const Names always{"user", "session", "run"};

Names with(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

std::string base64(const std::string& text) {
  using namespace boost::archive::iterators;
  using Encoded = base64_from_binary<transform_width<std::string::const_iterator, 6, 8>>;
  std::string encoded(Encoded(text.begin()), Encoded(text.end()));
  encoded.append((3 - text.size() % 3) % 3, '=');
  return encoded;
}

/// `404`: nobody means such a text by it.
bool is_status(const std::string& text) {
  return text.size() == 3 && text >= "200" && text <= "599" &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

/// Reads one description: what its parts share while they are read.
class Reader {
 public:
  Reader(const Json& service, const std::string& file) : service_(service) {
    result_.file = file;
    result_.run = fmt::format("{:08x}", std::random_device{}());
  }

  Description read(bool lists);

 private:
  std::string where(std::string_view member) const { return fmt::format("{}: {}", result_.file, member); }
  const Json* find(std::string_view member) const {
    const auto found = service_.find(std::string(member));
    return found == service_.end() ? nullptr : &*found;
  }

  void read_nodes();
  void read_connection();
  void read_session();
  void read_credentials(const Members& members, NamedTemplates& headers);
  LogIn read_login(const Json& json, const std::string& where);
  void read_common(const Members& members, Action& action);
  std::optional<WriteAction> read_write(std::string_view name, const std::string& method, const Names& needed);
  ReadAction read_read();
  LagProbe read_lag_probe(const Json& json);
  std::set<long> read_absent(const Members& members, std::vector<Json>* values) const;
  void need(const Members& members, const RequestTemplate& request, std::string_view place) const;

  const Json& service_;
  Description result_;
  Names places_ = always;  // of every request: and what the login captures
};

void Reader::read_nodes() {
  const Json* nodes = find("nodes");
  if (nodes == nullptr || !nodes->is_array() || nodes->empty()) {
    throw UsageError(fmt::format(
        R"({}: expects an array of nodes, e.g. [{{"name": "api", "url": "http://127.0.0.1:8080"}}])", where("nodes")));
  }
  static const Names none;
  std::size_t leaders = 0;
  for (const Json& json : *nodes) {
    const Members members(json, where(fmt::format("nodes[{}]", result_.nodes.size())), {"name", "url", "role"});
    NodeDescription node;
    node.name = members.text("name", "api");
    node.shown = members.text("url", "http://127.0.0.1:8080");
    const std::string at = members.where("url");
    node.url = Template(node.shown, {at, none, result_.secrets}).plain({});
    while (node.url.ends_with('/'))
      node.url.pop_back();
    if (has_credentials(node.url)) {
      throw UsageError(fmt::format(
          R"({}: holds credentials, which would end up in reports; write "session": {{"basic": {{"user": "...", "password": )"
          R"("{{env:PASSWORD}}"}}}})",
          at));
    }
    if (!origin_of(node.url) || node.url.find_first_of("?#") != std::string::npos) {
      throw UsageError(fmt::format("{}: '{}' is no URL of a service; e.g. https://api.example.org/v1", at, node.shown));
    }
    const std::string role = members.text_or("role", result_.nodes.empty() ? "leader" : "follower");
    if (role != "leader" && role != "follower") {
      throw UsageError(fmt::format("{}: '{}' is no role; a node is leader or follower", members.where("role"), role));
    }
    node.role = role == "leader" ? Role::leader : Role::follower;
    leaders += node.role == Role::leader ? 1 : 0;
    for (const NodeDescription& other : result_.nodes) {
      if (other.name == node.name)
        throw UsageError(fmt::format("{}: '{}' is given twice; each node once", members.where("name"), node.name));
    }
    result_.nodes.push_back(std::move(node));
  }
  if (leaders != 1) {
    throw UsageError(
        fmt::format("{}: {} nodes lead; writes go to one leader: give one of them the role leader, the others follower",
                    where("nodes"), leaders));
  }
}

void Reader::read_connection() {
  Json own = Json::object();
  for (const char* name : {"insecure", "ca_file", "http_version"}) {
    if (const Json* member = find(name)) own[name] = *member;
  }
  const Members members(own, result_.file, {"insecure", "ca_file", "http_version"});
  Options& options = result_.connection;
  options.verify = !members.flag_or("insecure", false);
  options.ca_file = members.text_or("ca_file", "");
  options.version = members.text_or("http_version", "");
  options.largest_body = largest_answer;
  if (!options.version.empty() && options.version != "1.1" && options.version != "2") {
    throw UsageError(fmt::format(R"({}: '{}' is not spoken here; write "1.1" or "2")", members.where("http_version"),
                                 options.version));
  }
}

// As headers, so that there is one way in which a request carries them.
void Reader::read_credentials(const Members& members, NamedTemplates& headers) {
  const bool bearer = members.find("bearer") != nullptr;
  const Json* basic = members.find("basic");
  if (!bearer && basic == nullptr) return;
  if (bearer && basic != nullptr)
    throw UsageError(fmt::format("{}: bearer and basic are two kinds of credentials; keep one", members.where()));
  if (bearer) {
    const std::string at = members.where("bearer");
    const Template token(members.text("bearer", "{env:TOKEN}"), {at, places_, result_.secrets});
    if (token.constant()) {
      throw UsageError(fmt::format(
          "{}: a token that is written out would end up in reports; put it into a variable and write {{env:NAME}} "
          "in its place",
          at));
    }
    headers.emplace_back("Authorization",
                         Template("Bearer " + members.text("bearer", ""), {at, places_, result_.secrets}));
    return;
  }
  const Members pair(*basic, members.where("basic"), {"user", "password"});
  const auto text_at = [&](std::string_view name) {
    const std::string at = pair.where(name);
    const Template text(pair.text(name, "{env:PASSWORD}"), {at, {}, result_.secrets});
    if (name == "password" && text.constant()) {
      throw UsageError(fmt::format(
          "{}: a password that is written out would end up in reports; put it into a variable and write {{env:NAME}} "
          "in its place",
          at));
    }
    return text.plain({});
  };
  const std::string encoded = base64(text_at("user") + ":" + text_at("password"));
  result_.secrets.add(encoded, "{env:...}");
  const std::string at = members.where("basic");
  headers.emplace_back("Authorization", Template("Basic " + encoded, {at, {}, result_.secrets}));
}

void Reader::read_session() {
  static const Json empty = Json::object();
  const Json* json = find("session");
  const Members members(json == nullptr ? empty : *json, where("session"),
                        {"cookies", "headers", "bearer", "basic", "login"});
  SessionDescription& session = result_.session;
  session.cookies = members.flag_or("cookies", true);
  if (const Json* login = members.find("login")) session.login = read_login(*login, members.where("login"));
  session.headers = named_templates(members, "headers", places_, result_.secrets);
  read_credentials(members, session.headers);
}

LogIn Reader::read_login(const Json& json, const std::string& where) {
  const Members members(json, where,
                        {"method", "path", "query", "headers", "json", "form", "text", "capture", "success"});
  LogIn login{RequestTemplate(members, "POST", places_, result_.secrets)};
  login.success = members.statuses("success", 200, 399);
  const Json* capture = members.find("capture");
  if (capture == nullptr) return login;
  if (!capture->is_object())
    throw UsageError(fmt::format("{}: expects an object; it holds {}", members.where("capture"), capture->type_name()));
  for (const auto& [name, extraction] : capture->items()) {
    const std::string at = fmt::format("{}.{}", members.where("capture"), name);
    static const Names taken{"user", "session", "run", "key", "value", "position", "beat"};
    const bool plain =
        !name.empty() &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
    if (!plain || std::find(taken.begin(), taken.end(), name) != taken.end()) {
      throw UsageError(fmt::format("{}: is no name for what is captured: letters, digits and '_', and none of {}", at,
                                   "user, session, run, key, value, position, beat"));
    }
    login.capture.emplace(name, extraction_of(extraction, at));
    places_.push_back(name);
  }
  return login;
}

void Reader::read_common(const Members& members, Action& action) {
  action.position = members.extraction("position");
  action.version = members.extraction("version");
  action.node = members.extraction("node");
  if (const Json* header = members.find("send_position")) {
    action.position_header =
        Members(*header, members.where("send_position"), {"header"}).text("header", "If-Min-Position");
  }
}

void Reader::need(const Members& members, const RequestTemplate& request, std::string_view place) const {
  if (request.has(place)) return;
  throw UsageError(
      fmt::format("{}: nothing in it holds {{{}}}, so every {} would be the same", members.where(), place, place));
}

std::optional<WriteAction> Reader::read_write(std::string_view name, const std::string& method, const Names& needed) {
  const Json* json = find(name);
  if (json == nullptr) return std::nullopt;
  const Members members(*json, where(name),
                        {"method", "path", "query", "headers", "json", "form", "text", "position", "version", "node",
                         "send_position", "definite_failure", "acknowledged"});
  WriteAction action{{RequestTemplate(members, method, with(places_, {"key", "value", "position"}), result_.secrets)}};
  for (const std::string& place : needed)
    need(members, action.request, place);
  read_common(members, action);
  action.definite_failure = members.statuses("definite_failure", 400, 599);
  action.acknowledged = members.statuses("acknowledged", 200, 399);
  return action;
}

std::set<long> Reader::read_absent(const Members& members, std::vector<Json>* values) const {
  std::set<long> statuses;
  const Json* json = members.find("absent");
  if (json == nullptr) return statuses;
  const std::string at = members.where("absent");
  if (!json->is_array()) {
    throw UsageError(
        fmt::format(R"({}: expects an array of status codes{}; it holds {})", at,
                    values == nullptr ? "" : R"(, and of values that stand for "nothing there", e.g. [404, null, ""])",
                    json->type_name()));
  }
  for (const Json& one : *json) {
    if (one.is_number_integer() && one >= 200 && one <= 599)
      statuses.insert(one.get<long>());
    else if (one.is_string() && is_status(one.get_ref<const std::string&>()))
      throw UsageError(fmt::format("{}: \"{}\" is a text; a status is a number: {}", at,
                                   one.get_ref<const std::string&>(), one.get_ref<const std::string&>()));
    else if (values != nullptr && (one.is_null() || one.is_string()))
      values->push_back(one);
    else
      throw UsageError(fmt::format("{}: {} is neither a status code{}", at, one.dump(),
                                   values == nullptr ? "" : ", a text nor null"));
  }
  return statuses;
}

ReadAction Reader::read_read() {
  const Json* json = find("read");
  if (json == nullptr) {
    throw UsageError(fmt::format(
        R"({}: 'read' is missing; e.g. {{"path": "/users/{{key}}/bio", "value": {{"json": "/bio"}}, "absent": [404]}})",
        result_.file));
  }
  const Members members(*json, where("read"),
                        {"method", "path", "query", "headers", "json", "form", "text", "value", "absent", "position",
                         "version", "node", "send_position"});
  ReadAction action{{RequestTemplate(members, "GET", with(places_, {"key", "position"}), result_.secrets)}};
  need(members, action.request, "key");
  read_common(members, action);
  action.absent = read_absent(members, &action.value.nothing);
  const Json& value = members.required("value", R"({"json": "/bio"})");
  Json where_it_stands = value;
  if (value.is_object() && value.contains("each")) {
    action.value.each = pointer_of(value["each"], members.where("value") + ".each");
    where_it_stands.erase("each");
  }
  action.value.where = extraction_of(where_it_stands, members.where("value"));
  return action;
}

LagProbe Reader::read_lag_probe(const Json& json) {
  const Members members(json, where("lag_probe"), {"write", "read"});
  const Members write(members.required("write", "{...}"), members.where("write"),
                      {"method", "path", "query", "headers", "json", "form", "text"});
  const Members read(members.required("read", "{...}"), members.where("read"),
                     {"method", "path", "query", "headers", "json", "form", "text", "value", "absent"});
  LagProbe probe{RequestTemplate(write, "PUT", with(places_, {"beat"}), result_.secrets),
                 RequestTemplate(read, "GET", places_, result_.secrets),
                 extraction_of(read.required("value", R"({"json": "/beat"})"), read.where("value"))};
  need(write, probe.write, "beat");
  probe.absent = read_absent(read, nullptr);
  return probe;
}

Description Reader::read(bool lists) {
  read_nodes();
  read_connection();
  read_session();
  result_.read = read_read();
  result_.write = read_write("write", "PUT", {"key", "value"});
  result_.append = read_write("append", "POST", {"key", "value"});
  result_.remove = read_write("delete", "DELETE", {"key"});
  if (const Json* probe = find("lag_probe")) result_.lag_probe = read_lag_probe(*probe);
  if (lists && !result_.append) {
    throw UsageError(
        fmt::format(R"({}: 'append' is missing, and this workload appends to lists; e.g. {{"method": "POST", "path": )"
                    R"("/lists/{{key}}", "json": {{"element": "{{value}}"}}}})",
                    result_.file));
  }
  if (!lists && !result_.write) {
    throw UsageError(fmt::format(
        R"({}: 'write' is missing; e.g. {{"method": "PUT", "path": "/users/{{key}}/bio", "json": {{"bio": "{{value}}"}}}})",
        result_.file));
  }
  return std::move(result_);
}

}  // namespace

Description read_description(const Json& service, const std::string& file, bool lists) {
  return Reader(service, file).read(lists);
}

}  // namespace afterwrite::http
