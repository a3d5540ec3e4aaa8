#include "adapters/etcd/foreign.hpp"

#include <fmt/format.h>
#include <regex>
#include <set>

#include "adapters/etcd/base64.hpp"
#include "adapters/etcd/beat.hpp"
#include "adapters/etcd/client.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::etcd {
namespace {

// The keys of a run that was killed are gone by then. No run lasts longer: what a lease takes away would look lost.
constexpr auto lease_lasts = std::chrono::hours(7 * 24);
constexpr auto lease_reserve = std::chrono::hours(1);
constexpr auto clean_up_patience = std::chrono::seconds(10);

std::vector<std::string> names_of(const ForeignOptions& options) {
  std::vector<std::string> names;
  for (std::size_t number = 0; number <= options.follower_urls.size(); ++number)
    names.push_back(fmt::format("node-{}", number));
  return names;
}

struct Place {
  std::string url;
  Address address;
};

Place parse_url(const std::string& text, const char* flag) {
  const std::regex form(R"((https?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?/?)");
  std::smatch match;
  if (!std::regex_match(text, match, form)) {
    throw UsageError(
        fmt::format("{}: an etcd member is http://HOST:PORT or https://HOST:PORT, its address for clients", flag));
  }
  const int port = match[3].matched ? std::stoi(match[3]) : match[1] == "https" ? 443 : 80;
  if (port < 1 || port > 65535) throw UsageError(fmt::format("{} {}: no such port", flag, text));
  std::string host = match[2];
  if (host.front() == '[') host = host.substr(1, host.size() - 2);
  return {text.ends_with('/') ? text.substr(0, text.size() - 1) : text,
          Address{host, static_cast<std::uint16_t>(port)}};
}

}  // namespace

Foreign::Foreign(const ForeignOptions& options, LinkFactory& links)
    : options_(options), links_(links), shared_(names_of(options)), watch_(shared_.members) {
  shared_.serializable = serializable_asked(options.options);
  shared_.prefix = random_prefix();
  const std::vector<std::string> names = names_of(options);
  for (std::size_t number = 0; number < names.size(); ++number) {
    const Place place = number == 0 ? parse_url(options.leader_url, "--leader")
                                    : parse_url(options.follower_urls[number - 1], "--follower");
    sites_.push_back({names[number], place.url, place.address, ""});
  }
}

Foreign::~Foreign() {
  stop();
}

void Foreign::find_leader(Deadline deadline) {
  std::map<std::string, Gateway> gateways;
  const auto all = ask_statuses(shared_.members, gateways, deadline - Clock::now());
  std::vector<Status> statuses;
  std::set<std::uint64_t> members;
  std::set<std::uint64_t> clusters;
  for (Site& site : sites_) {
    const auto found = all.find(site.name);
    if (found == all.end()) {
      throw EnvironmentError(
          fmt::format("{} does not answer as an etcd 3.4 or newer does; name its address for clients", site.url));
    }
    site.version = found->second.version;
    statuses.push_back(found->second);
    clusters.insert(found->second.cluster);
    if (!members.insert(found->second.member).second)
      throw EnvironmentError(fmt::format("{} is a member that was named before", site.url));
  }
  if (clusters.size() > 1) throw EnvironmentError("these are members of different clusters");
  const std::uint64_t leader = leader_of(statuses);
  for (const auto& [name, status] : all) {
    if (leader != 0 && status.member == leader) return shared_.members.set_leader(name);
  }
  throw EnvironmentError(
      leader == 0
          ? "the cluster has no leader now"
          : "the cluster is led by a member that was not named: name all members, with --leader and --follower");
}

void Foreign::take_lease(Deadline deadline) {
  const auto route = shared_.members.direct(shared_.members.topology().leader());
  lease_ends_ = Clock::now() + lease_lasts;
  const Told told =
      Gateway(*route).post("/v3/lease/grant", {{"TTL", std::to_string(std::chrono::seconds(lease_lasts).count())}},
                           /*is_write=*/true, deadline);
  const auto lease = number_in(told.answer, "ID");
  if (told.outcome != Outcome::ok || !lease || *lease == 0) {
    throw EnvironmentError(fmt::format("cannot take the lease that the run's keys are to hang on: {}", told.error));
  }
  shared_.lease = *lease;
}

void Foreign::start() {
  const Deadline deadline = Clock::now() + options_.patience;
  for (const Site& site : sites_) {
    const Route direct{site.url, std::nullopt};
    Route session = direct;
    if (options_.proxy_clients) session.dial = links_.open(LinkName{"clients", site.name}, site.address);
    shared_.members.reach(site.name, direct, session);
  }
  find_leader(deadline);
  take_lease(deadline);
  watch_.begin();
}

void Foreign::stop() noexcept {
  watch_.end();
  try {
    if (shared_.lease != 0) {
      const Deadline deadline = Clock::now() + clean_up_patience;
      const auto route = shared_.members.direct(shared_.members.topology().leader());
      Gateway gateway(*route);
      // All keys of the run hang on the lease, and end with it.
      gateway.post("/v3/lease/revoke", {{"ID", std::to_string(shared_.lease)}}, /*is_write=*/true, deadline);
      shared_.lease = 0;
    }
    if (options_.proxy_clients) {
      for (const Site& site : sites_)
        links_.close(LinkName{"clients", site.name});
    }
  } catch (...) {
    // The keys go when the lease runs out; a link that stays open ends with its factory.
  }
}

nlohmann::json Foreign::describe() const {
  nlohmann::json nodes = nlohmann::json::array();
  for (const Site& site : sites_)
    nodes.push_back({{"name", site.name}, {"address", site.url}, {"version", site.version}});
  return {{"system", "etcd"},
          {"kind", "members of the user's"},
          {"version", sites_.front().version},
          {"reads", shared_.serializable ? "serializable" : "linearizable"},
          {"prefix", shared_.prefix},
          {"nodes", nodes}};
}

std::unique_ptr<Client> Foreign::open_client(const std::string&) {
  return std::make_unique<EtcdClient>(shared_);
}

std::unique_ptr<Beat> Foreign::open_beat() {
  return std::make_unique<EtcdBeat>(shared_);
}

std::optional<bool> Foreign::at_least(const std::string& a, const std::string& b) const {
  return etcd::at_least(a, b);
}

std::optional<LinkName> Foreign::client_link(const std::string& node) const {
  for (const Site& site : sites_) {
    if (options_.proxy_clients && site.name == node) return LinkName{"clients", node};
  }
  return std::nullopt;
}

std::optional<std::string> Foreign::refusal(Ability ability, const std::string&) const {
  switch (ability) {
    case Ability::promote:
      return "etcd elects its leader by itself, and members of yours are left alone";
    case Ability::pause_replay:
      return "etcd cannot pause what it applies, and members of yours are left alone";
    case Ability::kill:
    case Ability::restart:
      break;
  }
  return "members are killed and restarted only in a cluster of afterwrite's own, never those of yours: leave out "
         "--leader and --follower";
}

void Foreign::refuse(Ability ability) const {
  throw EnvironmentError(refusal(ability, "").value_or(""));
}
nlohmann::json Foreign::kill(const std::string&) {
  refuse(Ability::kill);
}
void Foreign::restart(const std::string&) {
  refuse(Ability::restart);
}
void Foreign::pause_replay(const std::string&) {
  refuse(Ability::pause_replay);
}
void Foreign::resume_replay(const std::string&) {
  refuse(Ability::pause_replay);
}
nlohmann::json Foreign::promote() {
  refuse(Ability::promote);
}

bool Foreign::healthy(std::string& why) const {
  // Nobody told us who may end these members, so their absence is what the operations say.
  if (Clock::now() + lease_reserve < lease_ends_) return true;
  why = "the lease that the run's keys hang on is about to end: no run lasts longer than a week";
  return false;
}

std::unique_ptr<Deployment> make_foreign(const ForeignOptions& options, LinkFactory& links) {
  return std::make_unique<Foreign>(options, links);
}

}  // namespace afterwrite::etcd
