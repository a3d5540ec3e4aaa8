#include "adapters/postgres/cluster.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <future>
#include <thread>
#include <unistd.h>

#include "adapters/postgres/beat.hpp"
#include "adapters/postgres/run_table.hpp"
#include "harness/process/log_tail.hpp"
#include "harness/process/private_file.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::postgres {
namespace {

constexpr auto look_again = std::chrono::milliseconds(10);
constexpr std::size_t most_followers = 15;

std::optional<std::string> sync_option(const std::map<std::string, std::string>& options) {
  const std::vector<std::string> known_options{"sync"};
  const std::vector<std::string> known_levels{"off", "local", "remote_write", "on", "remote_apply"};
  std::optional<std::string> sync;
  for (const auto& [name, value] : options) {
    if (name != "sync") {
      throw UsageError(fmt::format("--opt {}={}: postgres has no option '{}'{}", name, value, name,
                                   known_names_hint(name, known_options)));
    }
    if (std::find(known_levels.begin(), known_levels.end(), value) == known_levels.end()) {
      throw UsageError(fmt::format("--opt sync={}: no such level{}", value, known_names_hint(value, known_levels)));
    }
    sync = value;
  }
  return sync;
}

}  // namespace

Cluster::Cluster(const ClusterOptions& options, LinkFactory& links)
    : options_(options),
      links_(links),
      table_(random_table_name()),
      sync_(sync_option(options.options)),
      shared_(Statements(table_, /*prepared=*/true, /*routed=*/false)) {
  if (options.followers > most_followers) {
    throw UsageError(
        fmt::format("--followers {}: a private PostgreSQL cluster has at most {}", options.followers, most_followers));
  }
  for (std::size_t number = 0; number <= options.followers; ++number) {
    names_.push_back(fmt::format("node-{}", number));
    shared_.nodes.set_role(names_.back(), number == 0 ? Role::leader : Role::follower);
  }
}

Cluster::~Cluster() {
  stop();
}

Server& Cluster::server(const std::string& node) const {
  const auto found = servers_.find(node);
  if (found == servers_.end())
    throw EnvironmentError(fmt::format("there is no node '{}'{}", node, known_names_hint(node, names_)));
  return *found->second;
}

void Cluster::start() {
  try {
    files_.start_stop = start_stop();
    boot(soon());
    files_.start_stop = {};  // faults are healed after the request to end
  } catch (const ProcessError& error) {
    end_start_if(start_stop());  // which is why
    throw EnvironmentError(fmt::format("cannot start a PostgreSQL cluster: {}", on_one_line(error.what())));
  } catch (const std::filesystem::filesystem_error& error) {
    throw EnvironmentError(fmt::format("cannot start a PostgreSQL cluster: {}", error.what()));
  }
}

void Cluster::prepare_files() {
  files_.programs = find_programs(options_.programs);
  files_.account = unprivileged_account();
  folder_.emplace(files_.account);
  files_.folder = folder_->path();
  files_.password = random_password();
  files_.password_file = files_.folder / "pgpass";
  files_.write(files_.password_file, fmt::format("*:*:*:{}:{}\n", files_.user, files_.password));
  for (const std::string& name : names_) {
    servers_[name] = std::make_unique<Server>(files_, name);
    servers_[name]->set("synchronous_commit", sync_.value_or("on"));
    // Each follower has the setting it will need as a leader from the start: after a reload there is a moment in
    // which commits do not wait yet.
    servers_[name]->set("synchronous_standby_names", awaited(followers_without(name)));
  }
}

void Cluster::boot(Deadline deadline) {
  prepare_files();
  Server& leader = server(names_.front());
  leader.initialise(deadline);
  leader.launch();
  leader.await_ready(deadline);
  publish_route(leader);

  Admin admin(leader.target(), deadline);
  create_run_table(admin, table_, deadline);
  shared_.geometry = wal_geometry(admin, deadline);
  const auto beat = admin.run(shared_.statements.read_beat.sql, deadline);
  const std::int64_t epoch = std::stoll(beat.at(0).at(1).value_or("0"));
  shared_.nodes.set_epoch(epoch);
  shared_.nodes.raise_epoch_floor(epoch);

  start_followers(deadline);
  awaited_followers_ = topology().followers();
  for (const std::string& follower : topology().followers()) {
    while (!streams(admin, follower, deadline)) {
      end_start_if(start_stop());
      if (Clock::now() >= deadline) {
        throw EnvironmentError(
            fmt::format("{} does not receive the leader's log: {}", follower, on_one_line(server(follower).log())));
      }
      std::this_thread::sleep_for(look_again);
    }
  }
}

void Cluster::start_followers(Deadline deadline) {
  Server& leader = server(names_.front());
  std::vector<std::future<void>> copies;
  for (std::size_t number = 1; number < names_.size(); ++number) {
    Server& follower = server(names_[number]);
    copies.push_back(
        std::async(std::launch::async, [&follower, &leader, deadline] { follower.clone(leader, deadline); }));
  }
  for (auto& copy : copies)
    copy.get();
  for (std::size_t number = 1; number < names_.size(); ++number) {
    Server& follower = server(names_[number]);
    follow(follower, leader);
    follower.launch();
  }
  for (std::size_t number = 1; number < names_.size(); ++number) {
    Server& follower = server(names_[number]);
    follower.await_ready(deadline);
    publish_route(follower);
  }
}

std::vector<std::string> Cluster::followers_without(const std::string& node) const {
  std::vector<std::string> others = topology().followers();
  std::erase(others, node);
  return others;
}

std::string Cluster::awaited(const std::vector<std::string>& followers) const {
  if (!sync_ || followers.empty()) return "";
  return fmt::format("FIRST {} (\"{}\")", followers.size(), fmt::join(followers, "\",\""));
}

void Cluster::await_in(Server& leader, const std::vector<std::string>& followers) {
  awaited_followers_ = followers;
  const std::string names = awaited(followers);
  if (leader.settings().at("synchronous_standby_names") == names) return;
  leader.set("synchronous_standby_names", names);
  leader.reload();
}

bool Cluster::streams(Admin& leader, const std::string& follower, Deadline deadline) const {
  // Past the place where its timeline began a leader sends its own log, not that of the one before it.
  std::uint64_t fork = 0;
  for (const auto& [timeline, end] : forks_)
    fork = std::max(fork, end);
  const auto rows = leader.run(
      "SELECT sent_lsn, sync_state FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming'",
      {follower}, deadline);
  for (const Row& row : rows) {
    const auto sent = parse_lsn(row.at(0).value_or(""));
    if (sent && *sent > fork && (!sync_ || row.at(1) != "async")) return true;
  }
  return false;
}

void Cluster::publish_route(Server& server) {
  const Target direct = server.target();
  Target session = direct;
  if (options_.proxy_clients) {
    session = server.target(links_.open(LinkName{"clients", server.name()}, server.address()));
  }
  shared_.nodes.reach(server.name(), direct, session);
}

void Cluster::follow(Server& follower, Server& leader) {
  follower.set_follower_of(links_.open(LinkName{follower.name(), leader.name()}, leader.address()));
}

void Cluster::stop() noexcept {
  for (auto& [name, server] : servers_)
    server->stop();
  try {
    for (const std::string& from : names_) {
      for (const std::string& to : names_) {
        if (!servers_.empty() && from != to) links_.close(LinkName{from, to});
      }
      if (!servers_.empty()) links_.close(LinkName{"clients", from});
    }
  } catch (...) {
    // A link that stays open leads nowhere, and ends with its factory.
  }
  servers_.clear();
  folder_.reset();
}

nlohmann::json Cluster::describe() const {
  nlohmann::json nodes = nlohmann::json::array();
  for (const std::string& name : names_) {
    const auto found = servers_.find(name);
    const std::uint16_t port = found == servers_.end() ? std::uint16_t{0} : found->second->address().port;
    nodes.push_back({{"name", name}, {"address", fmt::format("127.0.0.1:{}", port)}});
  }
  nlohmann::json settings = nlohmann::json::object();
  if (!servers_.empty()) {
    for (const auto& [setting, value] : servers_.at(names_.front())->settings())
      settings[setting] = value;
  }
  return {{"system", "postgres"},
          {"kind", "private cluster"},
          {"version", files_.programs.version},
          {"followers", names_.size() - 1},
          {"sync", sync_.value_or("")},
          {"table", table_},
          {"nodes", nodes},
          {"settings", settings}};
}

std::unique_ptr<Client> Cluster::open_client(const std::string&) {
  return std::make_unique<PostgresClient>(shared_);
}

std::unique_ptr<Beat> Cluster::open_beat() {
  return std::make_unique<PostgresBeat>(shared_);
}

std::optional<bool> Cluster::at_least(const std::string& a, const std::string& b) const {
  return postgres::at_least(a, b);
}

std::optional<LinkName> Cluster::replication_link(const std::string& node) const {
  const Topology now = topology();
  if (role(node) != Role::follower || now.leader().empty()) return std::nullopt;
  return LinkName{node, now.leader()};
}

std::optional<LinkName> Cluster::client_link(const std::string& node) const {
  const bool known = std::find(names_.begin(), names_.end(), node) != names_.end();
  if (!options_.proxy_clients || !known) return std::nullopt;
  return LinkName{"clients", node};
}

Role Cluster::role(const std::string& node) const {
  for (const Node& each : topology().nodes) {
    if (each.name == node) return each.role;
  }
  return Role::unknown;
}

bool Cluster::healthy(std::string& why) const {
  for (const auto& [name, server] : servers_) {
    if (server->died(why)) return false;
  }
  return true;
}

std::unique_ptr<Deployment> make_cluster(const ClusterOptions& options, LinkFactory& links) {
  return std::make_unique<Cluster>(options, links);
}

}  // namespace afterwrite::postgres
