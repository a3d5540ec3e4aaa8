#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "adapters/postgres/postgres.hpp"
#include "adapters/postgres/server_connection.hpp"
#include "harness/process/account.hpp"
#include "harness/process/server_process.hpp"
#include "harness/session/link.hpp"

namespace afterwrite::postgres {

/// What all servers of one private cluster share.
struct ClusterFiles {
  Programs programs;
  std::optional<Account> account;  ///< who they run as; nothing: we
  std::filesystem::path folder;    ///< private, the account's
  std::string user = "afterwrite";
  /// Random, for this cluster alone. Loopback is open to everyone on the machine, and whoever gets into a database as
  /// its superuser can run commands as the server's account.
  std::string password;
  std::stop_token start_stop;           ///< while the cluster is started: what ends that
  std::filesystem::path password_file;  ///< the same in libpq's format, for what the servers themselves dial

  /// Writes a file for the servers, readable by their account alone. Throws EnvironmentError.
  void write(const std::filesystem::path& file, const std::string& content) const;
};

/// One server of a private cluster. Every setting stands in its postgresql.conf, which is written whole, so that
/// nothing that was copied from another server or left by ALTER SYSTEM is ever in force. One thread at a time, but for
/// died().
class Server {
 public:
  Server(const ClusterFiles& files, std::string name);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  const std::string& name() const { return name_; }
  Address address() const;
  /// How to dial it directly, or through a link that listens at `through`.
  Target target() const;
  Target target(const Address& through) const;

  /// Takes effect when the server is launched or reloaded.
  void set(const std::string& setting, const std::string& value);
  void set_follower_of(const Address& leader_link);
  const std::map<std::string, std::string>& settings() const { return settings_; }

  /// Makes an empty database. Throws ProcessError.
  void initialise(Deadline deadline);
  /// Makes a follower's copy of the running `source`, in place of what is there. Throws ProcessError.
  void clone(const Server& source, Deadline deadline);

  /// Starts it, on the port it had if it can have it again. Throws ProcessError, EnvironmentError.
  void launch();
  /// Waits until it answers queries. Throws EnvironmentError with its last words if it ends or the deadline passes.
  void await_ready(Deadline deadline);
  void reload();

  bool running() { return process_.running(); }
  /// True once it ended although nobody ended it; `why` are its last log lines. Any thread may call.
  bool died(std::string& why) { return process_.died(why); }

  /// The end of all its processes at once, as if the machine had failed.
  nlohmann::json kill();
  void stop() noexcept;

  /// What it logged since it was last launched.
  std::string log() const { return process_.log(); }

 private:
  std::filesystem::path data() const { return files_.folder / name_; }
  void run(const std::filesystem::path& program, std::vector<std::string> arguments, Deadline deadline) const;
  void write_configuration() const;
  void spawn();
  bool answers();

  const ClusterFiles& files_;
  const std::string name_;
  std::uint16_t port_ = 0;
  bool follower_ = false;
  std::map<std::string, std::string> settings_;
  ServerProcess process_;
};

}  // namespace afterwrite::postgres
