#pragma once

#include <filesystem>
#include <sys/types.h>

#include "harness/process/descriptor.hpp"
#include "harness/process/error.hpp"

namespace afterwrite {

/// Keeps the promise that nothing is left behind, however this process ends, SIGKILL included.
///
/// start() forks a process that holds one end of a socket. When the other end closes because we are gone, it continues
/// every child that still runs (see Child) and sends it its stop signal, kills what is left after a second, descendants
/// included, removes the private folders (see PrivateFolder), and ends: all within two seconds. It leads a session of
/// its own, ignores SIGINT, SIGTERM and SIGHUP, and holds no descriptor of ours, the terminal's included.
///
/// Child and PrivateFolder register themselves; without start() they do without.
class Watchdog {
 public:
  /// The process's one watchdog. At exit() it is stopped.
  static Watchdog& instance();

  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  /// Call before any thread exists: it forks. Does nothing if it runs already. Throws ProcessError.
  void start();

  /// True from start() to stop(), in the process that called start(). Any thread may call.
  bool running() const;

  /// Has it end now what is still registered, and waits until it has ended itself. For the end of the program, when no
  /// other thread uses it; does nothing if it does not run.
  void stop() noexcept;

  /// Registers a folder made by PrivateFolder for removal, or takes it off. Any thread may call; nothing happens if no
  /// watchdog runs. watch_folder throws ProcessError if the watchdog process has died: the promise cannot be kept then.
  void watch_folder(const std::filesystem::path& folder);
  void forget_folder(const std::filesystem::path& folder) noexcept;

  /// The watchdog process, for messages and tests; -1 if none runs.
  pid_t pid() const { return pid_; }
  /// Our end of the socket, for Child; -1 if none runs.
  int descriptor() const { return socket_.get(); }

 private:
  Watchdog() = default;

  pid_t pid_ = -1;
  pid_t owner_ = -1;  // who called start(): a fork of ours must not stop our watchdog
  Descriptor socket_;
};

}  // namespace afterwrite
