#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/etcd/gateway.hpp"
#include "harness/session/topology.hpp"

namespace afterwrite::etcd {

/// Where every member is, and who leads. Any thread may call.
class Members {
 public:
  /// The first leads until it is known better.
  explicit Members(const std::vector<std::string>& names);

  /// How a member is reached: `direct` for beats and the watch, `session` for the run's sessions (perhaps through a
  /// link).
  void reach(const std::string& name, const Route& direct, const Route& session);
  /// The others follow.
  void set_leader(const std::string& name);

  std::optional<Route> direct(const std::string& name) const;
  std::optional<Route> session(const std::string& name) const;
  Topology topology() const;

 private:
  struct Routes {
    Route direct;
    Route session;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Routes> routes_;
  Topology topology_;
};

/// What a member says of itself.
struct Status {
  std::uint64_t member = 0;
  std::uint64_t leader = 0;  ///< the member that it takes for the leader; 0: it knows none
  std::uint64_t term = 0;
  std::uint64_t cluster = 0;
  std::string version;
};
/// Nothing for what is no answer to `/v3/maintenance/status`.
std::optional<Status> status_in(const nlohmann::json& answer);

/// The leader's id: what those say who know one in the newest term. A member that is cut off may take itself for the
/// leader of an earlier term for a while. 0 if nobody knows one.
std::uint64_t leader_of(const std::vector<Status>& all);

/// Everything that clients and beats share. Outlives them; constant but for `members`, which guards itself.
struct Shared {
  Members members;
  std::string prefix;         ///< of every key of the run
  bool serializable = false;  ///< reads ask the member alone, not the cluster
  std::int64_t lease = 0;     ///< that all keys hang on; 0: none

  explicit Shared(const std::vector<std::string>& names) : members(names) {}
};

}  // namespace afterwrite::etcd
