#include "adapters/postgres/postgres.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::postgres {

Programs find_programs(const std::filesystem::path& folder) {
  try {
    return find_postgres_programs(folder);
  } catch (const ProcessError& error) {
    throw EnvironmentError(error.what());
  }
}

}  // namespace afterwrite::postgres
