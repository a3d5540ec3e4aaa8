#pragma once

#include <chrono>
#include <ctime>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <sys/types.h>

#include "harness/process/command.hpp"
#include "harness/process/descriptor.hpp"
#include "harness/process/error.hpp"
#include "harness/process/process_tree.hpp"

namespace afterwrite {

struct ChildStreams;

/// How a process ended: by itself with `code`, or by a `signal` (then not 0).
struct ExitStatus {
  int code = 0;
  int signal = 0;

  bool ok() const { return code == 0 && signal == 0; }
  /// `exit code 1`, `ended by SIGKILL`.
  std::string describe() const;
};

/// A child process that never outlives its object: the destructor kills it (also if it is stopped) and reaps it.
///
/// It leads a session of its own, so that a Ctrl-C at the terminal is not its business; it inherits no descriptor of
/// ours, no blocked signal and no handler. If the Watchdog runs, the child is known there before its program starts.
///
/// One thread at a time may use an object; any thread may create one. Needs Linux 5.11.
class Child {
 public:
  /// Starts it; returns once the program itself runs. Throws ProcessError if it cannot be started (no such program, no
  /// permission, an output file or a folder that refuses).
  explicit Child(const Command& command);
  Child(Child&& other) noexcept = default;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  /// Stays the same after the end, when it may belong to somebody else: for messages only.
  pid_t pid() const { return process_.pid; }

  /// False once it has ended; it is reaped then.
  bool running();

  /// Waits for its end; nothing if it still runs at the deadline. Reaps it. May be asked again after the end.
  std::optional<ExitStatus> wait_until(std::chrono::steady_clock::time_point deadline);

  /// Sends a signal to this process alone; does nothing once it has been reaped.
  void signal(int number);

  /// SIGKILL to it, its process group and all that it started (see family_mark.hpp), as if its machine had died; returns when they are
  /// gone, it is reaped, and System V shared memory that they made is removed. After the end it only tells how that
  /// was.
  ExitStatus kill();

  /// Its stop signal; after `grace` kill(). A process stopped by SIGSTOP is continued first. What it
  /// started and left is killed.
  ExitStatus stop(std::chrono::nanoseconds grace);

 private:
  friend class PipedChild;
  friend std::string run_command(const Command& command, std::chrono::steady_clock::time_point deadline,
                                 const std::stop_token& stop);

  Child(const Command& command, const Descriptor& output);
  Child(const Command& command, const ChildStreams& streams);
  void release() noexcept;
  /// Kills what it started and left behind, however that detached itself. Looked for once.
  void end_family();

  std::time_t started_ = 0;  // or a moment before
  std::string mark_;         // see family_mark.hpp; empty once nothing bears it any more
  ProcessHandle process_;
  int stop_signal_ = 0;
  std::optional<ExitStatus> status_;
};

/// Runs a command to its end (initdb, pg_basebackup) and returns what it wrote to stdout and stderr, mixed; with
/// Command::output set that is appended there too. Throws ProcessError, with the last lines of output, if it cannot be
/// started, does not end with 0, or still runs at the deadline or when `stop` is requested (it is killed
/// then). Any thread may call.
std::string run_command(const Command& command, std::chrono::steady_clock::time_point deadline,
                        const std::stop_token& stop = {});

}  // namespace afterwrite
