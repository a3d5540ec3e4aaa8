#include "adapters/etcd/client.hpp"

#include <charconv>
#include <fmt/format.h>
#include <thread>

#include "adapters/etcd/base64.hpp"
#include "harness/history/bounded_json.hpp"

namespace afterwrite::etcd {
namespace {

constexpr Duration shortest_pause = std::chrono::microseconds(500);
constexpr Duration longest_pause = std::chrono::milliseconds(5);

nlohmann::json json_of(const Scalar& scalar) {
  return std::visit([](const auto& plain) { return nlohmann::json(plain); }, scalar);
}

std::optional<Scalar> scalar_of(const nlohmann::json& json) {
  if (json.is_string()) return Scalar(json.get<std::string>());
  if (json.is_number_integer()) return Scalar(json.get<std::int64_t>());
  return std::nullopt;
}

/// Nothing for what no call of ours wrote.
std::optional<Value> value_of(const std::string& text, bool list) {
  const nlohmann::json json = parse_bounded_json(text).json;
  if (!list) {
    const auto scalar = scalar_of(json);
    return scalar ? std::optional(to_value(*scalar)) : std::nullopt;
  }
  if (!json.is_array()) return std::nullopt;
  List elements;
  for (const auto& element : json) {
    const auto scalar = scalar_of(element);
    if (!scalar) return std::nullopt;
    elements.push_back(*scalar);
  }
  return Value(elements);
}

Reply reply_to(const Call& call, const Told& told) {
  Reply reply;
  reply.node = call.node;
  reply.outcome = told.outcome;
  reply.connection = told.connection;
  reply.error = told.error;
  return reply;
}

Reply ended(const Call& call, Outcome outcome, std::string error) {
  return reply_to(call, {outcome, Connection::usable, {}, std::move(error)});
}

/// What an acknowledged write says of itself: its revision is version and position.
void date(Reply& reply, std::int64_t revision) {
  reply.version = RecordedVersion{.epoch = 0, .version = revision};
  reply.position = std::to_string(revision);
}

}  // namespace

std::optional<std::int64_t> parse_position(std::string_view text) {
  std::int64_t revision = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), revision);
  if (error != std::errc{} || end != text.data() + text.size() || revision <= 0) return std::nullopt;
  return revision;
}

std::optional<bool> at_least(std::string_view a, std::string_view b) {
  const auto first = parse_position(a);
  const auto second = parse_position(b);
  if (!first || !second) return std::nullopt;
  return *first >= *second;
}

nlohmann::json range_request(const Shared& shared, std::string_view key, bool serializable) {
  nlohmann::json request{{"key", base64_encoded(shared.prefix + std::string(key))}};
  if (serializable) request["serializable"] = true;
  return request;
}

nlohmann::json put_request(const Shared& shared, std::string_view key, std::string_view value) {
  nlohmann::json request{{"key", base64_encoded(shared.prefix + std::string(key))}, {"value", base64_encoded(value)}};
  if (shared.lease != 0) request["lease"] = std::to_string(shared.lease);
  return request;
}

Gateway* EtcdClient::gateway(const std::string& node) {
  const auto route = shared_.members.session(node);
  if (!route) return nullptr;
  const auto found = gateways_.find(node);
  if (found != gateways_.end() && found->second.route() == *route) return &found->second;
  if (found != gateways_.end()) gateways_.erase(found);
  return &gateways_.try_emplace(node, *route).first->second;
}

Reply EtcdClient::call(const Call& call) {
  Gateway* gateway = this->gateway(call.node);
  if (gateway == nullptr) return ended(call, Outcome::fail, fmt::format("no such node: {}", call.node));
  Reply reply = call.function == Function::read     ? read(call, *gateway)
                : call.function == Function::append ? append(call, *gateway)
                                                    : write(call, *gateway);
  if (reply.connection == Connection::lost) gateways_.erase(call.node);
  return reply;
}

Reply EtcdClient::read(const Call& call, Gateway& gateway) {
  const Told told = gateway.post("/v3/kv/range", range_request(shared_, call.key, shared_.serializable),
                                 /*is_write=*/false, call.deadline);
  Reply reply = reply_to(call, told);
  if (told.outcome != Outcome::ok) return reply;
  bool sound = false;
  const auto found = found_in(told.answer, sound);
  if (!sound) return ended(call, Outcome::info, "an answer that makes no sense");
  if (found) {
    const auto value = value_of(found->value, call.list);
    if (!value) return ended(call, Outcome::info, "a value that afterwrite did not write");
    reply.value = *value;
    reply.version = RecordedVersion{.epoch = 0, .version = found->mod_revision};
  }
  reply.position = std::to_string(revision_of(told.answer).value_or(0));
  return reply;
}

Reply EtcdClient::write(const Call& call, Gateway& gateway) {
  const bool removes = call.function == Function::remove;
  nlohmann::json request{{"key", base64_encoded(shared_.prefix + call.key)}};
  if (!removes) {
    if (is_null(call.value) || is_list(call.value))
      return ended(call, Outcome::fail, "a write needs one string or integer");
    try {
      request = put_request(shared_, call.key, json_of(to_scalar(call.value)).dump());
    } catch (const nlohmann::json::exception& error) {
      return ended(call, Outcome::fail, fmt::format("not a value that JSON can hold: {}", error.what()));
    }
  }
  const Told told =
      gateway.post(removes ? "/v3/kv/deleterange" : "/v3/kv/put", request, /*is_write=*/true, call.deadline);
  Reply reply = reply_to(call, told);
  if (told.outcome != Outcome::ok) return reply;
  const auto revision = revision_of(told.answer);
  if (!revision) return ended(call, Outcome::info, "acknowledged without a revision");
  date(reply, *revision);
  // A delete that found nothing has no revision of its own: what it says is that of whatever came before.
  if (removes && number_in(told.answer, "deleted").value_or(0) == 0) reply.version.reset();
  return reply;
}

// Reads the list and puts the longer one in its place if nobody was faster. Another's append in between is a `fail`:
// nothing of ours was written, and trying again is the caller's.
Reply EtcdClient::append(const Call& call, Gateway& gateway) {
  const Told seen =
      gateway.post("/v3/kv/range", range_request(shared_, call.key, false), /*is_write=*/false, call.deadline);
  if (seen.outcome != Outcome::ok) {
    Reply reply = reply_to(call, seen);
    reply.outcome = Outcome::fail;  // only a read was sent
    return reply;
  }
  bool sound = false;
  const auto found = found_in(seen.answer, sound);
  nlohmann::json list = found ? parse_bounded_json(found->value).json : nlohmann::json::array();
  if (!sound || !list.is_array()) return ended(call, Outcome::fail, "what is there is no list");
  nlohmann::json request;
  try {
    list.push_back(json_of(to_scalar(call.value)));
    request = {{"compare",
                {{{"key", base64_encoded(shared_.prefix + call.key)},
                  {"target", "MOD"},
                  {"result", "EQUAL"},
                  {"mod_revision", std::to_string(found ? found->mod_revision : 0)}}}},
               {"success", {{{"request_put", put_request(shared_, call.key, list.dump())}}}}};
  } catch (const std::exception& error) {
    return ended(call, Outcome::fail, fmt::format("not a value that can be appended: {}", error.what()));
  }
  const Told told = gateway.post("/v3/kv/txn", request, /*is_write=*/true, call.deadline);
  Reply reply = reply_to(call, told);
  if (told.outcome != Outcome::ok) return reply;
  const auto done = told.answer.find("succeeded");
  if (done == told.answer.end() || !done->is_boolean() || !done->get<bool>()) {
    return ended(call, Outcome::fail, "another write to the key came in between");
  }
  const auto revision = revision_of(told.answer);
  if (!revision) return ended(call, Outcome::info, "acknowledged without a revision");
  date(reply, *revision);
  return reply;
}

Awaited EtcdClient::await(const std::string& node, const std::string& position, Deadline deadline) {
  const auto wanted = parse_position(position);
  if (!wanted) return {Applied::incomparable};
  Gateway* gateway = this->gateway(node);
  if (gateway == nullptr) return {Applied::unreachable};
  // Any answer of the member alone says how far it is; a key that is never there makes it a short one.
  const nlohmann::json request = range_request(shared_, "", /*serializable=*/true);
  Awaited last;
  Duration pause = shortest_pause;
  for (;;) {
    const auto asked = Clock::now();
    const Told told = gateway->post("/v3/kv/range", request, /*is_write=*/false, deadline);
    if (told.connection != Connection::usable) {
      gateways_.erase(node);
      return last;
    }
    const auto revision = revision_of(told.answer);
    if (!revision) return {Applied::unreachable, last.waited};
    if (*revision >= *wanted) return {Applied::reached, last.waited};
    last = {Applied::not_yet, true};
    // A look that the deadline would cut short costs the connection and tells nothing.
    const auto now = Clock::now();
    const auto last_look = deadline - 2 * (now - asked);
    if (now >= last_look) return last;
    std::this_thread::sleep_until(std::min(now + pause, last_look));
    pause = std::min(pause * 2, longest_pause);
  }
}

}  // namespace afterwrite::etcd
