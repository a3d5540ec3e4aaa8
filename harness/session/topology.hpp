#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/history/operation.hpp"

namespace afterwrite {

/// One server of the system, by the name that histories record (`node-0`, `node-1` ...).
struct Node {
  std::string name;
  Role role = Role::unknown;
};

/// Who leads and who follows at one moment: a snapshot, a plain value. Nodes keep their names for the whole run;
/// a failover changes roles and the epoch. A dead node stays listed (a real client learns of it by being refused), except
/// that a leader which was replaced becomes `Role::unknown` and is in nobody's choice any more.
struct Topology {
  std::vector<Node> nodes;
  std::int64_t epoch = 0;  ///< of the current leader; 0 where the system has none

  /// The current leader's name; empty if there is none.
  std::string leader() const;
  /// Names of the followers, in the order of `nodes`.
  std::vector<std::string> followers() const;
};

}  // namespace afterwrite
