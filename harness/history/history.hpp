#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/history/operation.hpp"

namespace afterwrite {

/// The schema name that the header of a history bears.
inline constexpr std::string_view history_schema = "afterwrite.history/1";

/// The first line of a history. The named fields are what checkers and reports decide by; everything else
/// that was written there (policy parameters, versions, nodes, scenario, command, min_at_risk ...) is kept in `all`.
struct Header {
  std::string system;
  std::string workload;
  std::string policy;
  std::optional<std::uint64_t> seed;
  /// The assumptions that the recorder vouches for; absent if the header does not speak of them.
  std::optional<std::vector<std::string>> assume;
  /// The header line as it stood, an object; empty object if there was no header.
  nlohmann::json all = nlohmann::json::object();
};

/// What the times of a history's operations say.
enum class Times {
  measured,  ///< when each began and ended
  order,     ///< which was first, and nothing of how long
  none,      ///< made up from the order within each session: nothing tells which of two sessions was first
};

/// As the header's member `times` says, `order` or `none`; measured if it says nothing.
inline Times times_of(const Header& header) {
  const auto times = header.all.find("times");
  if (times == header.all.end()) return Times::measured;
  return *times == "none" ? Times::none : *times == "order" ? Times::order : Times::measured;
}

/// One change of an injected fault.
struct FaultEvent {
  std::uint64_t line = 0;
  Nanoseconds time = 0;
  std::string fault;  ///< `lag`, `stall`, `partition`, `pause-replay`, `kill`, `failover`
  /// `start`, `end` (healed), or `proof`: what showed that it bit, or that it did not (`detail.bit`).
  std::string phase;
  /// Ties the start, proof and end of one episode together; unique in a run, e.g. `lag-1`.
  std::string episode;
  std::vector<std::string> targets;
  nlohmann::json detail = nlohmann::json::object();
};

/// How far behind a node was seen to be: the age of the oldest acknowledged beat not yet visible there.
struct LagSample {
  std::uint64_t line = 0;
  Nanoseconds time = 0;  ///< just before the node was asked
  std::string node;
  bool reachable = true;  ///< false: the node gave no answer; `lag_ms` then means nothing
  double lag_ms = 0;
  /// When the oldest invisible beat was acknowledged; absent if none was invisible.
  std::optional<Nanoseconds> beat_acknowledged;
};

/// What the bytes of a history are packed with.
enum class Packing { none, gzip, zstd };

/// Everything recorded in one run, in the order of the file (operations in order of completion).
struct History {
  std::string name;  ///< the file's name for messages, or a made-up one
  /// Standard input or a pipe: its bytes are gone once they are read, and no command can name them again.
  bool is_stream = false;
  Packing packing = Packing::none;
  Header header;
  std::vector<Operation> operations;
  /// Where only some of the operations are here: the number of each in the file, from 0. Empty: all are here.
  std::vector<std::uint64_t> places;
  std::vector<FaultEvent> faults;
  std::vector<LagSample> lags;
  /// True if the footer is missing: the recorder was ended before it could finish.
  bool truncated = false;
  /// What the reader had to say that is not fatal, e.g. a torn last line that was left out.
  std::vector<std::string> notes;
  /// The footer line, an object; empty object if there was none.
  nlohmann::json footer = nlohmann::json::object();

  /// The number in the file, from 0, of operations[index].
  std::uint64_t place(std::size_t index) const { return places.empty() ? index : places[index]; }
};

}  // namespace afterwrite
