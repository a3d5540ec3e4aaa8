#include "harness/process/postgres_programs.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>
#include <regex>
#include <sstream>
#include <system_error>
#include <unistd.h>

#include "harness/process/child.hpp"

namespace afterwrite {
namespace {

namespace fs = std::filesystem;

constexpr int oldest_major_version = 14;
constexpr auto version_patience = std::chrono::seconds(10);

bool executable(const fs::path& file) {
  std::error_code unreachable;  // e.g. a folder of $PATH that is closed to us
  return fs::is_regular_file(file, unreachable) && access(file.c_str(), X_OK) == 0;
}

/// All three from one folder: Debian's /usr/bin/pg_basebackup is a wrapper that may choose another version.
std::optional<PostgresPrograms> programs_in(const fs::path& folder) {
  PostgresPrograms programs{folder / "initdb", folder / "postgres", folder / "pg_basebackup", 0, ""};
  if (!executable(programs.initdb) || !executable(programs.postgres) || !executable(programs.pg_basebackup)) {
    return std::nullopt;
  }
  return programs;
}

std::vector<fs::path> folders_in_path() {
  std::vector<fs::path> folders;
  const char* path = std::getenv("PATH");
  std::istringstream stream(path == nullptr ? "" : path);
  for (std::string folder; std::getline(stream, folder, ':');) {
    if (!folder.empty()) folders.emplace_back(folder);
  }
  return folders;
}

/// /usr/lib/postgresql/15/bin ..., the newest version first.
std::vector<fs::path> debian_folders() {
  std::vector<std::pair<int, fs::path>> versions;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string name = entry.path().filename().string();
    int version = 0;
    std::from_chars(name.data(), name.data() + name.size(), version);
    versions.emplace_back(version, entry.path() / "bin");
  }
  std::sort(versions.rbegin(), versions.rend());
  std::vector<fs::path> folders;
  for (auto& [version, folder] : versions)
    folders.push_back(std::move(folder));
  return folders;
}

PostgresPrograms with_version(PostgresPrograms programs) {
  Command command;
  command.program = programs.postgres;
  command.arguments = {"--version"};
  // PostgreSQL prints its version to root as well.
  try {
    programs.version = run_command(command, std::chrono::steady_clock::now() + version_patience);
  } catch (const ProcessError& error) {
    throw ProcessError(fmt::format("cannot ask PostgreSQL for its version: {}", error.what()));
  }
  programs.version.erase(programs.version.find_last_not_of('\n') + 1);
  std::smatch match;
  if (std::regex_search(programs.version, match, std::regex(R"(\(PostgreSQL\) (\d+))"))) {
    programs.major_version = std::stoi(match[1]);
  }
  if (programs.major_version < oldest_major_version) {
    throw ProcessError(fmt::format("{} is '{}': PostgreSQL {} or newer is needed; name another with --pg-bin DIR",
                                   programs.postgres.string(), programs.version, oldest_major_version));
  }
  return programs;
}

}  // namespace

PostgresPrograms find_postgres_programs(const fs::path& folder) {
  if (!folder.empty()) {
    if (auto programs = programs_in(folder)) return with_version(*programs);
    throw ProcessError(
        fmt::format("--pg-bin {}: the folder must hold initdb, postgres and pg_basebackup, and "
                    "one is missing there; Debian has them in /usr/lib/postgresql/15/bin",
                    folder.string()));
  }
  std::vector<fs::path> folders = folders_in_path();
  for (auto& debian : debian_folders())
    folders.push_back(std::move(debian));
  for (const fs::path& candidate : folders) {
    if (auto programs = programs_in(candidate)) return with_version(*programs);
  }
  throw ProcessError(
      "PostgreSQL's programs (initdb, postgres, pg_basebackup) are neither in $PATH nor in /usr/lib/postgresql/*/bin: "
      "install the package postgresql (apt-get install postgresql-15), or name their folder with --pg-bin DIR");
}

}  // namespace afterwrite
