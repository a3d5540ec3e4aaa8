#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/memory/log.hpp"
#include "adapters/memory/settings.hpp"
#include "harness/session/client.hpp"
#include "harness/session/topology.hpp"
#include "harness/session/workload.hpp"

namespace afterwrite::memory {

/// Which life of a node a connection was opened in; 0: not open. A node begins a new life when it is killed.
using Life = std::uint64_t;

/// The key that beats are written to; workloads have no empty keys.
inline const std::string beat_key;

/// What became of a failover.
struct Promotion {
  std::string node;
  std::int64_t beat = 0;  ///< the newest that it had
  std::int64_t epoch = 0;
  Index lost = 0;  ///< entries of the old leader that it had not
};

/// The leader, its log, and the followers. There are no threads: a follower takes from the log what is old enough
/// whenever somebody looks at it. One mutex guards everything; who waits, waits on one condition for the clock or for a
/// fault. Any thread may call.
class Cluster {
 public:
  explicit Cluster(const Settings& settings);

  /// One call of a client, from its connecting to its reply. The value read is shared, so that nobody copies it under
  /// the mutex; `reply.value` is left empty.
  struct Served {
    Reply reply;
    std::shared_ptr<const Value> value;
  };
  Served serve(const Call& call, Life& connection);
  Awaited await(const std::string& node, const std::string& position, Deadline deadline, Life& connection);
  bool write_beat(std::int64_t number, Deadline deadline);
  std::optional<std::int64_t> visible_beat(const std::string& node, Deadline deadline);

  Topology topology() const;

  // What is done to nodes. Each throws EnvironmentError if it cannot be done.
  void kill(const std::string& node);
  void restart(const std::string& node);
  void pause_replay(const std::string& node);
  void resume_replay(const std::string& node);
  Promotion promote();

 private:
  struct Server {
    std::string name;
    Role role = Role::follower;
    Duration lag{0};
    bool alive = true;
    bool paused = false;
    Life life = 1;             ///< connections opened in an earlier one are broken
    Clock::time_point linked;  ///< since when the stream flows without a break
    Clock::time_point died;
    Index received = 0;
    Index applied = 0;
    std::int64_t epoch = 1;  ///< of the last entry applied
    std::unordered_map<std::string, KeyState> states;
    std::optional<Entry> again;  ///< planted: about to be undone by an older write
  };
  using Lock = std::unique_lock<std::mutex>;
  enum class Travel { arrived, lost, late };

  // cluster.cpp: calls. All of these are called with the mutex held; those that take the lock may let go of it while
  // they wait.
  Server* find(const std::string& node);
  const Server& leader() const { return servers_[leader_]; }
  Server& leader() { return servers_[leader_]; }
  static bool is_open(const Server& server, Life connection);
  Travel travel(Lock& lock, const Server& server, Life connection, Deadline deadline);
  Travel wait_for_followers(Lock& lock, const Server& server, Life connection, Index index, Deadline deadline);
  Served read(Server& server, const std::string& key);
  Reply write(Lock& lock, Server& server, Life connection, const Call& call);
  Reply write_dirty(Lock& lock, Server& server, const Call& call, const KeyState& before, const KeyState& after);
  Index commit(const std::string& key, const KeyState& before, const KeyState& after);
  bool chance(int one_in);

  // replication.cpp: what followers have, and faults.
  Server& known(const std::string& node);
  Clock::time_point due(const Server& follower, Index index) const;
  void catch_up(Server& server, Clock::time_point now);
  void apply(Server& server, const Entry& entry);
  static void set_state(Server& server, const std::string& key, const KeyState& state);
  void rewind(Server& server, Index index);
  void copy_of(Server& server, const Server& from);
  void travel_back(Server& server, Clock::time_point now);
  Server& most_advanced_follower();
  Index kept_by(const Server& promoted) const;
  void forget_old_entries();

  const Settings settings_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;  ///< a fault began or ended
  std::vector<Server> servers_;      ///< never resized: references stay good
  std::size_t leader_ = 0;
  std::int64_t epoch_ = 1;
  Log log_;
  Random random_;
};

}  // namespace afterwrite::memory
