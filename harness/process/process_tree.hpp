#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <sys/types.h>
#include <vector>

#include "harness/process/descriptor.hpp"

namespace afterwrite {

/// One process for certain: the pidfd never means another process, even when the pid is used again.
struct ProcessHandle {
  pid_t pid = -1;
  Descriptor pidfd;
};

/// What /proc/PID/stat says.
struct ProcessStat {
  char state = '?';
  pid_t parent = -1;
  std::uint64_t start = 0;  // clock ticks since boot; with the pid it names a process
};

/// Reads a file /proc/PID/stat. Async-signal-safe, for use between fork and exec.
std::optional<ProcessStat> read_stat(const char* file) noexcept;
std::optional<ProcessStat> read_stat(pid_t pid);

/// Of all processes that can be seen now.
std::vector<pid_t> process_ids();

/// A handle to the process `pid`; nothing (with errno) if there is none.
std::optional<ProcessHandle> open_process(pid_t pid);

/// Sends a signal; false if the process has ended or may not be signalled.
bool send_signal(const ProcessHandle& process, int number) noexcept;

bool has_ended(const ProcessHandle& process);

/// Drops those that have ended from the list; waits for the rest until the deadline. True if none is left.
bool wait_ended(std::vector<ProcessHandle>& processes, std::chrono::steady_clock::time_point deadline);

/// Children, their children and so on, as they are now. Found by their parents' pids, so that those whose parent
/// has ended are missing: take the list before ending anything. Empty if `root` has ended.
std::vector<ProcessHandle> descendants(const ProcessHandle& root);

/// Stops (SIGSTOP) the process and all that descends from it, so that none can fork while it is looked for, and returns
/// the descendants. Gives up waiting for them to be stopped at the deadline.
std::vector<ProcessHandle> freeze(const ProcessHandle& root, std::chrono::steady_clock::time_point deadline);

}  // namespace afterwrite
