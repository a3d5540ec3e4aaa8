#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/etcd/outcomes.hpp"
#include "harness/http/connection.hpp"

namespace afterwrite::etcd {

/// How a member's JSON gateway is reached.
struct Route {
  std::string url;              ///< `http://127.0.0.1:2379`, without a path
  std::optional<Address> dial;  ///< connect here instead: a link
};
inline bool operator==(const Route& a, const Route& b) {
  const auto port = [](const Route& route) { return route.dial ? route.dial->port : 0; };
  return a.url == b.url && port(a) == port(b);
}

/// What came of a request.
struct Told {
  Outcome outcome = Outcome::info;
  Connection connection = Connection::usable;
  nlohmann::json answer;  ///< an object if the outcome is `ok`
  std::string error;
};

/// One connection to one member's JSON gateway, opened when first used. For one thread; nothing is sent twice.
class Gateway {
 public:
  explicit Gateway(const Route& route);

  const Route& route() const { return route_; }

  /// Sends a request such as `/v3/kv/put`. `is_write`: it may have changed something.
  Told post(std::string_view path, const nlohmann::json& body, bool is_write, Deadline deadline);

 private:
  Route route_;
  http::Connection connection_;
};

/// What the gateway answered, as an outcome and an object. Pure.
Told read_answer(long status, const std::string& body, bool is_write);

/// A 64-bit number as the gateway writes it: a string, or left out for 0. Nothing if it is something else.
std::optional<std::int64_t> number_in(const nlohmann::json& object, const char* name);
/// The same, unsigned: members' ids.
std::optional<std::uint64_t> id_in(const nlohmann::json& object, const char* name);
/// The revision in an answer's header: of a write its own, of a read the newest that it can reflect. Nothing if there
/// is none.
std::optional<std::int64_t> revision_of(const nlohmann::json& answer);

/// What a range of one key found.
struct Found {
  std::string value;
  std::int64_t mod_revision = 0;
};
/// Sets `sound` to false, and finds nothing, if the answer is not one to a range of one key.
std::optional<Found> found_in(const nlohmann::json& answer, bool& sound);

}  // namespace afterwrite::etcd
