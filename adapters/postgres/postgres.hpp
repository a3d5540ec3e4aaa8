#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/run_table.hpp"
#include "harness/process/postgres_programs.hpp"
#include "harness/session/deployment.hpp"
#include "harness/session/link.hpp"

// PostgreSQL 14 or newer: a private leader with streaming followers, or servers of the user's.
namespace afterwrite::postgres {

/// A cluster of the run's own.
struct ClusterOptions {
  std::size_t followers = 2;
  /// Where initdb, postgres and pg_basebackup are; empty: $PATH, then /usr/lib/postgresql/*/bin, newest first.
  std::filesystem::path programs{};
  /// `--opt`: sync=off|local|remote_write|on|remote_apply is the sessions' synchronous_commit, with every follower a
  /// synchronous standby. Without it no commit waits for a follower.
  std::map<std::string, std::string> options{};
  /// The sessions dial through links `clients` -> node, which can be cut.
  bool proxy_clients = false;
  /// What the cluster may take to start; also the bound of each fault's own steps.
  Duration patience = std::chrono::seconds(60);
};

/// Checks the options only; start() does the work. Throws UsageError. `links` must outlive the deployment.
std::unique_ptr<Deployment> make_cluster(const ClusterOptions& options, LinkFactory& links);

/// Servers of the user's: URLs (or libpq's `key=value` strings), each of one server. A password is looked up as libpq
/// does (PGPASSFILE, ~/.pgpass) or stands as {env:NAME} in the URL; anywhere else in it, it is refused.
struct ForeignOptions {
  std::string leader_url;
  std::vector<std::string> follower_urls;
  std::string endpoint_url;  ///< alone: one address, the system behind it chooses the server
  bool proxy_clients = false;
  Duration patience = std::chrono::seconds(10);  ///< for connecting, and for the run's table to show at each follower
};

/// Checks the URLs only; start() connects. Throws UsageError. `links` must outlive the deployment.
std::unique_ptr<Deployment> make_foreign(const ForeignOptions& options, LinkFactory& links);

/// Removes what runs that are gone left in these leaders' databases. Throws UsageError, EnvironmentError.
Swept sweep(const std::vector<std::string>& urls, Duration patience = std::chrono::seconds(10));

/// Where a private cluster would get its programs from; throws EnvironmentError saying which package is missing. For
/// checks of the surroundings before a run.
using Programs = PostgresPrograms;
Programs find_programs(const std::filesystem::path& folder);

}  // namespace afterwrite::postgres
