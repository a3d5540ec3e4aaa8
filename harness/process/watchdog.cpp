#include "harness/process/watchdog.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "harness/process/descriptor.hpp"
#include "harness/process/family_mark.hpp"
#include "harness/process/process_tree.hpp"
#include "harness/process/signals_blocked.hpp"
#include "harness/process/watch_message.hpp"
#include "harness/process/watchdog_process.hpp"

namespace afterwrite {

Watchdog& Watchdog::instance() {
  static Watchdog only;
  return only;
}

Watchdog::~Watchdog() {
  stop();
}

void Watchdog::start() {
  if (running()) return;
  family_mark_prefix();  // by which it finds what our children started: it must be of this process
  int ends[2] = {-1, -1};
  // Packets, so that a message is never torn; a socket, so that its end is seen even if we were killed while sending.
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
    throw ProcessError(fmt::format("cannot start the watchdog process: socketpair: {}", std::strerror(errno)));
  }
  Descriptor ours = above_stdio(Descriptor(ends[0]));
  Descriptor theirs = above_stdio(Descriptor(ends[1]));
  pid_t pid = -1;
  {
    const SignalsBlocked blocked;
    pid = ::fork();
    if (pid == 0) {
      ours.close();
      run_watchdog_process(std::move(theirs));
    }
  }
  if (pid < 0) throw ProcessError(fmt::format("cannot start the watchdog process: fork: {}", std::strerror(errno)));
  pid_ = pid;
  owner_ = ::getpid();
  socket_ = std::move(ours);
  theirs.close();
  // Until it has left the terminal and closed what it inherited from us.
  char ready = 0;
  ssize_t size = 0;
  do {
    size = ::recv(socket_.get(), &ready, sizeof ready, 0);
  } while (size < 0 && errno == EINTR);
  if (size <= 0) {
    stop();
    throw ProcessError(fmt::format("the watchdog process {} ended as soon as it was started", pid));
  }
}

bool Watchdog::running() const {
  return socket_ && owner_ == ::getpid();
}

void Watchdog::stop() noexcept {
  if (!running()) return;
  // Not only close: a child of ours between fork and exec holds a copy of the socket.
  ::shutdown(socket_.get(), SHUT_RDWR);
  socket_.close();
  if (const auto process = open_process(pid_)) {
    send_signal(*process, SIGCONT);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    if (!wait_readable(process->pidfd.get(), deadline)) send_signal(*process, SIGKILL);
  }
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void Watchdog::watch_folder(const std::filesystem::path& folder) {
  if (!running()) return;
  WatchMessage message;
  message.kind = WatchMessage::Kind::watch_folder;
  if (folder.native().size() > longest_watched_path)
    throw ProcessError("the folder's path is too long: " + folder.string());
  if (!send_message(socket_.get(), message, folder.native())) {
    throw ProcessError(
        fmt::format("the watchdog process {} is gone, so that nothing would remove {} if we were killed: {}", pid_,
                    folder.string(), std::strerror(errno)));
  }
}

void Watchdog::forget_folder(const std::filesystem::path& folder) noexcept {
  if (!running()) return;
  WatchMessage message;
  message.kind = WatchMessage::Kind::forget_folder;
  send_message(socket_.get(), message, folder.native());
}

}  // namespace afterwrite
