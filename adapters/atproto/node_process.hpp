#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>

#include "adapters/atproto/installation.hpp"
#include "harness/process/server_process.hpp"
#include "harness/session/clock.hpp"

namespace afterwrite::atproto {

/// What becomes of a process while one waits for it.
enum class Boot { ready, port_taken };

/// One boot script of the stack, running in Node.js. One thread at a time, but for died().
class NodeProcess {
 public:
  /// `script`: `pds.mjs`, in `folder`, where its log and its temporary files go too. `title` names it in messages.
  NodeProcess(std::string title, std::string script, Installation installation, std::filesystem::path folder);
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;
  ~NodeProcess();

  /// Starts it with what settings.mjs reads. Throws ProcessError.
  void launch(const nlohmann::json& settings);
  /// Waits until it says that it serves, or that one of its ports is another's. Throws EnvironmentError with its last
  /// words if it ended for another reason, or at the deadline; also once `stop` is requested.
  Boot await(Deadline deadline, const std::stop_token& stop = {});
  /// Versions by package, and Node.js's; what it said when it was ready.
  const nlohmann::json& told() const { return told_; }

  bool running() { return process_.running(); }
  /// True once it ended although nobody ended it; `why` are its last log lines. Any thread may call.
  bool died(std::string& why) { return process_.died(why); }
  /// The end of it at once. Returns what proves it; throws EnvironmentError if it does not run.
  nlohmann::json kill();
  void stop() noexcept;

 private:
  const std::string title_;
  const std::string script_;
  const Installation installation_;
  const std::filesystem::path folder_;
  ServerProcess process_;
  nlohmann::json told_;
};

}  // namespace afterwrite::atproto
