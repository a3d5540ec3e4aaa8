#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "harness/process/child.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/service/service_spec.hpp"

namespace afterwrite::service {

/// A service that a scenario starts: one child process and all that descends from it. It is ended with the object, and
/// by the watchdog if we do not get that far. start() and stop() are for one thread; healthy() for any.
class StartedService {
 public:
  /// `log`: the file that its output is appended to.
  StartedService(StartSpec spec, std::filesystem::path log);

  /// Starts it and returns once it is ready. `links` stand in for {link:NAME}; `variables` are laid into its
  /// environment, with AFTERWRITE_FOLDER, an empty folder that is removed after its end with all that it left there.
  /// Throws EnvironmentError, with the last lines of its log, if it cannot be started, ends, or is not ready in time;
  /// or when `stop` is requested. Then stop() is still to be called.
  void start(const std::map<LinkName, Address>& links, std::map<std::string, std::string> variables,
             const std::stop_token& stop);

  /// SIGTERM; after 10 s SIGKILL to it and to all that descends from it.
  void stop() noexcept;

  /// False once it has ended by itself, with how and the last lines of its log in `why`.
  bool healthy(std::string& why) const;

 private:
  Command command(const std::map<LinkName, Address>& links, std::map<std::string, std::string> variables) const;
  void await_ready(const std::stop_token& stop);
  std::optional<ExitStatus> ended_by(Deadline deadline) const;
  std::string last_words() const;

  StartSpec spec_;
  std::filesystem::path log_;
  std::uintmax_t log_start_ = 0;
  std::optional<PrivateFolder> folder_;
  mutable std::mutex mutex_;
  mutable std::optional<Child> child_;  // guarded by mutex_
};

}  // namespace afterwrite::service
