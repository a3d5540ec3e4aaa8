#include "adapters/postgres/foreign.hpp"

#include <fmt/format.h>
#include <thread>

#include "adapters/postgres/beat.hpp"
#include "adapters/postgres/run_table.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::postgres {
namespace {

constexpr auto look_again = std::chrono::milliseconds(10);
constexpr auto clean_up_patience = std::chrono::seconds(10);
constexpr std::string_view in_recovery = "SELECT pg_is_in_recovery()";

std::string text_of(const char* text) {
  return text == nullptr ? "" : text;
}

}  // namespace

Foreign::Foreign(const ForeignOptions& options, LinkFactory& links)
    : options_(options),
      links_(links),
      endpoint_(!options.endpoint_url.empty()),
      table_(random_table_name()),
      shared_(Statements(table_, /*prepared=*/!endpoint_, /*routed=*/endpoint_)) {
  if (endpoint_ && (!options.leader_url.empty() || !options.follower_urls.empty())) {
    throw UsageError(
        "--endpoint is one address for everything: leave out --leader and --follower, or leave out --endpoint");
  }
  if (!endpoint_ && options.leader_url.empty()) {
    throw UsageError("--follower needs the --leader that it follows: postgresql://USER@HOST:PORT/DATABASE");
  }
  shared_.routed = endpoint_;
  if (endpoint_) {
    sites_.push_back({"endpoint", ServerUrl(options.endpoint_url, "--endpoint"), {}, ""});
  } else {
    sites_.push_back({"node-0", ServerUrl(options.leader_url, "--leader"), {}, ""});
    for (const std::string& url : options.follower_urls) {
      sites_.push_back({fmt::format("node-{}", sites_.size()), ServerUrl(url, "--follower"), {}, ""});
    }
  }
  for (const Site& site : sites_) {
    shared_.nodes.set_role(site.name, &site == &sites_.front() ? Role::leader : Role::follower);
  }
}

Foreign::~Foreign() {
  stop();
}

void Foreign::connect(Site& site, Deadline deadline) {
  site.direct = site.url.target();
  const Admin admin(site.direct, deadline);
  // From here on the address and the password are known, so that no session looks up a name (which has no deadline) and
  // a password file need not know the ports of our links. The name stays for the check of certificates.
  const std::string address = text_of(PQhostaddr(admin.raw()));
  const std::string password = text_of(PQpass(admin.raw()));
  if (!address.empty()) site.direct.set("hostaddr", address);
  if (!password.empty()) site.direct.set("password", password);
  site.version = text_of(PQparameterStatus(admin.raw(), "server_version"));

  Target session = site.direct;
  if (options_.proxy_clients) {
    if (address.empty()) {
      throw UsageError(
          fmt::format("{}: only connections over TCP can be cut, and this is a socket on this machine: name its "
                      "host as 127.0.0.1",
                      site.url.what()));
    }
    const auto port = static_cast<std::uint16_t>(std::stoi(text_of(PQport(admin.raw()))));
    const Address link = links_.open(LinkName{"clients", site.name}, Address{address, port});
    session.set("hostaddr", link.host);
    session.set("port", std::to_string(link.port));
  }
  shared_.nodes.reach(site.name, site.direct, session);
}

void Foreign::start_leader(Deadline deadline) {
  Site& leader = sites_.front();
  connect(leader, deadline);
  Admin admin(leader.direct, deadline);
  if (!endpoint_ && admin.value(std::string(in_recovery), deadline) == "t") {
    throw EnvironmentError(fmt::format("{} {} is in recovery: it is a follower; name the server that takes writes",
                                       leader.url.what(), leader.url.shown()));
  }
  swept_ = sweep_run_tables(admin, deadline).removed;
  try {
    table_made_ = true;  // perhaps, even if the answer is lost
    create_run_table(admin, table_, deadline);
  } catch (const EnvironmentError& error) {
    throw EnvironmentError(
        fmt::format("cannot make the run's own table {}: {}; the address must lead to a server that takes writes, and the user "
                    "needs CREATE on a schema of its search path",
                    table_, error.what()));
  }
  if (endpoint_) return;
  shared_.geometry = wal_geometry(admin, deadline);
  const auto beat = admin.run(shared_.statements.read_beat.sql, deadline);
  shared_.nodes.set_epoch(std::stoll(beat.at(0).at(1).value_or("0")));
}

void Foreign::verify_follower(Site& site, Deadline deadline) {
  connect(site, deadline);
  Admin admin(site.direct, deadline);
  if (admin.value(std::string(in_recovery), deadline) != "t") {
    throw EnvironmentError(fmt::format("{} {} is not in recovery: it follows nobody; name a streaming follower of {}",
                                       site.url.what(), site.url.shown(), sites_.front().url.shown()));
  }
  const std::string appeared = fmt::format("SELECT to_regclass('{}') IS NOT NULL", table_);
  while (admin.value(appeared, deadline) != "t") {
    if (Clock::now() + look_again >= deadline) {
      throw EnvironmentError(
          fmt::format("{} {}: a table made at {} did not appear there in time: it follows another leader, "
                      "or lags too far behind, or is another database",
                      site.url.what(), site.url.shown(), sites_.front().url.shown()));
    }
    std::this_thread::sleep_for(look_again);
  }
}

void Foreign::start() {
  start_leader(Clock::now() + options_.patience);
  for (std::size_t number = 1; number < sites_.size(); ++number) {
    verify_follower(sites_[number], Clock::now() + options_.patience);
  }
}

void Foreign::stop() noexcept {
  try {
    if (table_made_) {
      table_made_ = false;
      const Deadline deadline = Clock::now() + clean_up_patience;
      Admin admin(sites_.front().direct, deadline);
      drop_run_table(admin, table_, deadline);
    }
  } catch (...) {
    // It stays; its comment says so to the next run and to `afterwrite clean`, which remove it.
  }
  try {
    if (options_.proxy_clients) {
      for (const Site& site : sites_)
        links_.close(LinkName{"clients", site.name});
    }
  } catch (...) {
    // A link that stays open ends with its factory.
  }
}

nlohmann::json Foreign::describe() const {
  nlohmann::json nodes = nlohmann::json::array();
  for (const Site& site : sites_) {
    nodes.push_back({{"name", site.name}, {"address", site.url.shown()}, {"version", site.version}});
  }
  return {{"system", "postgres"},
          {"kind", endpoint_ ? "endpoint of the user's" : "servers of the user's"},
          {"version", sites_.front().version},
          {"table", table_},
          {"nodes", nodes},
          {"leftover_tables_removed", swept_}};
}

std::unique_ptr<Client> Foreign::open_client(const std::string&) {
  return std::make_unique<PostgresClient>(shared_);
}

std::unique_ptr<Beat> Foreign::open_beat() {
  // Behind one address no node can be asked by itself.
  if (endpoint_) return nullptr;
  return std::make_unique<PostgresBeat>(shared_);
}

std::optional<bool> Foreign::at_least(const std::string& a, const std::string& b) const {
  return postgres::at_least(a, b);
}

std::optional<LinkName> Foreign::replication_link(const std::string&) const {
  return std::nullopt;
}

std::optional<LinkName> Foreign::client_link(const std::string& node) const {
  for (const Site& site : sites_) {
    if (options_.proxy_clients && site.name == node) return LinkName{"clients", node};
  }
  return std::nullopt;
}

std::optional<std::string> Foreign::refusal(Ability ability, const std::string&) const {
  const char* what = "this is done";
  switch (ability) {
    case Ability::kill:
      what = "servers are killed";
      break;
    case Ability::restart:
      what = "servers are restarted";
      break;
    case Ability::pause_replay:
      what = "replay is paused";
      break;
    case Ability::promote:
      what = "a failover is made";
      break;
  }
  return fmt::format(
      "{} only in a cluster of afterwrite's own, never on servers of yours: leave out --leader, --follower and "
      "--endpoint",
      what);
}

void Foreign::refuse(Ability ability, const std::string& node) const {
  throw EnvironmentError(refusal(ability, node).value_or(""));
}

nlohmann::json Foreign::kill(const std::string& node) {
  refuse(Ability::kill, node);
}
void Foreign::restart(const std::string& node) {
  refuse(Ability::restart, node);
}
void Foreign::pause_replay(const std::string& node) {
  refuse(Ability::pause_replay, node);
}
void Foreign::resume_replay(const std::string& node) {
  refuse(Ability::pause_replay, node);
}
nlohmann::json Foreign::promote() {
  refuse(Ability::promote, "");
}

bool Foreign::healthy(std::string&) const {
  // Nobody told us who may end these servers, so their absence is what the operations say.
  return true;
}

std::unique_ptr<Deployment> make_foreign(const ForeignOptions& options, LinkFactory& links) {
  return std::make_unique<Foreign>(options, links);
}

Swept sweep(const std::vector<std::string>& urls, Duration patience) {
  Swept all;
  for (const std::string& text : urls) {
    const ServerUrl url(text, "--leader");
    const Deadline deadline = Clock::now() + patience;
    Admin admin(url.target(), deadline);
    Swept swept = sweep_run_tables(admin, deadline);
    all.removed.insert(all.removed.end(), swept.removed.begin(), swept.removed.end());
    all.kept.insert(all.kept.end(), swept.kept.begin(), swept.kept.end());
  }
  return all;
}

}  // namespace afterwrite::postgres
