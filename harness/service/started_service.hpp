#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "harness/http/redaction.hpp"
#include "harness/process/child.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/service/service_spec.hpp"

namespace afterwrite::service {

/// Where a service's output goes, and how it is told of.
struct ServiceLog {
  std::filesystem::path file;  ///< appended to
  http::Redact redact{};       ///< makes of its words what may be shown; empty: everything may
  bool kept = true;            ///< the file outlives the command, so that a message may lead there
};

/// A service that a scenario starts: one child process and all that descends from it. It is ended with the object, and
/// by the watchdog if we do not get that far. start() and stop() are for one thread; healthy() for any.
class StartedService {
 public:
  StartedService(StartSpec spec, ServiceLog log);

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
  ServiceLog log_;
  std::uintmax_t log_start_ = 0;
  std::optional<PrivateFolder> folder_;
  mutable std::mutex mutex_;
  mutable std::optional<Child> child_;  // guarded by mutex_
};

}  // namespace afterwrite::service
