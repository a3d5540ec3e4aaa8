#include "adapters/exec/answers.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <initializer_list>
#include <tuple>

#include "harness/history/bounded_json.hpp"
#include "harness/history/text.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::exec {
namespace {

using Json = nlohmann::json;

constexpr std::size_t shown_bytes = 120;
constexpr std::size_t reason_bytes = 500;

std::string shown(const Json& json) {
  return shortened_text(json.dump(-1, ' ', false, Json::error_handler_t::replace), shown_bytes);
}

[[noreturn]] void refuse(std::string_view member, const Json& seen, std::string_view expected) {
  throw Breach(fmt::format("'{}' is {}; expected {}", member, shown(seen), expected));
}

/// Nobody means a misspelt `positon` to be left out.
void know_members(const Json& object, std::initializer_list<std::string_view> known, std::string_view what) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Breach(fmt::format("'{}' is no member of {}{}", shortened_text(name), what,
                             known_names_hint(name, {known.begin(), known.end()})));
  }
}

std::string text_in(const Json& object, const char* member, std::string_view expected) {
  const auto found = object.find(member);
  if (found == object.end()) return {};
  if (!found->is_string()) refuse(member, *found, expected);
  return found->get<std::string>();
}

bool flag_in(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end()) return false;
  if (!found->is_boolean()) refuse(member, *found, "true or false");
  return found->get<bool>();
}

bool is_integer(const Json& json) {
  if (json.is_number_unsigned()) return json.get<std::uint64_t>() <= std::uint64_t{INT64_MAX};
  return json.is_number_integer();
}

Scalar to_scalar(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (is_integer(json)) return json.get<std::int64_t>();
  refuse("value", json, "a string or an integer, as it was written");
}

Value to_value(const Json& answer, bool list) {
  const auto found = answer.find("value");
  if (found == answer.end())
    throw Breach(R"(there is no 'value'; expected what the key holds, or null where there is nothing)");
  if (found->is_null()) return {};
  if (!list) return afterwrite::to_value(to_scalar(*found));
  if (!found->is_array())
    refuse("value", *found, "an array, or null where there is nothing, since the request says \"list\":true");
  List elements;
  for (const Json& element : *found)
    elements.push_back(to_scalar(element));
  return elements;
}

Node to_node(const Json& json, bool first) {
  constexpr std::string_view expected = R"(a name, or {"name":"n1","role":"leader" or "follower"})";
  if (json.is_string()) return {json.get<std::string>(), first ? Role::leader : Role::follower};
  if (!json.is_object() || !json.contains("name")) refuse("nodes", json, expected);
  know_members(json, {"name", "role"}, "a node");
  const std::string name = text_in(json, "name", "a name");
  const std::optional<Role> role = parse_role(text_in(json, "role", R"("leader" or "follower")"));
  if (!role || *role == Role::unknown) refuse("nodes", json, expected);
  return {name, *role};
}

std::vector<Node> to_nodes(const Json& answer) {
  const auto found = answer.find("nodes");
  if (found == answer.end() || !found->is_array() || found->empty()) {
    refuse("nodes", found == answer.end() ? Json() : *found,
           R"(an array of names, the leader's first, e.g. ["n1","n2"])");
  }
  std::vector<Node> nodes;
  std::set<std::string> names;
  for (const Json& element : *found) {
    nodes.push_back(to_node(element, nodes.empty()));
    if (nodes.back().name.empty() || !names.insert(nodes.back().name).second) {
      refuse("nodes", *found, "names that are not empty, each once");
    }
  }
  const auto leaders = std::count_if(nodes.begin(), nodes.end(), [](const Node& n) { return n.role == Role::leader; });
  if (leaders != 1) refuse("nodes", *found, "exactly one leader: all sessions write to it");
  return nodes;
}

std::set<Function> to_functions(const Json& answer) {
  constexpr std::string_view expected =
      R"(an array of "read" and at least one of "write" and "append", perhaps "delete")";
  const auto found = answer.find("functions");
  if (found == answer.end() || !found->is_array())
    refuse("functions", found == answer.end() ? Json() : *found, expected);
  std::set<Function> functions;
  for (const Json& element : *found) {
    const auto function = element.is_string() ? parse_function(element.get<std::string>()) : std::nullopt;
    if (!function) refuse("functions", *found, expected);
    functions.insert(*function);
  }
  const bool writes = functions.contains(Function::write) || functions.contains(Function::append);
  if (!functions.contains(Function::read) || !writes) refuse("functions", *found, expected);
  return functions;
}

std::optional<RecordedVersion> to_version(const Json& answer) {
  const auto version = answer.find("version");
  const auto epoch = answer.find("epoch");
  if (version == answer.end()) {
    if (epoch != answer.end()) refuse("epoch", *epoch, "a 'version' beside it");
    return std::nullopt;
  }
  if (!is_integer(*version)) refuse("version", *version, "an integer that grows with each write of the key");
  if (epoch != answer.end() && !is_integer(*epoch))
    refuse("epoch", *epoch, "an integer that grows with each new leader");
  return RecordedVersion{.epoch = epoch == answer.end() ? 0 : epoch->get<std::int64_t>(),
                         .version = version->get<std::int64_t>()};
}

}  // namespace

bool operator==(const Capabilities& a, const Capabilities& b) {
  const auto same = [](const Node& x, const Node& y) { return x.name == y.name && x.role == y.role; };
  return std::tie(a.name, a.functions, a.waits, a.numeric, a.beat) ==
             std::tie(b.name, b.functions, b.waits, b.numeric, b.beat) &&
         std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(), same);
}

Json parse_answer(std::string_view line, std::int64_t id) {
  const BoundedJson parsed = parse_bounded_json(line, RepeatedMembers::refused);
  const Json& answer = parsed.json;
  constexpr std::string_view expected = R"(expected one JSON object in each line of stdout, e.g. {"id":3,"type":"ok"})";
  if (!parsed.problem.empty())
    throw Breach(fmt::format("'{}' {}; {}", shortened_text(line, shown_bytes), parsed.problem, expected));
  if (!parsed.good()) throw Breach(fmt::format("'{}' is no JSON; {}", shortened_text(line, shown_bytes), expected));
  if (!answer.is_object()) throw Breach(fmt::format("{} is no JSON object; {}", shown(answer), expected));
  const auto given = answer.find("id");
  if (given == answer.end()) throw Breach(fmt::format("{} has no 'id'; expected that of the request", shown(answer)));
  if (!is_integer(*given) || given->get<std::int64_t>() != id) {
    throw Breach(
        fmt::format("{} bears a wrong id; expected \"id\":{}, that of the one request that is open: each is answered "
                    "once, before the next is sent",
                    shown(answer), id));
  }
  return answer;
}

AnswerType type_of(const Json& answer) {
  const auto found = answer.find("type");
  if (found != answer.end() && found->is_string()) {
    if (*found == "ok") return AnswerType::ok;
    if (*found == "fail") return AnswerType::fail;
    if (*found == "info") return AnswerType::info;
    if (*found == "incomparable") return AnswerType::incomparable;
  }
  refuse("type", found == answer.end() ? Json() : *found, R"("ok", "fail" or "info")");
}

std::string reason_of(const Json& answer) {
  const std::string reason = text_in(answer, "error", "a text that says why");
  return reason.empty() ? "the adapter gave no reason" : shortened_text(reason, reason_bytes);
}

Capabilities to_capabilities(const Json& answer) {
  if (answer.contains("type") && type_of(answer) != AnswerType::ok) throw Refused(reason_of(answer));
  know_members(answer, {"id", "type", "name", "functions", "nodes", "position", "beat"}, "the answer to hello");
  Capabilities adapter;
  adapter.name = text_in(answer, "name", "the adapter's name");
  adapter.functions = to_functions(answer);
  adapter.nodes = to_nodes(answer);
  adapter.beat = flag_in(answer, "beat");
  if (const auto position = answer.find("position"); position != answer.end()) {
    if (!position->is_object())
      refuse("position", *position,
             R"({"waits":true} if await is understood, and "numeric":true if positions compare)");
    know_members(*position, {"waits", "numeric"}, "'position'");
    adapter.waits = flag_in(*position, "waits");
    adapter.numeric = flag_in(*position, "numeric");
  }
  return adapter;
}

void read_reply(const Json& answer, const Call& call, const Capabilities& adapter, Reply& reply) {
  const AnswerType type = type_of(answer);
  if (type == AnswerType::incomparable) refuse("type", answer["type"], R"("ok", "fail" or "info")");
  if (type != AnswerType::ok) {
    know_members(answer, {"id", "type", "error", "node", "role"}, "an answer that is not ok");
    reply.outcome = type == AnswerType::fail ? Outcome::fail : Outcome::info;
    reply.error = reason_of(answer);
    return;
  }
  const bool reads = call.function == Function::read;
  if (reads) {
    know_members(answer, {"id", "type", "value", "version", "epoch", "position", "node", "role"},
                 "the answer to a read");
    reply.value = to_value(answer, call.list);
  } else {
    know_members(answer, {"id", "type", "version", "epoch", "position", "node", "role"}, "the answer to a write");
  }
  reply.version = to_version(answer);
  reply.position = text_in(answer, "position", "a text");
  if (adapter.numeric && !reply.position.empty() && !numeric_position(reply.position)) {
    refuse("position", reply.position, R"(an integer in quotes, e.g. "17", since hello says "numeric":true)");
  }
  if (const std::string node = text_in(answer, "node", "a node's name"); !node.empty()) reply.node = node;
  if (const std::string role = text_in(answer, "role", R"("leader" or "follower")"); !role.empty()) {
    const auto known = parse_role(role);
    if (!known) refuse("role", role, R"("leader" or "follower")");
    reply.role = *known;
  }
  reply.outcome = Outcome::ok;
}

std::int64_t to_beat(const Json& answer) {
  const auto found = answer.find("value");
  if (found == answer.end() || found->is_null()) return 0;
  if (!is_integer(*found)) refuse("value", *found, "the number that was written last, an integer, or null");
  return found->get<std::int64_t>();
}

std::optional<std::uint64_t> numeric_position(std::string_view position) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(position.data(), position.data() + position.size(), number);
  if (error != std::errc{} || end != position.data() + position.size()) return std::nullopt;
  return number;
}

}  // namespace afterwrite::exec
