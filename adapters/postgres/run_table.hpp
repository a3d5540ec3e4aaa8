#pragma once

#include <string>
#include <vector>

#include "adapters/postgres/admin.hpp"
#include "adapters/postgres/position.hpp"

namespace afterwrite::postgres {

/// `afterwrite_` and eight random hexadecimal digits: the name of a run's own table.
std::string random_table_name();

/// Makes the run's table with a comment that says what it is and whose, and the row for the beats. Throws
/// EnvironmentError.
void create_run_table(Admin& admin, const std::string& table, Deadline deadline);

void drop_run_table(Admin& admin, const std::string& table, Deadline deadline);

/// What sweep_run_tables() did.
struct Swept {
  std::vector<std::string> removed;
  std::vector<std::string> kept;  ///< with the reason: its run is still going, or the server's message
};

/// Removes the tables of runs that ended without removing them: the name and the comment of one, and either an owner of
/// this machine that is gone, or an age of more than a day where the owner cannot be looked up. Other tables are never
/// touched.
Swept sweep_run_tables(Admin& admin, Deadline deadline);

/// How the server at the other end cuts its log. Throws EnvironmentError.
WalGeometry wal_geometry(Admin& admin, Deadline deadline);

}  // namespace afterwrite::postgres
