#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "harness/process/account.hpp"
#include "harness/process/postgres_programs.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/process/server_process.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite::atproto {

/// The database of the stack: one PostgreSQL server, with a password and a folder of its own. One thread at a time, but
/// for died().
class PostgresServer {
 public:
  /// Makes its folder, and nothing else. Throws ProcessError.
  explicit PostgresServer(const std::filesystem::path& programs);
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  /// Makes an empty database and serves it. Throws ProcessError, EnvironmentError, both also once `stop` is requested.
  void start(Deadline deadline, const std::stop_token& stop = {});
  void stop() noexcept;

  /// For its clients; holds the password.
  std::string url() const;
  const std::string& version() const { return programs_.version; }
  /// True once it ended although nobody ended it; `why` are its last log lines. Any thread may call.
  bool died(std::string& why) { return process_.died(why); }

 private:
  std::filesystem::path data() const { return folder_.path() / "data"; }
  void initialise(Deadline deadline, const std::stop_token& stop) const;
  void spawn();
  /// What it writes beside its data once it accepts connections.
  bool accepts_connections() const;

  const PostgresPrograms programs_;
  const std::optional<Account> account_;
  const PrivateFolder folder_;
  const std::string password_;
  std::uint16_t port_ = 0;
  ServerProcess process_;
};

}  // namespace afterwrite::atproto
