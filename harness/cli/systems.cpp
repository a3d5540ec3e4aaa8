#include "harness/cli/systems.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "adapters/atproto/atproto.hpp"
#include "adapters/etcd/etcd.hpp"
#include "adapters/http/http.hpp"
#include "adapters/memory/memory.hpp"
#include "adapters/postgres/postgres.hpp"
#include "harness/cli/asking.hpp"
#include "harness/cli/exec_system.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"
#include "workloads/workloads.hpp"

namespace afterwrite {

namespace {

std::unique_ptr<Deployment> make_postgres(const Scenario& scenario, LinkFactory& links, bool client_links) {
  const bool foreign = !scenario.leader_url.empty() || !scenario.endpoint_url.empty();
  if (foreign) {
    if (!scenario.lag.empty()) {
      throw UsageError(
          "--lag: the replication of a system of yours is not ours to delay; leave --lag out, or audit a "
          "cluster of afterwrite's own (without --leader)");
    }
    if (!scenario.options.empty()) {
      throw UsageError(
          fmt::format("--opt: '{}' is for a cluster of afterwrite's own; a system of yours keeps its settings",
                      scenario.options.begin()->first));
    }
    postgres::ForeignOptions options;
    options.leader_url = scenario.leader_url;
    options.follower_urls = scenario.follower_urls;
    options.endpoint_url = scenario.endpoint_url;
    options.proxy_clients = client_links;
    return postgres::make_foreign(options, links);
  }
  postgres::ClusterOptions options;
  options.followers = scenario.own_followers();
  options.options = scenario.options;
  if (const auto programs = options.options.find("pg-bin"); programs != options.options.end()) {
    options.programs = programs->second;
    options.options.erase(programs);
  }
  options.proxy_clients = client_links;
  return postgres::make_cluster(options, links);
}

std::vector<std::string> postgres_options() {
  return {"sync=off|local|remote_write|on|remote_apply   synchronous_commit of the sessions, every follower a standby"};
}

std::unique_ptr<Deployment> make_etcd(const Scenario& scenario, LinkFactory& links, bool client_links) {
  if (scenario.options.contains("pg-bin")) throw UsageError("--pg-bin: etcd is looked for in $PATH; leave it out");
  if (!scenario.endpoint_url.empty()) {
    throw UsageError("--endpoint: of etcd every member is asked by itself; name them with --leader and --follower");
  }
  if (!scenario.leader_url.empty()) {
    if (!scenario.lag.empty()) {
      throw UsageError(
          "--lag: the replication of a system of yours is not ours to delay; leave --lag out, or audit a cluster of "
          "afterwrite's own (without --leader)");
    }
    etcd::ForeignOptions options;
    options.leader_url = scenario.leader_url;
    options.follower_urls = scenario.follower_urls;
    options.options = scenario.options;
    options.proxy_clients = client_links;
    return etcd::make_foreign(options, links);
  }
  etcd::ClusterOptions options;
  options.followers = scenario.own_followers();
  options.options = scenario.options;
  for (const Duration lag : scenario.lag)
    options.longest_lag = std::max(options.longest_lag, lag);
  if (scenario.lag.size() == 1) options.longest_lag *= static_cast<std::int64_t>(options.followers);
  options.proxy_clients = client_links;
  return etcd::make_cluster(options, links);
}

std::vector<std::string> etcd_options() {
  return {
      "reads=linearizable|serializable   whether a member asks the others before it answers (linearizable), or answers "
      "alone"};
}

std::unique_ptr<Deployment> make_in_memory(const Scenario& scenario, LinkFactory& /*links*/, bool /*client_links*/) {
  if (!scenario.leader_url.empty() || !scenario.endpoint_url.empty()) {
    throw UsageError("memory: lives inside afterwrite; leave --leader, --follower and --endpoint out");
  }
  if (scenario.options.contains("pg-bin")) {
    throw UsageError("--pg-bin: memory lives inside afterwrite and needs no programs; leave it out");
  }
  memory::MemoryOptions options;
  options.followers = scenario.own_followers();
  options.lag = scenario.lag;
  options.options = scenario.options;
  options.seed = scenario.seed.value_or(0);
  return memory::make_memory(options);
}

std::vector<std::string> memory_options() {
  std::vector<std::string> lines;
  for (const auto& kind : memory::memory_option_kinds())
    lines.push_back(fmt::format("{:<30} {}", kind.form, kind.summary));
  for (const auto& bug : memory::memory_bugs()) {
    lines.push_back(fmt::format("bug={:<26} {}", bug.name, bug.summary));
    lines.push_back(fmt::format("{:<30} breaks {}; shown by {}", "", bug.breaks, bug.shown_by));
  }
  return lines;
}

std::unique_ptr<Deployment> make_service(const Scenario& scenario, LinkFactory& links, bool client_links) {
  if (scenario.service_file.empty()) {
    throw UsageError(
        "http: is described in a scenario file; write one (docs/http.md) and name it: afterwrite audit service.json");
  }
  const std::pair<std::string_view, bool> others[]{{"--leader", !scenario.leader_url.empty()},
                                                   {"--endpoint", !scenario.endpoint_url.empty()},
                                                   {"--followers", scenario.followers.has_value()},
                                                   {"--lag", !scenario.lag.empty()},
                                                   {"--opt", !scenario.options.empty()}};
  for (const auto& [flag, given] : others) {
    if (!given) continue;
    throw UsageError(fmt::format("{} ('{}' in {}): means nothing to a service that the file describes; leave it out",
                                 flag, flag.substr(2), scenario.service_file));
  }
  http::HttpOptions options;
  options.service = scenario.service;
  options.file = scenario.service_file;
  options.lists = workload_kind(scenario.workload).lists;
  options.sends_position = scenario.read_policy.starts_with("version-token");
  options.client_links = client_links;
  options.users = scenario.users();
  return http::make_http(options, links);
}

std::unique_ptr<Deployment> make_foreign_bluesky(const Scenario& scenario, LinkFactory& links, bool client_links) {
  constexpr double most_a_second = 5;
  if (!scenario.lag.empty())
    throw UsageError("--lag: the firehose of a PDS of yours is not ours to delay; leave --lag out");
  if (scenario.users() != 1)
    throw UsageError("--sessions: there is one account; make them its devices with --sessions-per-user");
  if (!scenario.rate || *scenario.rate > most_a_second) {
    throw UsageError(fmt::format("--rate: no more than {}/s is asked of a PDS that is not ours", most_a_second));
  }
  atproto::ForeignOptions options;
  options.url = scenario.endpoint_url;
  options.client_links = client_links;
  for (const auto& [name, value] : scenario.options) {
    if (name == "handle") {
      options.handle = value;
    } else if (name == "records") {
      const std::size_t most = options.most_records;
      options.most_records = whole_number(value, "--opt records");
      if (options.most_records < 1 || options.most_records > most)
        throw UsageError(fmt::format("--opt: records is between 1 and {}", most));
    } else {
      throw UsageError(fmt::format("--opt: '{}' is no option of a PDS of yours{}", name,
                                   known_names_hint(name, {"handle", "records"})));
    }
  }
  return atproto::make_foreign(options, links);
}

std::unique_ptr<Deployment> make_bluesky(const Scenario& scenario, LinkFactory& links, bool client_links) {
  constexpr std::size_t most_sessions = 32;
  if (scenario.sessions > most_sessions) {
    throw UsageError(fmt::format("--sessions: {} are more than a PDS of one process can serve; give at most {} (four keep it busy)",
                                 scenario.sessions, most_sessions));
  }
  if (!scenario.leader_url.empty() || !scenario.follower_urls.empty()) {
    throw UsageError("atproto: a PDS of yours is named with --service and --handle; leave --leader and --follower out");
  }
  if (!scenario.endpoint_url.empty()) return make_foreign_bluesky(scenario, links, client_links);
  if (scenario.own_followers() != 1) throw UsageError("--followers: a PDS has one App View here; leave it out");
  atproto::OwnOptions options;
  options.users = scenario.users();
  options.client_links = client_links;
  for (const auto& [name, value] : scenario.options) {
    if (name == "pg-bin") {
      options.postgres_programs = value;
    } else if (name == "beyond" && (value == "yes" || value == "no")) {
      options.beyond = value == "yes";
    } else if (name == "handle") {
      throw UsageError("--handle: names an account on a PDS of yours; name that as well, e.g. --service https://pds.example.com");
    } else if (name == "records") {
      throw UsageError("--opt: records is for a PDS of yours; name that with --service and --handle");
    } else {
      throw UsageError(name == "beyond" ? "--opt: beyond is yes or no"
                                        : fmt::format("--opt: '{}' is no option of atproto{}", name,
                                                      known_names_hint(name, {"pg-bin", "beyond"})));
    }
  }
  return atproto::make_own(options, links);
}

std::vector<std::string> bluesky_options() {
  return {"beyond=yes|no   also ask routes in other ways (filters, a second device, another's view ...), and write in more",
          "records=N       on a PDS of yours: write no more than so many records in all (300, which is the most)"};
}

/// Quiet, held and delayed in turn, each for as long as some deeds take.
constexpr std::string_view bluesky_scenario = R"({
  "workload": "views", "followers": 1, "sessions": 4, "duration": "132s", "read-delay": "1ms..1s", "op-timeout": "5s", "min-at-risk": 10,
  "faults": ["hold:appview@6s..16s", "lag:appview,delay=1s@20s..30s", "hold:appview@34s..44s",
             "lag:appview,delay=1s@48s..58s", "hold:appview@62s..72s", "lag:appview,delay=1s@76s..86s",
             "hold:appview@90s..100s", "lag:appview,delay=1s@104s..114s", "hold:appview@118s..128s"]
})";

std::vector<std::string> no_options() {
  return {};
}

}  // namespace

const std::vector<SystemKind>& system_kinds() {
  static const std::vector<SystemKind> kinds{
      {"postgres", "PostgreSQL: a private leader with streaming followers, or servers of yours (--leader, --follower)",
       make_postgres, true, postgres_options},
      {"etcd", "etcd: a private cluster, or members of yours (--leader, --follower)", make_etcd, true, etcd_options},
      {"atproto",
       "Bluesky: a private PDS and App View, or a PDS of yours; audits the read-after-write of its views",
       make_bluesky,
       true,
       bluesky_options,
       {},
       SystemDefaults{.read_policy = "leader", .own_followers = true},
       {"writer-order", "realtime-writes", "one-clock"},
       bluesky_scenario,
       std::chrono::milliseconds(300)},
      {"memory", "a built-in replicated store, with bugs to plant: shows what the checkers find", make_in_memory, false,
       memory_options},
      {"exec",
       "a system of yours behind a program that you write: exec:COMMAND, see docs/adapter-protocol.md",
       make_exec_system,
       false,
       exec_options,
       {"command", "config", "links", "start"},
       {.read_policy = "", .own_followers = false},
       {"writer-order", "one-clock"}},
      {"http",
       "a service over HTTP, described in a scenario file: requests, and where in the answers to look",
       make_service,
       false,
       no_options,
       {"nodes", "session", "read", "write", "append", "delete", "lag_probe", "links", "start", "insecure", "ca_file",
        "http_version"},
       SystemDefaults{.read_policy = "", .own_followers = false},
       {"writer-order", "one-clock"}},
  };
  return kinds;
}

std::unique_ptr<Deployment> make_system(const SystemKind& kind, Scenario scenario, const service::WithPorts& members,
                                        LinkFactory& links, bool client_links) {
  scenario.service = members.members;
  return kind.make(scenario, links, client_links);
}

std::string default_policy(const Topology& topology) {
  return topology.nodes.size() == 1 ? "endpoint" : "any-replica";
}

void refuse_other_members(const SystemKind& kind, const Scenario& scenario) {
  for (const auto& [name, member] : scenario.service.items()) {
    if (std::find(kind.members.begin(), kind.members.end(), name) != kind.members.end()) continue;
    std::string takers;
    for (const SystemKind& other : system_kinds()) {
      if (std::find(other.members.begin(), other.members.end(), name) == other.members.end()) continue;
      takers += fmt::format("{}{}", takers.empty() ? "" : ", ", other.name);
    }
    throw UsageError(
        fmt::format("{}'{}' means nothing to the system {}; leave it out, or name another system ({} takes it)",
                    scenario.service_file.empty() ? "" : scenario.service_file + ": ", name, kind.name,
                    takers.empty() ? "none here" : takers));
  }
}

const SystemKind& system_kind(const std::string& name) {
  std::vector<std::string> known;
  for (const SystemKind& kind : system_kinds()) {
    if (kind.name == name) return kind;
    known.emplace_back(kind.name);
  }
  throw UsageError(fmt::format("'{}' is neither a system nor a scenario file{}", name, known_names_hint(name, known)));
}

}  // namespace afterwrite
