#include "adapters/etcd/cluster.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <thread>

#include "adapters/etcd/beat.hpp"
#include "adapters/etcd/client.hpp"
#include "harness/process/log_tail.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::etcd {
namespace {

constexpr auto look_again = std::chrono::milliseconds(10);
constexpr std::size_t most_followers = 6;
constexpr auto shortest_election_timeout = std::chrono::seconds(1);
constexpr auto longest_election_timeout = std::chrono::seconds(50);  // etcd's own bound
constexpr auto leadership_patience = std::chrono::seconds(10);

std::vector<std::string> names_of(std::size_t followers) {
  std::vector<std::string> names;
  for (std::size_t number = 0; number <= followers; ++number)
    names.push_back(fmt::format("node-{}", number));
  return names;
}

}  // namespace

Cluster::Cluster(const ClusterOptions& options, LinkFactory& links)
    : options_(options),
      links_(links),
      names_(names_of(std::min(options.followers, most_followers))),
      shared_(names_),
      watch_(shared_.members) {
  if (options.followers > most_followers) {
    throw UsageError(
        fmt::format("--followers {}: a private etcd cluster has at most {}", options.followers, most_followers));
  }
  shared_.serializable = serializable_asked(options.options);
  shared_.prefix = random_prefix();
  files_.election_timeout = std::max<Duration>(shortest_election_timeout, 3 * options.longest_lag);
  if (files_.election_timeout > longest_election_timeout) {
    throw UsageError(
        "--lag: etcd's members take each other for dead after 50 s at most, so a third of that is the longest lag "
        "here");
  }
}

Cluster::~Cluster() {
  stop();
}

bool Cluster::knows(const std::string& node) const {
  return std::find(names_.begin(), names_.end(), node) != names_.end();
}

Server& Cluster::server(const std::string& node) const {
  const auto found = servers_.find(node);
  if (found == servers_.end())
    throw EnvironmentError(fmt::format("there is no node '{}'{}", node, known_names_hint(node, names_)));
  return *found->second;
}

void Cluster::start() {
  try {
    boot(soon());
  } catch (const ProcessError& error) {
    throw EnvironmentError(fmt::format("cannot start an etcd cluster: {}", on_one_line(error.what())));
  } catch (const std::filesystem::filesystem_error& error) {
    throw EnvironmentError(fmt::format("cannot start an etcd cluster: {}", error.what()));
  }
}

Address Cluster::open_peer_link(Server& server, const std::vector<Dialler>& diallers) {
  std::vector<Dialler> others = diallers;
  std::erase_if(others, [&](const Dialler& dialler) { return dialler.name == server.name(); });
  return links_.open_shared(server.name(), server.peer_address(), others);
}

void Cluster::boot(Deadline deadline) {
  files_.program = find_program();
  files_.account = unprivileged_account();
  folder_.emplace(files_.account);
  files_.folder = folder_->path();
  files_.token = shared_.prefix;
  std::vector<std::string> urls;
  for (const std::string& name : names_) {
    Server& server = *(servers_[name] = std::make_unique<Server>(files_, name));
    server.choose_ports();
    const Address address = open_peer_link(server, {});
    const std::string url = fmt::format("http://{}:{}", address.host, address.port);
    server.set_peer_url(url);
    diallers_.push_back({name, fmt::format("\r\nX-Peerurls: {}\r\n", url)});
    urls.push_back(fmt::format("{}={}", name, url));
  }
  files_.members = fmt::format("{}", fmt::join(urls, ","));
  for (const std::string& name : names_) {
    open_peer_link(server(name), diallers_);
    server(name).launch();
  }
  for (const std::string& name : names_) {
    await_ready(server(name), deadline, start_stop());
    publish_route(server(name));
  }
  lead_with(names_.front(), std::min<Deadline>(deadline, Clock::now() + leadership_patience));
  watch_.begin();
}

Status Cluster::await_ready(Server& server, Deadline deadline, const std::stop_token& stop) {
  for (;; std::this_thread::sleep_for(look_again)) {
    end_start_if(stop);
    bool moved = false;
    const auto status = server.look(moved);
    if (moved) open_peer_link(server, diallers_);
    if (status && status->leader != 0) {
      server.started();
      return *status;
    }
    if (Clock::now() >= deadline) {
      throw EnvironmentError(
          fmt::format("etcd server {} did not get ready in time: {}", server.name(), server.last_words()));
    }
  }
}

// Elections are etcd's; so that names mean the same in every run, the first node is asked to take over.
void Cluster::lead_with(const std::string& node, Deadline deadline) {
  std::map<std::string, Gateway> gateways;
  bool asked = false;
  for (;; std::this_thread::sleep_for(look_again)) {
    end_start_if(start_stop());
    const auto all = ask_statuses(shared_.members, gateways, deadline - Clock::now());
    std::vector<Status> statuses;
    for (const auto& [name, status] : all)
      statuses.push_back(status);
    const std::uint64_t leader = leader_of(statuses);
    const auto wanted = all.find(node);
    const bool agreed = all.size() == names_.size() &&
                        std::all_of(statuses.begin(), statuses.end(),
                                    [&](const Status& status) { return status.leader == leader && leader != 0; });
    for (const auto& [name, status] : all) {
      if (status.member != leader) continue;
      shared_.members.set_leader(name);
      if (agreed && name == node) return;
      if (!agreed || asked || wanted == all.end()) continue;
      asked = true;
      gateways.at(name).post("/v3/maintenance/transfer-leadership",
                             {{"targetID", std::to_string(wanted->second.member)}}, false, deadline);
    }
    // Another leader is as good as this one.
    if (Clock::now() >= deadline) return;
  }
}

void Cluster::publish_route(Server& server) {
  const Route direct = server.route();
  Route session = direct;
  if (options_.proxy_clients) session.dial = links_.open(LinkName{"clients", server.name()}, server.client_address());
  shared_.members.reach(server.name(), direct, session);
}

void Cluster::stop() noexcept {
  watch_.end();
  for (auto& [name, server] : servers_)
    server->stop();
  try {
    for (const auto& [to, server] : servers_) {
      links_.close(LinkName{any_dialler, to});
      links_.close(LinkName{"clients", to});
      for (const std::string& from : names_)
        links_.close(LinkName{from, to});
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
    const std::uint16_t port = found == servers_.end() ? std::uint16_t{0} : found->second->client_address().port;
    nodes.push_back({{"name", name}, {"address", fmt::format("127.0.0.1:{}", port)}});
  }
  return {{"system", "etcd"},
          {"kind", "private cluster"},
          {"version", files_.program.version},
          {"followers", names_.size() - 1},
          {"reads", shared_.serializable ? "serializable" : "linearizable"},
          {"prefix", shared_.prefix},
          {"election_timeout_ms", std::chrono::ceil<std::chrono::milliseconds>(files_.election_timeout).count()},
          {"nodes", nodes}};
}

std::unique_ptr<Client> Cluster::open_client(const std::string&) {
  return std::make_unique<EtcdClient>(shared_);
}

std::unique_ptr<Beat> Cluster::open_beat() {
  return std::make_unique<EtcdBeat>(shared_);
}

std::optional<bool> Cluster::at_least(const std::string& a, const std::string& b) const {
  return etcd::at_least(a, b);
}

std::vector<LinkName> Cluster::replication_links(const std::string& node) const {
  std::vector<LinkName> all;
  if (!knows(node)) return all;
  for (const std::string& other : names_) {
    if (other == node) continue;
    all.push_back({node, other});
    all.push_back({other, node});
  }
  return all;
}

std::optional<LinkName> Cluster::replication_link(const std::string& node) const {
  const auto all = replication_links(node);
  return all.empty() ? std::nullopt : std::optional(all.front());
}

std::optional<LinkName> Cluster::client_link(const std::string& node) const {
  if (!options_.proxy_clients || !knows(node)) return std::nullopt;
  return LinkName{"clients", node};
}

std::optional<std::string> Cluster::refusal(Ability ability, const std::string& node) const {
  switch (ability) {
    case Ability::promote:
      return "etcd elects its leader by itself: kill:leader or partition:leader make it do so";
    case Ability::pause_replay:
      return fmt::format(
          "etcd cannot pause what it applies: partition:{0} or stall:{0} keep {0} behind while it serves serializable "
          "reads",
          node);
    case Ability::kill:
    case Ability::restart:
      break;
  }
  if (knows(node)) return std::nullopt;
  return fmt::format("there is no node '{}'{}", node, known_names_hint(node, names_));
}

nlohmann::json Cluster::kill(const std::string& node) {
  if (const auto reason = refusal(Ability::kill, node)) throw EnvironmentError(*reason);
  return server(node).kill();
}

void Cluster::restart(const std::string& node) {
  if (const auto reason = refusal(Ability::restart, node)) throw EnvironmentError(*reason);
  Server& restarted = server(node);
  if (restarted.running()) return;
  try {
    restarted.launch();
    await_ready(restarted, soon());
  } catch (const ProcessError& error) {
    throw EnvironmentError(fmt::format("cannot restart {}: {}", node, on_one_line(error.what())));
  }
  publish_route(restarted);
}

void Cluster::pause_replay(const std::string& node) {
  throw EnvironmentError(refusal(Ability::pause_replay, node).value_or(""));
}
void Cluster::resume_replay(const std::string& node) {
  pause_replay(node);
}
nlohmann::json Cluster::promote() {
  throw EnvironmentError(refusal(Ability::promote, "").value_or(""));
}

bool Cluster::healthy(std::string& why) const {
  return std::none_of(servers_.begin(), servers_.end(), [&](const auto& entry) { return entry.second->died(why); });
}

std::unique_ptr<Deployment> make_cluster(const ClusterOptions& options, LinkFactory& links) {
  return std::make_unique<Cluster>(options, links);
}

}  // namespace afterwrite::etcd
