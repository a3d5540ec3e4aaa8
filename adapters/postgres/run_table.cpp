#include "adapters/postgres/run_table.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <signal.h>
#include <unistd.h>

#include "adapters/postgres/statements.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::postgres {
namespace {

constexpr std::string_view comment_start = "Table of an afterwrite run, to be removed when that is over: ";
// For the transaction at hand only: behind a pooler the connection goes on to somebody else.
constexpr std::string_view wait_for_nobody = "PERFORM set_config('synchronous_commit', 'local', true)";
constexpr std::int64_t one_day = 24 * 60 * 60;

/// Which processes a process id can be looked up among: the machine since it booted, and the namespace of process ids
/// (a container's). Empty if that cannot be told.
std::string process_scope() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string boot;
  std::getline(file, boot);
  std::error_code error;
  const auto space = std::filesystem::read_symlink("/proc/self/ns/pid", error);
  return boot.empty() || error ? std::string() : boot + " " + space.string();
}

/// When a process started, in the kernel's ticks: tells it from a later one with the same id. Empty if it is gone.
std::string start_time(std::int64_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(file, line);
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return "";
  // The fields after the name begin with the third, the state; the start time is the 22nd.
  std::size_t begin = end_of_name + 2;
  for (int field = 3; field < 22 && begin != std::string::npos; ++field) {
    begin = line.find(' ', begin);
    if (begin != std::string::npos) ++begin;
  }
  return begin == std::string::npos ? "" : line.substr(begin, line.find(' ', begin) - begin);
}

std::string sql_literal(std::string_view text) {
  std::string result = "'";
  for (const char letter : text) {
    if (letter == '\'') result += '\'';
    result += letter;
  }
  return result + "'";
}

std::int64_t server_time(Admin& admin, Deadline deadline) {
  return std::stoll(admin.value("SELECT floor(extract(epoch FROM now()))::bigint", deadline));
}

/// Why a table with this comment must stay; empty if it may go.
std::string reason_to_keep(const std::string& comment, std::int64_t now) {
  if (!comment.starts_with(comment_start)) return "its comment is not that of a run";
  const auto owner = nlohmann::json::parse(comment.substr(comment_start.size()), nullptr, false);
  if (!owner.is_object() || !owner.contains("scope") || !owner.contains("pid") || !owner["pid"].is_number_integer() ||
      !owner.contains("process_started") || !owner.contains("created") || !owner["created"].is_number_integer()) {
    return "its comment is not that of a run";
  }
  const std::string scope = process_scope();
  if (!scope.empty() && owner["scope"] == scope) {
    const auto pid = owner["pid"].get<std::int64_t>();
    return owner["process_started"] == start_time(pid) ? fmt::format("its run is still going (process {})", pid) : "";
  }
  if (now - owner["created"].get<std::int64_t>() <= one_day) {
    return "its run belongs to another machine or container and began less than a day ago";
  }
  return "";
}

}  // namespace

std::string random_table_name() {
  std::random_device device;
  return fmt::format("afterwrite_{:08x}", static_cast<std::uint32_t>(device()));
}

void create_run_table(Admin& admin, const std::string& table, Deadline deadline) {
  const nlohmann::json owner{{"pid", getpid()},
                             {"process_started", start_time(getpid())},
                             {"scope", process_scope()},
                             {"created", server_time(admin, deadline)}};
  // All in one transaction, so that no table without its comment is ever left behind, and without a wait for followers:
  // they may not be attached yet.
  const Statements statements(table, false, false);
  admin.run(fmt::format("DO $do$ BEGIN {3}; "
                        "CREATE TABLE {0} (key text PRIMARY KEY, value text, elements text[], version bigint NOT NULL, "
                        "epoch int NOT NULL) WITH (fillfactor = 50); "
                        "COMMENT ON TABLE {0} IS {1}; "
                        "INSERT INTO {0} (key, version, epoch) VALUES ('{2}', 0, 0); {4}; END $do$",
                        table, sql_literal(std::string(comment_start) + owner.dump()), beat_key, wait_for_nobody,
                        statements.touch_beat.sql),
            deadline);
}

void drop_run_table(Admin& admin, const std::string& table, Deadline deadline) {
  admin.run(fmt::format("DO $do$ BEGIN {}; DROP TABLE IF EXISTS {}; END $do$", wait_for_nobody, table), deadline);
}

Swept sweep_run_tables(Admin& admin, Deadline deadline) {
  const auto rows = admin.run(
      "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), d.description FROM pg_class c "
      "JOIN pg_namespace n ON n.oid = c.relnamespace "
      "JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0 "
      "WHERE c.relkind = 'r' AND c.relname ~ '^afterwrite_[0-9a-f]{8}$' ORDER BY 1",
      deadline);
  const std::int64_t now = server_time(admin, deadline);
  Swept swept;
  for (const Row& row : rows) {
    const std::string name = row.at(0).value_or("");
    const std::string reason = reason_to_keep(row.at(1).value_or(""), now);
    if (!reason.empty()) {
      swept.kept.push_back(name + ": " + reason);
      continue;
    }
    try {
      drop_run_table(admin, name, deadline);
      swept.removed.push_back(name);
    } catch (const EnvironmentError& error) {
      swept.kept.push_back(name + ": " + error.what());
    }
  }
  return swept;
}

WalGeometry wal_geometry(Admin& admin, Deadline deadline) {
  const auto rows = admin.run(
      "SELECT (SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'), "
      "(SELECT setting FROM pg_settings WHERE name = 'wal_block_size')",
      deadline);
  return WalGeometry{.segment = std::stoull(rows.at(0).at(0).value_or("")),
                     .page = std::stoull(rows.at(0).at(1).value_or(""))};
}

}  // namespace afterwrite::postgres
