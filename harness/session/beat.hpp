#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/session/clock.hpp"

namespace afterwrite {

/// A row that shows how far replication has come: numbers written to the leader without waiting for any follower, and
/// read directly at each node. One object serves one thread; each thread opens its own.
class Beat {
 public:
  Beat() = default;
  Beat(const Beat&) = delete;
  Beat& operator=(const Beat&) = delete;
  virtual ~Beat() = default;

  /// Writes `number` to the current leader. True once acknowledged; false if it failed or is unsure.
  virtual bool write(std::int64_t number, Deadline deadline) = 0;

  /// The number that `node` shows now, 0 if it shows none yet; nothing if the node did not answer in time.
  virtual std::optional<std::int64_t> visible(const std::string& node, Deadline deadline) = 0;
};

}  // namespace afterwrite
