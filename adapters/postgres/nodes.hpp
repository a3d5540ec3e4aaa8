#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/server_connection.hpp"
#include "harness/session/topology.hpp"

namespace afterwrite::postgres {

/// Where every node is now, who leads, and how to dial it. Any thread may call.
class Nodes {
 public:
  /// Adds a node or changes how it is reached: `direct` for beats, `session` for the run's sessions (perhaps through a
  /// link).
  void reach(const std::string& name, const Target& direct, const Target& session);
  void set_role(const std::string& name, Role role);
  void set_epoch(std::int64_t epoch);

  std::optional<Target> direct(const std::string& name) const;
  std::optional<Target> session(const std::string& name) const;

  Topology topology() const;

  /// No position of an earlier epoch than this can be waited for any more. Raised before a follower is promoted: an LSN
  /// read after that may be of the new log, whatever the node says of itself.
  std::int64_t epoch_floor() const;
  void raise_epoch_floor(std::int64_t epoch);

 private:
  struct Route {
    Target direct;
    Target session;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Route> routes_;
  Topology topology_;
  std::int64_t epoch_floor_ = 0;
};

}  // namespace afterwrite::postgres
