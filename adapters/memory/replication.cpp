// What followers have of the log, and what faults do to them.

#include <algorithm>

#include "adapters/memory/cluster.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::memory {
namespace {

/// How many entries stay in the log once every node has them, so that a node that was away for a while can go on from
/// where it was.
constexpr Index kept_entries = 100'000;

}  // namespace

Cluster::Server& Cluster::known(const std::string& node) {
  Server* const server = find(node);
  if (server == nullptr) {
    throw EnvironmentError("the memory system has no node '" + node + "': its nodes are node-0 to node-" +
                           std::to_string(servers_.size() - 1));
  }
  return *server;
}

/// When the follower has this entry, as far as can be foreseen: never, if something must change first.
Clock::time_point Cluster::due(const Server& follower, Index index) const {
  if (!follower.alive || follower.paused || !leader().alive) return Clock::time_point::max();
  return std::max(log_.at(index).committed, follower.linked) + follower.lag;
}

void Cluster::catch_up(Server& server, Clock::time_point now) {
  if (server.role != Role::follower || !server.alive) return;
  if (leader().alive) {
    const auto arrived = [&](Index index) {
      return std::max(log_.at(index).committed, server.linked) + server.lag <= now;
    };
    while (server.received < log_.end() && arrived(server.received + 1))
      ++server.received;
  }
  if (server.paused) return;
  while (server.applied < server.received)
    apply(server, log_.at(++server.applied));
}

void Cluster::apply(Server& server, const Entry& entry) {
  if (server.again) {
    const KeyState& state = server.states[server.again->key];
    if (state.value == server.again->after.value) set_state(server, server.again->key, server.again->before);
    server.again.reset();
  }
  set_state(server, entry.key, entry.after);
  server.epoch = entry.epoch;
  const bool overwrites = entry.key != beat_key && !entry.before.never_written();
  if (settings_.bug == Bug::reapply && overwrites && chance(odds_of_reapply)) server.again = entry;
}

void Cluster::set_state(Server& server, const std::string& key, const KeyState& state) {
  if (state.never_written()) {
    server.states.erase(key);
  } else {
    server.states[key] = state;
  }
}

/// Forgets what came after `index`, as far back as the log is kept.
void Cluster::rewind(Server& server, Index index) {
  while (server.applied > std::max(index, log_.forgotten())) {
    const Entry& entry = log_.at(server.applied--);
    set_state(server, entry.key, entry.before);
    if (server.applied > log_.forgotten()) server.epoch = log_.at(server.applied).epoch;
  }
  server.received = std::min(server.received, server.applied);
}

/// A fresh base backup.
void Cluster::copy_of(Server& server, const Server& from) {
  server.states = from.states;
  server.received = server.applied = from.applied;
  server.epoch = from.epoch;
  server.again.reset();
}

void Cluster::forget_old_entries() {
  if (log_.end() - log_.forgotten() < 2 * kept_entries) return;
  const Clock::time_point now = Clock::now();
  Index wanted = log_.end() - kept_entries;
  for (Server& server : servers_) {
    catch_up(server, now);
    // A node that is down goes on from a copy if the log does not reach back far enough when it comes up.
    if (server.alive) wanted = std::min(wanted, server.applied);
  }
  log_.forget(wanted);
}

void Cluster::kill(const std::string& node) {
  const Lock lock(mutex_);
  Server& server = known(node);
  if (!server.alive) throw EnvironmentError(node + " cannot be killed: it is down already");
  const Clock::time_point now = Clock::now();
  // What is on its way when the leader dies never arrives.
  for (Server& each : servers_)
    catch_up(each, now);
  server.alive = false;
  server.paused = false;
  server.died = now;
  ++server.life;
  changed_.notify_all();
}

void Cluster::restart(const std::string& node) {
  const Lock lock(mutex_);
  Server& server = known(node);
  if (server.role == Role::unknown) {
    throw EnvironmentError(node + " cannot be restarted: " + leader().name + " leads in its place");
  }
  if (server.alive) return;
  const Clock::time_point now = Clock::now();
  server.alive = true;
  if (server.role == Role::leader) {
    for (Server& each : servers_)
      each.linked = now;
  } else {
    server.linked = now;
    if (server.received < log_.forgotten()) copy_of(server, leader());
    if (settings_.bug == Bug::time_travel) travel_back(server, now);
    catch_up(server, now);
  }
  changed_.notify_all();
}

/// Planted: a restart that finds an old state.
void Cluster::travel_back(Server& server, Clock::time_point now) {
  Index index = server.applied;
  while (index > log_.forgotten() && log_.at(index).committed > now - travelled_back)
    --index;
  rewind(server, index);
  server.linked = now + without_news;
}

void Cluster::pause_replay(const std::string& node) {
  const Lock lock(mutex_);
  Server& server = known(node);
  if (server.role != Role::follower) throw EnvironmentError(node + " cannot pause its replay: it is no follower");
  if (!server.alive) throw EnvironmentError(node + " cannot pause its replay: it is down");
  catch_up(server, Clock::now());
  server.paused = true;
}

void Cluster::resume_replay(const std::string& node) {
  const Lock lock(mutex_);
  Server& server = known(node);
  server.paused = false;
  changed_.notify_all();
}

Cluster::Server& Cluster::most_advanced_follower() {
  Server* best = nullptr;
  for (Server& server : servers_) {
    if (server.role != Role::follower || !server.alive) continue;
    if (best == nullptr || server.received > best->received) best = &server;
  }
  if (best == nullptr) throw EnvironmentError("no follower can be promoted: none is up");
  return *best;
}

/// The last entry that a promoted follower keeps.
Index Cluster::kept_by(const Server& promoted) const {
  Index kept = promoted.received;
  if (settings_.bug == Bug::lost_on_failover) {
    const Clock::time_point since = leader().died - lost_at_failover;
    while (kept > log_.forgotten() && log_.at(kept).committed > since)
      --kept;
  }
  return kept;
}

Promotion Cluster::promote() {
  const Lock lock(mutex_);
  if (leader().alive) throw EnvironmentError("no follower can be promoted: the leader " + leader().name + " is up");
  Server& promoted = most_advanced_follower();
  const Index kept = kept_by(promoted);
  promoted.paused = false;
  catch_up(promoted, Clock::now());
  rewind(promoted, kept);

  Promotion result{.node = promoted.name, .lost = log_.end() - kept};
  log_.truncate(kept);
  const Clock::time_point now = Clock::now();
  for (Server& server : servers_) {
    if (server.role != Role::follower || &server == &promoted) continue;
    // Who had more than the new leader begins again from its copy.
    if (server.received > kept) copy_of(server, promoted);
    server.linked = now;
  }
  leader().role = Role::unknown;
  promoted.role = Role::leader;
  leader_ = static_cast<std::size_t>(&promoted - servers_.data());
  result.epoch = ++epoch_;

  const auto beat = promoted.states.find(beat_key);
  if (beat != promoted.states.end()) result.beat = std::get<std::int64_t>(*beat->second.value);
  // The first entry of the new reign: proof that it accepts writes. It says no more than what was known.
  const KeyState before = beat == promoted.states.end() ? KeyState{} : beat->second;
  commit(beat_key, before, {std::make_shared<const Value>(result.beat), {epoch_, before.version.version + 1}});
  changed_.notify_all();
  return result;
}

}  // namespace afterwrite::memory
