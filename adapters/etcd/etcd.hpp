#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/session/deployment.hpp"
#include "harness/session/link.hpp"

// etcd 3.4 or newer, over its JSON gateway: a private cluster, or members of the user's.
namespace afterwrite::etcd {

/// A cluster of the run's own.
struct ClusterOptions {
  std::size_t followers = 2;
  /// `--opt`: reads=linearizable|serializable (linearizable).
  std::map<std::string, std::string> options{};
  /// The longest delay that is planned for what is replicated: the election timeout lies well above it.
  Duration longest_lag{0};
  /// The sessions dial through links `clients` -> node, which can be cut.
  bool proxy_clients = false;
  /// What the cluster may take to start; also the bound of each fault's own steps.
  Duration patience = std::chrono::seconds(60);
};

/// Checks the options only; start() does the work. Throws UsageError. `links` must outlive the deployment, and have
/// shared addresses.
std::unique_ptr<Deployment> make_cluster(const ClusterOptions& options, LinkFactory& links);

/// Members of one cluster of the user's: `http://HOST:PORT` each.
struct ForeignOptions {
  std::string leader_url;  ///< any member: who leads is asked of them
  std::vector<std::string> follower_urls;
  std::map<std::string, std::string> options{};  ///< as above
  bool proxy_clients = false;
  Duration patience = std::chrono::seconds(10);
};

/// Checks the URLs only; start() connects. Throws UsageError. `links` must outlive the deployment.
std::unique_ptr<Deployment> make_foreign(const ForeignOptions& options, LinkFactory& links);

/// The etcd that a private cluster would run; throws EnvironmentError saying which package is missing.
struct Program {
  std::filesystem::path etcd;
  std::string version;  ///< `3.4.23`
};
Program find_program();

/// `reads=...`: whether reads are to be serializable. Throws UsageError for an option that etcd has not.
bool serializable_asked(const std::map<std::string, std::string>& options);

/// `afterwrite/` and random hexadecimal digits: before every key of a run.
std::string random_prefix();

}  // namespace afterwrite::etcd
