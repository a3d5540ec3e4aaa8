#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checkers/key_history.hpp"

namespace afterwrite {

/// Whose operations belong together: a number for each operation's session, user or process. Without one clock the times of a user's
/// sessions do not compare: each of them then stands for the user by itself.
struct Scoping {
  Scope scope = Scope::session;
  std::vector<std::uint32_t> of;   ///< by operation
  std::vector<std::string> names;  ///< by number
  std::vector<bool> several;       ///< by number: whether it has operations of several sessions
};
Scoping make_scoping(const History& history, Scope scope, bool one_clock);

/// A version that a session is owed from `complete` on.
struct Owed {
  OperationIndex operation = no_operation;  ///< the acknowledged write, or the read
  VersionIndex version = initial_version;
  Nanoseconds complete = 0;
};

/// What one session has written (acknowledged) or read of one register, in order of completion. The initial state is left out: nothing is
/// older, so nobody can be shown less.
struct OwedChain {
  std::vector<Owed> events;
  /// They are of several sessions. Then one that ended in the moment in which an operation of its own session began precedes
  /// that and not others; it is left to the chain of that session.
  bool several = false;

  /// How many of them precede the operation: those owed to it.
  std::size_t owed_to(const History& history, OperationIndex operation) const;
};

/// Both chains of one session, user or process on one key.
struct SessionView {
  std::uint32_t name = 0;  ///< index into Scoping::names
  OwedChain written;
  OwedChain read;
};

/// The sessions that touched a register, and for each of the key's operations whose it is. A user with several sessions has a
/// view for all of them and one for each.
struct SessionViews {
  std::vector<SessionView> views;
  std::vector<std::uint32_t> of;   ///< parallel to KeyHistory::operations
  std::vector<std::uint32_t> own;  ///< likewise: the view of its session alone; the same where there are not several
};

/// `in_group` (by operation) says which reads count; an empty one means all do. Own writes always count.
SessionViews view_sessions(const History& history, const KeyHistory& key, const Scoping& scoping,
                           const std::vector<bool>& in_group);

}  // namespace afterwrite
