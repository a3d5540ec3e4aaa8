#include "adapters/exec/requests.hpp"

#include <algorithm>

namespace afterwrite::exec {
namespace {

Request to_json(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return nullptr;  // no list is ever written
}

std::int64_t milliseconds_in(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

Request hello_request(const std::string& run, const nlohmann::json& config) {
  return {{"op", "hello"}, {"protocol", protocol_version}, {"run", run}, {"config", config}};
}

Request open_request(const std::string& session, const std::string& node) {
  return {{"op", "open"}, {"session", session}, {"node", node}};
}

Request invoke_request(const Call& call, const std::string& key) {
  Request request{{"op", "invoke"}, {"f", to_string(call.function)}, {"node", call.node}, {"key", key}};
  if (call.function == Function::write || call.function == Function::append) request["value"] = to_json(call.value);
  if (call.function == Function::read && call.list) request["list"] = true;
  return request;
}

Request beat_write_request(const std::string& node, const std::string& key, std::int64_t number) {
  return {{"op", "beat"}, {"f", "write"}, {"node", node}, {"key", key}, {"value", number}};
}

Request beat_read_request(const std::string& node, const std::string& key) {
  return {{"op", "beat"}, {"f", "read"}, {"node", node}, {"key", key}};
}

Request await_request(const std::string& node, const std::string& position, Duration patience) {
  return {{"op", "await"}, {"node", node}, {"position", position}, {"timeout_ms", milliseconds_in(patience)}};
}

std::optional<std::string> as_line(const Request& request, std::int64_t id, Deadline deadline) {
  Request whole{{"id", id}};
  whole.update(request);
  if (!whole.contains("timeout_ms")) {
    whole["timeout_ms"] = std::max<std::int64_t>(milliseconds_in(deadline - Clock::now()), 1);
  }
  try {
    return whole.dump();
  } catch (const Request::exception&) {
    return std::nullopt;
  }
}

}  // namespace afterwrite::exec
