#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <sys/types.h>

namespace afterwrite {

/// What the watchdog is told: one packet each, the path of a folder (without a terminating zero) behind it.
struct WatchMessage {
  enum class Kind : int { watch_process, watch_folder, forget_folder };

  Kind kind = Kind::watch_process;
  pid_t pid = -1;
  int stop_signal = 0;
  std::uint64_t start = 0;  // ProcessStat::start of the process
};

/// The longest path that can be sent.
inline constexpr std::size_t longest_watched_path = 4096;

/// Sends one packet; false, with errno, if the watchdog is gone. Async-signal-safe.
bool send_message(int socket, const WatchMessage& message, std::string_view folder = {}) noexcept;

/// Registers the calling process. Async-signal-safe: a child calls it between fork and exec, so that no moment is left
/// in which it runs and the watchdog does not know it. False, with errno, if that failed.
bool announce_self(int socket, int stop_signal) noexcept;

}  // namespace afterwrite
