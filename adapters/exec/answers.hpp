#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "harness/session/client.hpp"
#include "harness/session/topology.hpp"

// What an adapter answers, understood. Every function throws Breach where the protocol is not kept.
namespace afterwrite::exec {

/// What was seen and what was expected, in one line, for the author of the adapter.
class Breach : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What an adapter says of itself in answer to `hello`.
struct Capabilities {
  std::string name;
  std::set<Function> functions;
  std::vector<Node> nodes;  ///< exactly one leads
  bool waits = false;       ///< `await` is understood
  bool numeric = false;     ///< positions are integers that compare
  bool beat = false;        ///< `beat` is understood

  friend bool operator==(const Capabilities& a, const Capabilities& b);
};

/// What an answer says became of the request.
enum class AnswerType { ok, fail, info, incomparable };

/// One line of an adapter's, which must be an object that answers request `id`.
nlohmann::json parse_answer(std::string_view line, std::int64_t id);

AnswerType type_of(const nlohmann::json& answer);
/// The reason that goes with a `fail` or `info`, fit to be shown.
std::string reason_of(const nlohmann::json& answer);

/// Throws Refused, with the adapter's reason, if it answers `fail`.
Capabilities to_capabilities(const nlohmann::json& answer);
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Fills in what an answer to `invoke` says: outcome, value, version, position, node, role, error.
void read_reply(const nlohmann::json& answer, const Call& call, const Capabilities& adapter, Reply& reply);

/// The number in an answer to `beat` read; 0 where there is none yet.
std::int64_t to_beat(const nlohmann::json& answer);

/// A position of an adapter that says `numeric`; nothing if it is no integer from 0 on.
std::optional<std::uint64_t> numeric_position(std::string_view position);

}  // namespace afterwrite::exec
