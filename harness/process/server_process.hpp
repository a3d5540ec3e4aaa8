#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>

#include "harness/process/child.hpp"

namespace afterwrite {

/// A server of ours that may end by itself, be killed, and be launched again, with the log that it appends to. One thread
/// at a time, but for died() and running().
class ServerProcess {
 public:
  /// `title` names it in messages: `etcd server node-0`.
  ServerProcess(std::string title, std::filesystem::path log);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess() = default;

  /// Starts it; its output goes to the log. Until started() its end is one while starting, which died() does not tell. Throws
  /// ProcessError.
  void launch(Command command);
  void started();

  bool running();
  /// True once it ended although nobody ended it; `why` are its last log lines. Any thread may call.
  bool died(std::string& why);
  void signal(int number);

  struct Killed {
    pid_t pid = 0;
    ExitStatus status;
  };
  /// The end of all its processes at once, as if the machine had failed; they are reaped. Nothing if it does not run.
  std::optional<Killed> kill();
  void stop(std::chrono::nanoseconds grace) noexcept;

  /// What it logged since it was last launched.
  std::string log() const;
  /// The last lines of that, on one line, for messages.
  std::string last_words() const;

 private:
  const std::string title_;
  const std::filesystem::path log_;
  std::uintmax_t log_start_ = 0;

  std::mutex mutex_;  // guards what follows
  std::optional<Child> child_;
  bool starting_ = false;
};

}  // namespace afterwrite
