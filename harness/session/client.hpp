#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/history/operation.hpp"
#include "harness/session/clock.hpp"
#include "harness/session/view.hpp"

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
  std::map<std::string, std::string> labels;  ///< what the system told besides, for the history
  /// `refused`: the connection could not be opened because it was refused or reset. `lost`: it broke or timed out. A connection that was
  /// lost is never used again by the client; the next call to that node opens a new one.
  Connection connection = Connection::usable;
};

/// One look at a view.
struct Look {
  const View& view;
  std::span<const Sought> keys;  ///< what is asked for; at least one
  std::string node;              ///< whom to ask
  Deadline deadline;
};

/// What a look told of one key.
struct Sighting {
  bool decided = false;  ///< false: the answer does not tell; nothing is recorded
  Value value;           ///< what the key holds; null: it was decided that nothing is there
  std::map<std::string, std::string> labels;
};

/// What a look came back with. If `reply` is not `ok`, nothing is decided: each key that was asked for has that outcome.
struct Sights {
  Reply reply;                  ///< its value and version mean nothing
  std::vector<Sighting> found;  ///< if it is `ok`: as many as were asked for, in their order
};

/// Several keys written in one commit: all or none.
struct Commit {
  std::span<const Put> puts;  ///< at least one
  std::string node;
  Deadline deadline;
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

  /// The same for a view of the deployment's catalogue. Called only where there is one.
  virtual Sights look_at(const Look& look) {
    Sights none;
    none.reply.outcome = Outcome::fail;
    none.reply.error = "this system has no view " + look.view.name;
    return none;
  }

  /// The same for several keys in one commit. Called only where a deed of the catalogue asks for it.
  virtual Reply commit(const Commit& /*commit*/) {
    Reply none;
    none.outcome = Outcome::fail;
    none.error = "this system writes one key at a time";
    return none;
  }

  /// Waits until `node` has applied `position`, at most until `deadline`; may return `not_yet` a little earlier, where another look
  /// would not be over in time.
  virtual Awaited await(const std::string& node, const std::string& position, Deadline deadline) = 0;
};

}  // namespace afterwrite
