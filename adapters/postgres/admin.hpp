#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/server_connection.hpp"

namespace afterwrite::postgres {

using Row = std::vector<std::optional<std::string>>;

/// A connection for what is done around the sessions: set-up, faults, clean-up. Used by one thread.
class Admin {
 public:
  /// Throws EnvironmentError, naming the server, if it cannot be reached in time.
  Admin(const Target& target, Deadline deadline);

  /// Runs one statement as a transaction of its own and returns its rows. Throws EnvironmentError with the server's
  /// message, prefixed with the server's name, if it fails or has no answer in time; the connection is of no use after
  /// the latter.
  std::vector<Row> run(const std::string& sql, const std::vector<std::string>& parameters, Deadline deadline);
  std::vector<Row> run(const std::string& sql, Deadline deadline) { return run(sql, {}, deadline); }

  /// The first value of the first row; empty if there is none or if it is NULL.
  std::string value(const std::string& sql, Deadline deadline);

  const PGconn* raw() const { return connection_->raw(); }

 private:
  std::string shown_;
  std::unique_ptr<ServerConnection> connection_;
};

}  // namespace afterwrite::postgres
