#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/history/value.hpp"

namespace afterwrite {

/// A point on the run's one monotonic clock, in nanoseconds since the run began.
using Nanoseconds = std::int64_t;

/// What a call asks for. `remove` is spelled `delete` in files.
enum class Function { read, write, append, remove };

/// What is known of a call's effect: `ok` took effect, `fail` certainly did not, `info` unknown.
/// When in doubt, `info`.
enum class Outcome { ok, fail, info };

/// Where the serving node stood when it answered, as far as the adapter knew.
enum class Role { unknown, leader, follower };

std::string_view to_string(Function function);
std::string_view to_string(Outcome outcome);
std::string_view to_string(Role role);
std::optional<Function> parse_function(std::string_view text);
std::optional<Outcome> parse_outcome(std::string_view text);
std::optional<Role> parse_role(std::string_view text);

/// A place in the order of one key's versions, as recorded by the system itself. Versions compare within
/// one epoch (a leader's reign); every version of a later epoch is newer.
struct RecordedVersion {
  std::int64_t epoch = 0;
  std::int64_t version = 0;
  auto operator<=>(const RecordedVersion&) const = default;
};

/// One call of one session, from its invocation to what became of it. A plain value: copy it freely.
/// The fields are those of docs/history-format.md.
struct Operation {
  /// 1-based line of the file it was read from; 0 for one that was not read from a file.
  std::uint64_t line = 0;

  std::string session;  ///< the scope of a guarantee; survives reconnects
  std::string user;     ///< who the session belongs to; empty if nothing was recorded: the session then stands for itself
  std::string process;  ///< one incarnation of the session's connection; the session's own name where nothing was recorded
  Function function = Function::read;
  std::string key;
  Value value;  ///< what was written, appended, or read; null for a read without an answer and for a delete
  Outcome outcome = Outcome::info;
  Nanoseconds invoke = 0;    ///< stamped before the policy chooses or waits
  Nanoseconds complete = 0;  ///< never before `invoke`

  std::string node;  ///< who served it; empty if unknown
  Role role = Role::unknown;
  std::optional<RecordedVersion> version;  ///< of the state written or read
  std::string position;                    ///< place in the replication stream; empty if unknown
  std::string txn;                         ///< the transaction it belongs to; empty if none
  std::string intent;                      ///< the business action it serves; empty if none
  double waited_ms = 0;                    ///< spent by the read policy waiting for a position
  bool fallback = false;                   ///< the policy gave up waiting and went to the leader
  std::map<std::string, std::string> labels;
  std::string error;  ///< why it is not `ok`; empty if it is

  bool is_write() const { return function != Function::read; }
};

/// Whether both are part of one transaction. Two sessions that use one name have two.
inline bool of_one_transaction(const Operation& a, const Operation& b) {
  return !a.txn.empty() && a.txn == b.txn && a.session == b.session;
}

/// `a` precedes `b` iff `a` stands earlier in the file and was complete when `b` began. Where these are one moment, that is
/// certain within a session, whose operations come in the order of the file; between two sessions nothing tells which of
/// two equal moments came first. A transaction is one step, so its operations do not precede one another. The caller
/// vouches for the place in the file (operations are kept in the order of the file) and for times that compare and
/// are those of the whole transaction (checkers/transactions.hpp).
inline bool completes_before(const Operation& a, const Operation& b) {
  return (a.complete < b.invoke || (a.complete == b.invoke && a.session == b.session)) && !of_one_transaction(a, b);
}

}  // namespace afterwrite
