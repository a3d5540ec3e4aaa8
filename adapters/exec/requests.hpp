#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/session/client.hpp"

// What is asked of an adapter. Each makes a request without its id, which the conversation gives.
namespace afterwrite::exec {

/// Members stay in the order in which a reader wants them.
using Request = nlohmann::ordered_json;

inline constexpr int protocol_version = 1;

Request hello_request(const std::string& run, const nlohmann::json& config);
Request open_request(const std::string& session, const std::string& node);

/// `key` as the system shall know it: with the run's own prefix, so that no run meets what another one left.
Request invoke_request(const Call& call, const std::string& key);
Request beat_write_request(const std::string& node, const std::string& key, std::int64_t number);
Request beat_read_request(const std::string& node, const std::string& key);

/// `patience` 0: a look; the adapter then answers at once.
Request await_request(const std::string& node, const std::string& position, Duration patience);

/// The request as one line, with its id and, as `timeout_ms`, the time that is left. Nothing if a text of it is no
/// UTF-8.
std::optional<std::string> as_line(const Request& request, std::int64_t id, Deadline deadline);

}  // namespace afterwrite::exec
