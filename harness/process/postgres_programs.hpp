#pragma once

#include <filesystem>
#include <string>

#include "harness/process/error.hpp"

namespace afterwrite {

/// What a private PostgreSQL server needs, 14 or newer, all from one folder.
struct PostgresPrograms {
  std::filesystem::path initdb;
  std::filesystem::path postgres;
  std::filesystem::path pg_basebackup;
  int major_version = 0;
  std::string version;  ///< as the server says it: `postgres (PostgreSQL) 15.14 (Debian ...)`
};

/// Those of `folder`; empty: $PATH, then /usr/lib/postgresql/*/bin, newest first. Any thread may call. Throws
/// ProcessError saying which package is missing.
PostgresPrograms find_postgres_programs(const std::filesystem::path& folder);

}  // namespace afterwrite
