#pragma once

#include <optional>
#include <string>

#include "harness/history/operation.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite {

/// One call to one node.
struct Call {
  Function function = Function::read;
  std::string key;
  Value value;        ///< what to write or append; null for reads
  bool list = false;  ///< reads: the key holds a list, answer with one (or null where there is nothing)
  std::string node;   ///< whom to ask
  Deadline deadline;  ///< the client's own; kept across partitions
};

/// What became of the connection that the call used.
enum class Connection { usable, lost, refused };

/// What a call came back with.
struct Reply {
  Outcome outcome = Outcome::info;
  Value value;  ///< what was read
  std::optional<RecordedVersion> version;
  std::string position;  ///< of a write: reached once this is applied; of a read: what the answer reflects at most
  std::string node;      ///< who served it, as far as known; else the node that was asked
  Role role = Role::unknown;
  std::string error;
  /// `refused`: the connection could not be opened because it was refused or reset. `lost`: it broke or timed out. A connection that was
  /// lost is never used again by the client; the next call to that node opens a new one.
  Connection connection = Connection::usable;
};

/// Whether a node has applied a position.
enum class Applied {
  reached,       ///< it has
  not_yet,       ///< the deadline passed before it had
  incomparable,  ///< the position is of another epoch than the node's: no wait can tell
  unreachable,   ///< the node did not answer
};

/// What a wait for a position came to.
struct Awaited {
  Applied applied = Applied::unreachable;
  bool waited = false;  ///< at the first look the node had not applied it yet

  friend bool operator==(const Awaited& awaited, Applied applied) { return awaited.applied == applied; }
};

/// One process: the connections of one session to every node, opened when first used. Used by one thread.
/// No call retries anything, and none outlives its deadline by more than scheduling noise. Destroying it closes everything at once.
class Client {
 public:
  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  virtual ~Client() = default;

  /// Never throws for anything that a server or network does: that is an outcome. When in doubt the outcome is `info`.
  virtual Reply call(const Call& call) = 0;

  /// Waits until `node` has applied `position`, at most until `deadline`; may return `not_yet` a little earlier, where another look
  /// would not be over in time.
  virtual Awaited await(const std::string& node, const std::string& position, Deadline deadline) = 0;
};

}  // namespace afterwrite
