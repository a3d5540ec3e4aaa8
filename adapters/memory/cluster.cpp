#include "adapters/memory/cluster.hpp"

#include <algorithm>

namespace afterwrite::memory {
namespace {

/// Certainly without effect.
Reply failed(const Call& call, std::string error) {
  Reply reply;
  reply.outcome = Outcome::fail;
  reply.node = call.node;
  reply.error = std::move(error);
  return reply;
}

/// Nobody knows, and the connection is of no use any more.
Reply lost(const Call& call, std::string error) {
  Reply reply;
  reply.outcome = Outcome::info;
  reply.node = call.node;
  reply.error = std::move(error);
  reply.connection = Connection::lost;
  return reply;
}

/// What a write makes of a key; nothing if it cannot be done: appending to what is no list.
std::shared_ptr<const Value> written(const Call& call, const KeyState& before) {
  if (call.function == Function::remove) return std::make_shared<const Value>();
  if (call.function == Function::write) return std::make_shared<const Value>(call.value);
  List elements;
  if (before.value && !is_null(*before.value)) {
    if (!is_list(*before.value)) return nullptr;
    elements = std::get<List>(*before.value);
  }
  elements.push_back(to_scalar(call.value));
  return std::make_shared<const Value>(std::move(elements));
}

}  // namespace

Cluster::Cluster(const Settings& settings) : settings_(settings), random_(settings.seed) {
  const Clock::time_point now = Clock::now();
  servers_.resize(1 + settings.lag.size());
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    servers_[i].name = "node-" + std::to_string(i);
    servers_[i].linked = now;
    if (i > 0) servers_[i].lag = settings.lag[i - 1];
  }
  leader().role = Role::leader;
}

Cluster::Server* Cluster::find(const std::string& node) {
  const auto server = std::find_if(servers_.begin(), servers_.end(), [&](const Server& s) { return s.name == node; });
  return server == servers_.end() ? nullptr : &*server;
}

bool Cluster::is_open(const Server& server, Life connection) {
  return server.alive && server.life == connection;
}

bool Cluster::chance(int one_in) {
  return std::uniform_int_distribution<int>(1, one_in)(random_) == 1;
}

/// One way of a call, there or back.
Cluster::Travel Cluster::travel(Lock& lock, const Server& server, Life connection, Deadline deadline) {
  if (settings_.latency > Duration{0}) {
    const Clock::time_point until = std::min(Clock::now() + settings_.latency / 2, deadline);
    while (is_open(server, connection) && Clock::now() < until)
      changed_.wait_until(lock, until);
  }
  if (!is_open(server, connection)) return Travel::lost;
  return Clock::now() < deadline ? Travel::arrived : Travel::late;
}

Cluster::Served Cluster::serve(const Call& call, Life& connection) {
  Lock lock(mutex_);
  Server* const server = find(call.node);
  if (server == nullptr) return {failed(call, "the memory system has no node '" + call.node + "'"), nullptr};
  if (Clock::now() >= call.deadline) return {failed(call, "the deadline had passed before the call began"), nullptr};
  if (connection == 0) {
    if (!server->alive) {
      Reply refused = failed(call, "connection refused: " + server->name + " is down");
      refused.connection = Connection::refused;
      return {std::move(refused), nullptr};
    }
    connection = server->life;
  }

  Travel travelled = travel(lock, *server, connection, call.deadline);
  Served served;
  if (travelled == Travel::arrived) {
    if (call.function == Function::read) {
      served = read(*server, call.key);
    } else {
      served.reply = write(lock, *server, connection, call);
    }
    if (served.reply.connection == Connection::usable && settings_.latency > Duration{0}) {
      travelled = travel(lock, *server, connection, call.deadline);
    }
  }
  if (travelled == Travel::lost) return {lost(call, "connection reset: " + server->name + " was killed"), nullptr};
  if (travelled == Travel::late) return {lost(call, "no answer before the deadline"), nullptr};
  return served;
}

Cluster::Served Cluster::read(Server& asked, const std::string& key) {
  const Clock::time_point now = Clock::now();
  Server* answering = &asked;
  if (settings_.bug == Bug::sticky_moves && asked.role == Role::follower && chance(odds_of_sticky_moves)) {
    for (Server& other : servers_) {
      if (other.alive && other.role == Role::follower && other.lag > answering->lag) answering = &other;
    }
  }
  catch_up(asked, now);
  catch_up(*answering, now);

  Served served;
  served.reply.outcome = Outcome::ok;
  served.reply.node = asked.name;
  served.reply.role = asked.role;
  served.reply.position = to_string(Position{asked.epoch, asked.applied});
  const auto state = answering->states.find(key);
  if (state != answering->states.end()) {
    served.value = state->second.value;
    if (settings_.versions) served.reply.version = state->second.version;
  }
  return served;
}

Reply Cluster::write(Lock& lock, Server& server, Life connection, const Call& call) {
  if (server.role != Role::leader) return failed(call, server.name + " is not the leader and takes no writes");
  if (call.function == Function::append && (is_null(call.value) || is_list(call.value))) {
    return failed(call, "only a single value can be appended");
  }
  const auto current = server.states.find(call.key);
  const KeyState before = current == server.states.end() ? KeyState{} : current->second;
  KeyState after{written(call, before), {epoch_, before.version.version + 1}};
  if (!after.value) return failed(call, "key '" + call.key + "' holds no list that could be appended to");

  Reply reply;
  reply.outcome = Outcome::ok;
  reply.node = server.name;
  reply.role = server.role;
  if (settings_.versions) reply.version = after.version;
  if (settings_.bug == Bug::dirty_read && chance(odds_of_dirty_read)) {
    return write_dirty(lock, server, call, before, after);
  }
  const bool forgotten = settings_.bug == Bug::lost_write && chance(odds_of_lost_write);
  const Index index = forgotten ? log_.end() : commit(call.key, before, after);
  reply.position = to_string(Position{epoch_, index});
  if (settings_.sync_all && settings_.bug != Bug::early_acknowledgement) {
    switch (wait_for_followers(lock, server, connection, index, call.deadline)) {
      case Travel::arrived:
        break;
      case Travel::lost:
        return lost(call, "connection reset: " + server.name + " was killed before all followers had the write");
      case Travel::late:
        return lost(call, "not applied by all followers before the deadline");
    }
  }
  return reply;
}

/// Planted: shows a write for a moment, then takes it back and calls it failed.
Reply Cluster::write_dirty(Lock& lock, Server& server, const Call& call, const KeyState& before,
                           const KeyState& after) {
  server.states[call.key] = after;
  const Clock::time_point until = std::min(Clock::now() + dirty_for, call.deadline);
  while (Clock::now() < until)
    changed_.wait_until(lock, until);
  if (server.states[call.key].value == after.value) set_state(server, call.key, before);
  return failed(call, "rolled back");
}

Index Cluster::commit(const std::string& key, const KeyState& before, const KeyState& after) {
  log_.append(Entry{key, epoch_, Clock::now(), before, after});
  Server& server = leader();
  set_state(server, key, after);
  server.received = server.applied = log_.end();
  server.epoch = epoch_;
  forget_old_entries();
  return log_.end();
}

/// A follower that is down is waited for too: all means all.
Cluster::Travel Cluster::wait_for_followers(Lock& lock, const Server& server, Life connection, Index index,
                                            Deadline deadline) {
  while (true) {
    if (!is_open(server, connection)) return Travel::lost;
    const Clock::time_point now = Clock::now();
    Clock::time_point next = deadline;
    bool all = true;
    for (Server& follower : servers_) {
      if (follower.role != Role::follower) continue;
      catch_up(follower, now);
      if (follower.applied >= index) continue;
      all = false;
      next = std::min(next, due(follower, index));
    }
    if (all) return Travel::arrived;
    if (now >= deadline) return Travel::late;
    changed_.wait_until(lock, next);
  }
}

Awaited Cluster::await(const std::string& node, const std::string& position, Deadline deadline, Life& connection) {
  const std::optional<Position> wanted = parse_position(position);
  Lock lock(mutex_);
  Server* const server = find(node);
  if (!wanted) return {Applied::incomparable};
  if (server == nullptr) return {Applied::unreachable};
  if (connection == 0) connection = server->life;
  for (bool waited = false;; waited = true) {
    if (!is_open(*server, connection)) return {Applied::unreachable, waited};
    // A position of another reign may have been lost in the failover, and one beyond the log was never given.
    if (wanted->epoch != epoch_ || wanted->index > log_.end()) return {Applied::incomparable, waited};
    if (settings_.bug == Bug::stale_follower) return {Applied::reached, waited};
    const Clock::time_point now = Clock::now();
    catch_up(*server, now);
    if (server->applied >= wanted->index) return {Applied::reached, waited};
    if (now >= deadline) return {Applied::not_yet, true};
    changed_.wait_until(lock, std::min(deadline, due(*server, wanted->index)));
  }
}

bool Cluster::write_beat(std::int64_t number, Deadline deadline) {
  Lock lock(mutex_);
  const Server& server = leader();
  const Life connection = server.life;
  if (travel(lock, server, connection, deadline) != Travel::arrived || server.role != Role::leader) return false;
  const auto current = server.states.find(beat_key);
  const KeyState before = current == server.states.end() ? KeyState{} : current->second;
  commit(beat_key, before, {std::make_shared<const Value>(number), {epoch_, before.version.version + 1}});
  return travel(lock, server, connection, deadline) == Travel::arrived;
}

std::optional<std::int64_t> Cluster::visible_beat(const std::string& node, Deadline deadline) {
  Lock lock(mutex_);
  Server* const server = find(node);
  if (server == nullptr) return std::nullopt;
  const Life connection = server->life;
  if (travel(lock, *server, connection, deadline) != Travel::arrived) return std::nullopt;
  catch_up(*server, Clock::now());
  const auto state = server->states.find(beat_key);
  const std::int64_t number = state == server->states.end() ? 0 : std::get<std::int64_t>(*state->second.value);
  if (travel(lock, *server, connection, deadline) != Travel::arrived) return std::nullopt;
  return number;
}

Topology Cluster::topology() const {
  const std::lock_guard lock(mutex_);
  Topology topology;
  topology.epoch = epoch_;
  for (const Server& server : servers_)
    topology.nodes.push_back({server.name, server.role});
  return topology;
}

}  // namespace afterwrite::memory
