#include <algorithm>
#include <fmt/format.h>
#include <thread>

#include "adapters/postgres/cluster.hpp"
#include "harness/process/log_tail.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

// What faults do to the servers of a private cluster.
namespace afterwrite::postgres {
namespace {

constexpr auto look_again = std::chrono::milliseconds(10);
constexpr auto receiver_patience = std::chrono::seconds(5);
constexpr auto follow_patience = std::chrono::seconds(15);
constexpr std::string_view in_recovery = "SELECT pg_is_in_recovery()";

}  // namespace

std::optional<std::string> Cluster::refusal(Ability ability, const std::string& node) const {
  if (ability == Ability::promote) {
    if (!topology().followers().empty()) return std::nullopt;
    return "a failover needs a follower to promote: start the cluster with --followers 1 or more";
  }
  if (std::find(names_.begin(), names_.end(), node) == names_.end()) {
    return fmt::format("there is no node '{}'{}", node, known_names_hint(node, names_));
  }
  const Role now = role(node);
  if (now == Role::unknown) {
    return fmt::format("{} was replaced by a failover: as a second leader it would serve a past of its own", node);
  }
  if (ability == Ability::pause_replay && now == Role::leader) {
    return fmt::format("{} is the leader, and only followers apply another's log: name a follower", node);
  }
  return std::nullopt;
}

nlohmann::json Cluster::kill(const std::string& node) {
  if (const auto reason = refusal(Ability::kill, node)) throw EnvironmentError(*reason);
  return server(node).kill();
}

void Cluster::restart(const std::string& node) {
  if (const auto reason = refusal(Ability::restart, node)) throw EnvironmentError(*reason);
  Server& restarted = server(node);
  if (restarted.running()) return;
  const Deadline deadline = soon();
  try {
    restarted.launch();
  } catch (const ProcessError& error) {
    throw EnvironmentError(fmt::format("cannot restart {}: {}", node, on_one_line(error.what())));
  }
  restarted.await_ready(deadline);
  if (role(node) == Role::follower && went_astray(restarted, deadline)) rebuild(restarted, deadline);
  publish_route(restarted);
  if (role(node) == Role::leader) {
    // It may be on another port now; the links keep their addresses.
    for (const std::string& follower : topology().followers())
      links_.open(LinkName{follower, node}, restarted.address());
  } else if (std::find(awaited_followers_.begin(), awaited_followers_.end(), node) == awaited_followers_.end()) {
    // It was dead when the present leader began its reign.
    std::vector<std::string> followers = awaited_followers_;
    followers.push_back(node);
    await_in(server(topology().leader()), followers);
  }
}

void Cluster::pause_replay(const std::string& node) {
  if (const auto reason = refusal(Ability::pause_replay, node)) throw EnvironmentError(*reason);
  const Deadline deadline = soon();
  Admin admin(server(node).target(), deadline);
  admin.run("SELECT pg_wal_replay_pause()", deadline);
  // That was only a request.
  while (admin.value("SELECT pg_get_wal_replay_pause_state()", deadline) != "paused") {
    if (Clock::now() >= deadline) throw EnvironmentError(fmt::format("{} did not pause its replay in time", node));
    std::this_thread::sleep_for(look_again);
  }
}

void Cluster::resume_replay(const std::string& node) {
  const Deadline deadline = soon();
  Admin admin(server(node).target(), deadline);
  // Promoted since, it replays nothing any more.
  if (admin.value(std::string(in_recovery), deadline) != "t") return;
  admin.run("SELECT pg_wal_replay_resume()", deadline);
  if (const auto state = admin.value("SELECT pg_get_wal_replay_pause_state()", deadline); state != "not paused") {
    throw EnvironmentError(fmt::format("{} did not resume its replay: it is '{}'", node, state));
  }
}

Server& Cluster::most_advanced(const std::vector<std::string>& followers, Deadline deadline) {
  Server* best = nullptr;
  std::uint64_t most = 0;
  for (const std::string& node : followers) {
    if (!server(node).running()) continue;
    Admin admin(server(node).target(), deadline);
    // What is still on its way in counts.
    const auto patience = std::min<Deadline>(deadline, Clock::now() + receiver_patience);
    while (admin.value("SELECT count(*) FROM pg_stat_wal_receiver", deadline) != "0" && Clock::now() < patience) {
      std::this_thread::sleep_for(look_again);
    }
    const auto received =
        parse_lsn(admin.value("SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())", deadline));
    if (received && (best == nullptr || *received > most)) {
      best = &server(node);
      most = *received;
    }
  }
  if (best == nullptr) throw EnvironmentError("no follower lives that could be promoted");
  return *best;
}

void Cluster::make_leader(Server& chosen, Deadline deadline, nlohmann::json& proof) {
  const std::int64_t old_epoch = topology().epoch;
  Admin admin(chosen.target(), deadline);
  // Before its log forks: from now on an LSN that is read there may be of another log than the tokens'.
  shared_.nodes.raise_epoch_floor(old_epoch + 1);
  admin.run("SELECT pg_wal_replay_resume()", deadline);
  admin.run("SELECT pg_promote(false)", deadline);
  while (admin.value(std::string(in_recovery), deadline) == "t") {
    if (Clock::now() >= deadline) throw EnvironmentError(fmt::format("{} was not promoted in time", chosen.name()));
    std::this_thread::sleep_for(look_again);
  }
  // Nobody writes to it yet: this is the newest beat that it had.
  const auto beat = admin.run(shared_.statements.read_beat.sql, deadline);
  proof["beat"] = std::stoll(beat.at(0).at(0).value_or("0"));

  // The first write of the new epoch, so that the beat's row tells of it wherever it is applied.
  admin.run(fmt::format("DO $do$ BEGIN PERFORM set_config('synchronous_commit', 'local', true); {}; END $do$",
                        shared_.statements.touch_beat.sql),
            deadline);
  proof["accepted_write"] = true;
  const auto touched = admin.run(shared_.statements.read_beat.sql, deadline);
  const std::int64_t epoch = std::stoll(touched.at(0).at(1).value_or("0"));
  // The last line of its history: the timeline before, a tab, where that ended.
  const std::string history = admin.value(
      fmt::format("SELECT regexp_replace(trim(pg_read_file('pg_wal/{:08X}.history'), E'\\n'), '^.*\\n', '')", epoch),
      deadline);
  const auto tab = history.find('\t');
  const auto fork = parse_lsn(history.substr(tab + 1, history.find('\t', tab + 1) - tab - 1));
  if (!fork) throw EnvironmentError(fmt::format("{} does not say where its log forked: '{}'", chosen.name(), history));
  forks_[old_epoch] = *fork;
  proof["epoch"] = epoch;
  shared_.nodes.raise_epoch_floor(epoch);
  shared_.nodes.set_epoch(epoch);
}

nlohmann::json Cluster::promote() {
  if (const auto reason = refusal(Ability::promote, "")) throw EnvironmentError(*reason);
  const Topology before = topology();
  if (server(before.leader()).running()) {
    throw EnvironmentError(fmt::format("{} still leads: a failover begins with its end", before.leader()));
  }
  const Deadline deadline = soon();
  for (const std::string& follower : before.followers())
    links_.close(LinkName{follower, before.leader()});
  Server& chosen = most_advanced(before.followers(), deadline);
  nlohmann::json proof{{"promoted", chosen.name()}, {"replaced", before.leader()}};

  std::vector<std::string> alive = followers_without(chosen.name());
  std::erase_if(alive, [this](const std::string& follower) { return !server(follower).running(); });
  await_in(chosen, alive);
  make_leader(chosen, deadline, proof);
  shared_.nodes.set_role(before.leader(), Role::unknown);
  shared_.nodes.set_role(chosen.name(), Role::leader);

  proof["followers"] = nlohmann::json::object();
  for (const std::string& follower : topology().followers())
    proof["followers"][follower] = repoint(follower, deadline);
  return proof;
}

std::string Cluster::repoint(const std::string& node, Deadline deadline) {
  Server& follower = server(node);
  Server& leader = server(topology().leader());
  // Before it follows: then what it has replayed goes on from the fork, and is no straying.
  const bool astray = follower.running() && went_astray(follower, deadline);
  follow(follower, leader);
  // Whom it would wait for if it led; the old leader is not among them.
  follower.set("synchronous_standby_names", awaited(followers_without(node)));
  if (!follower.running()) return "is not running; it follows once restarted";
  follower.reload();
  if (astray) {
    rebuild(follower, deadline);
    return "rebuilt";
  }
  Admin of_leader(leader.target(), deadline);
  Admin of_follower(follower.target(), deadline);
  const auto patience = std::min<Deadline>(deadline, Clock::now() + follow_patience);
  while (!streams(of_leader, node, deadline)) {
    if (of_follower.value("SELECT pg_is_wal_replay_paused()", deadline) == "t") {
      return "follows once its replay is resumed";
    }
    if (Clock::now() >= patience) return "does not follow yet: " + on_one_line(follower.log());
    std::this_thread::sleep_for(look_again);
  }
  return "follows";
}

bool Cluster::went_astray(Server& follower, Deadline deadline) const {
  Admin admin(follower.target(), deadline);
  const auto beat = admin.run(shared_.statements.read_beat.sql, deadline);
  const std::int64_t timeline = beat.empty() ? 0 : std::stoll(beat.at(0).at(1).value_or("0"));
  const auto fork = forks_.find(timeline);
  if (fork == forks_.end()) return false;
  const auto replayed = parse_lsn(admin.value("SELECT pg_last_wal_replay_lsn()", deadline));
  return replayed && *replayed > fork->second;
}

void Cluster::rebuild(Server& follower, Deadline deadline) {
  follower.stop();
  try {
    follower.clone(server(topology().leader()), deadline);
    follower.launch();
  } catch (const ProcessError& error) {
    throw EnvironmentError(fmt::format("cannot rebuild {}: {}", follower.name(), on_one_line(error.what())));
  }
  follower.await_ready(deadline);
  publish_route(follower);
}

}  // namespace afterwrite::postgres
