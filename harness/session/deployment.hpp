#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "harness/session/beat.hpp"
#include "harness/session/client.hpp"
#include "harness/session/link.hpp"
#include "harness/session/topology.hpp"

namespace afterwrite {

/// What a nemesis may ask of a deployment itself (faults on links are the link factory's).
enum class Ability { kill, restart, pause_replay, promote };

/// A system that runs, or that the user runs: where it is, how to talk to it, and what may be done to it. Created by an
/// adapter, owned by the run. Unless said otherwise a member may be called from any thread once start() has returned.
class Deployment {
 public:
  Deployment() = default;
  Deployment(const Deployment&) = delete;
  Deployment& operator=(const Deployment&) = delete;
  virtual ~Deployment() = default;

  /// Once `stop` is requested a start() that takes seconds ends soon, with EnvironmentError. Call it before start().
  void end_start_on(std::stop_token stop) { stop_ = std::move(stop); }

  /// Starts (or connects to) the system and prepares the run's own table or keys. Called once, by one thread. Throws EnvironmentError.
  virtual void start() = 0;

  /// Removes what the run made in it, ends what was started, leaves no process, port or folder. Called once, by the thread that
  /// called start(), after every client and beat is gone; also after a start() that threw. Never throws.
  virtual void stop() noexcept = 0;

  virtual Topology topology() const = 0;

  /// For the history's header: versions, nodes, settings. Holds no secret. Its member `notes`, if it has one, is an array of sentences
  /// that a reader of the report must know.
  virtual nlohmann::json describe() const = 0;

  /// Whether calls of this kind can be made here at all; others come back as `fail`. Known before start().
  virtual bool offers(Function /*function*/) const { return true; }

  /// The views and ways to write that it has beside reads and writes of one key; empty for most. Known before start(), and fixed.
  virtual Catalogue catalogue() const { return {}; }

  /// The client of one process of one session.
  virtual std::unique_ptr<Client> open_client(const std::string& session) = 0;

  /// A beat for one thread; null if the system has none (then at-risk reads are counted from what others saw).
  virtual std::unique_ptr<Beat> open_beat() = 0;

  /// From now on tells what clients send and are answered, a line at a time and without secrets: for a look at a system
  /// before a run. Called once, by the thread that called start(), before any client is opened. Most systems have nothing to tell.
  virtual void trace(std::function<void(const std::string& line)> /*tell*/) {}

  /// True if `a` is at least as far as `b`; nothing if they do not compare (another epoch counts as later if it is).
  virtual std::optional<bool> at_least(const std::string& a, const std::string& b) const = 0;

  /// The link that carries replication to `node`; nothing if it has none that can be injected into.
  virtual std::optional<LinkName> replication_link(const std::string& node) const = 0;
  /// All links that carry replication to `node` or away from it, where there are several and a node is cut off by cutting all of them,
  /// whether it leads or not. Unless overridden: the one above.
  virtual std::vector<LinkName> replication_links(const std::string& node) const {
    const auto link = replication_link(node);
    return link ? std::vector<LinkName>{*link} : std::vector<LinkName>{};
  }
  /// The link that the run's own sessions dial `node` through; nothing if they dial it directly.
  virtual std::optional<LinkName> client_link(const std::string& node) const = 0;

  /// Links that faults may name as they are (`app->replica`), known before start(): those that a scenario names. Whom they serve, and
  /// what they carry, is not known.
  virtual std::vector<LinkName> named_links() const { return {}; }

  /// Why this cannot be done here and what would make it possible; nothing if it can.
  virtual std::optional<std::string> refusal(Ability ability, const std::string& node) const = 0;

  // What a fault does, called by the nemesis's one thread. Each throws EnvironmentError if it could not be done.

  /// Ends the node at once (SIGKILL or its like). Returns what proves it, e.g. {"pid":…, "reaped":true}.
  virtual nlohmann::json kill(const std::string& node) = 0;
  /// Starts a killed node again and returns when it serves.
  virtual void restart(const std::string& node) = 0;
  /// Stops applying the replication stream while reads are served.
  virtual void pause_replay(const std::string& node) = 0;
  virtual void resume_replay(const std::string& node) = 0;
  /// Makes the follower that has received most the leader, once the old leader is dead, points the others to it, and returns
  /// when it accepts writes. Changes topology(). Returns {"promoted": node, "beat": the number of the newest beat it had, "accepted_write": true, ...}.
  virtual nlohmann::json promote() = 0;

  /// False once a node that nobody killed has ended by itself, with the reason (its last log lines) in `why`.
  virtual bool healthy(std::string& why) const = 0;

 protected:
  /// What waits of start() look at: end_start_if(). What is done to a system at the end of a run may come after that very request: there it
  /// means something only if it was not made before.
  const std::stop_token& start_stop() const { return stop_; }

 private:
  std::stop_token stop_;
};

}  // namespace afterwrite
