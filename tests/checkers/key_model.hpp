#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"

namespace afterwrite::oracle {

/// "older, newer"
using Pair = std::pair<std::size_t, std::size_t>;

/// One operation that counts: a write that did not fail, or a read whose value can be explained.
struct Action {
  std::size_t operation = 0;  ///< index into History::operations
  bool write = false;
  bool acknowledged = false;  ///< a write with outcome ok
  /// Writes: the version they make. Reads: what they may have returned; more than one only for a null.
  std::vector<std::size_t> versions;

  bool certain() const { return versions.size() == 1; }
};

/// The register behind one key, straight from the definitions in docs/guarantees.md: its versions (0 is the
/// initial state), what is known of their order, and who did what. Of no use for lists.
struct KeyModel {
  std::string key;
  std::size_t versions = 1;
  std::vector<Action> actions;  ///< in order of the file
  std::vector<Pair> facts;
  std::vector<Pair> writer_order;
  std::vector<Pair> realtime_writes;
  /// How many operations showed each anomaly.
  std::map<std::string, std::size_t> anomalies;
};

/// One model a key, ordered by key, of a history in which transactions are whole steps (whole_steps.hpp). Lists (keys with an append or an array) are left out. `one_clock`: times of
/// different sessions compare. `open`: the history is truncated or live, so a value that nobody wrote may be a write in
/// flight.
std::vector<KeyModel> model_registers(const History& history, bool one_clock, bool open);

/// Whether a key is a list: somebody appended to it or read an array.
bool is_list_key(const History& history, const std::string& key);

/// `first` precedes `second` (indices): it was complete when the other began, and stands earlier in the file. Where that
/// is one moment, only within a session. The operations of one transaction do not precede one another.
bool precedes(const History& history, std::size_t first, std::size_t second, bool one_clock);

/// The session, user or process that an operation belongs to. A process is one of its session's, whatever others call
/// theirs; a session without a user stands for itself.
std::string scope_name(const Operation& operation, Scope scope);

}  // namespace afterwrite::oracle
