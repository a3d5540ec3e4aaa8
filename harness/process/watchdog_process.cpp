#include "harness/process/watchdog_process.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <set>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "harness/process/marker.hpp"
#include "harness/process/family_mark.hpp"
#include "harness/process/process_tree.hpp"
#include "harness/process/shared_memory.hpp"
#include "harness/process/watch_message.hpp"

namespace afterwrite {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// From the moment when the other end closed. All of it within two seconds, as promised.
constexpr auto grace = milliseconds(1000);
constexpr auto frozen_by = milliseconds(1200);
constexpr auto killed_by = milliseconds(1600);
constexpr auto removed_by = milliseconds(1900);

struct Watched {
  ProcessHandle process;
  int stop_signal = SIGTERM;
};

struct Registered {
  std::time_t since = std::time(nullptr);
  std::vector<Watched> processes;
  std::vector<pid_t> ever;  // also those that have ended: by SIGKILL perhaps, a moment before our owner did
  std::set<std::string> folders;
};

void detach(const Descriptor& socket) {
  ::setsid();
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM}) {
    ::signal(number, SIG_IGN);
  }
  // What the program had made of SIGCHLD and the like is not for us.
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_NAME, "aw-watchdog");

  // The terminal or the pipe behind stdout must not stay open for us, nor the folder that we were started in stay in
  // use.
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::dup2(null, number);
  const auto kept = static_cast<unsigned>(socket.get());
  if (kept > STDERR_FILENO + 1) ::close_range(STDERR_FILENO + 1, kept - 1, 0);
  ::close_range(kept + 1, ~0U, 0);
  [[maybe_unused]] const int moved = ::chdir("/");
  // start() waits for this.
  ::send(socket.get(), "", 1, MSG_NOSIGNAL);
}

void register_process(Registered& registered, const WatchMessage& message) {
  auto process = open_process(message.pid);
  if (!process) return;
  // Looked at with the handle in hand. Another start time is another process: the child has ended, was reaped,
  // and its pid is used again.
  const auto stat = read_stat(message.pid);
  if (!stat || stat->start != message.start) return;
  registered.processes.push_back({std::move(*process), message.stop_signal});
  registered.ever.push_back(message.pid);
}

/// False once the other end has closed.
bool take_message(const Descriptor& socket, Registered& registered) {
  std::vector<char> packet(sizeof(WatchMessage) + longest_watched_path);
  const ssize_t size = ::recv(socket.get(), packet.data(), packet.size(), 0);
  if (size < 0) return errno == EINTR;
  if (size == 0) return false;
  if (static_cast<std::size_t>(size) < sizeof(WatchMessage)) return true;
  WatchMessage message;
  std::memcpy(&message, packet.data(), sizeof message);
  const std::string folder(packet.data() + sizeof message, static_cast<std::size_t>(size) - sizeof message);
  switch (message.kind) {
    case WatchMessage::Kind::watch_process:
      register_process(registered, message);
      break;
    case WatchMessage::Kind::watch_folder:
      registered.folders.insert(folder);
      break;
    case WatchMessage::Kind::forget_folder:
      registered.folders.erase(folder);
      break;
  }
  return true;
}

void take_messages(const Descriptor& socket, Registered& registered) {
  for (;;) {
    std::vector<pollfd> entries{{socket.get(), POLLIN, 0}};
    for (const auto& watched : registered.processes)
      entries.push_back({watched.process.pidfd.get(), POLLIN, 0});
    if (::poll(entries.data(), entries.size(), -1) < 0) continue;
    // A child that has ended needs no one to say so.
    std::erase_if(registered.processes, [](const Watched& watched) { return has_ended(watched.process); });
    if (entries.front().revents != 0 && !take_message(socket, registered)) return;
  }
}

/// Returns the pids of those that descended from them.
std::vector<pid_t> end_processes(std::vector<Watched>& processes, Clock::time_point began) {
  std::vector<ProcessHandle> remaining;
  for (const auto& watched : processes) {
    for (auto& descendant : descendants(watched.process))
      remaining.push_back(std::move(descendant));
  }
  std::vector<pid_t> family;
  for (const auto& process : remaining)
    family.push_back(process.pid);
  for (const auto& watched : processes) {
    send_signal(watched.process, watched.stop_signal);
    send_signal(watched.process, SIGCONT);
  }
  for (const auto& process : remaining)
    send_signal(process, SIGCONT);

  const auto all_ended = [&] {
    for (const auto& watched : processes) {
      if (!wait_readable(watched.process.pidfd.get(), began + grace)) return false;
    }
    return wait_ended(remaining, began + grace);
  };
  if (all_ended()) return family;

  for (const auto& watched : processes) {
    for (auto& descendant : freeze(watched.process, began + frozen_by)) {
      family.push_back(descendant.pid);
      remaining.push_back(std::move(descendant));
    }
  }
  for (auto& watched : processes)
    remaining.push_back(std::move(watched.process));
  for (const auto& process : remaining)
    send_signal(process, SIGKILL);
  wait_ended(remaining, began + killed_by);
  return family;
}

void clean_up(Registered& registered) {
  const auto began = Clock::now();
  // The owner's locks went with it. Ours keep others from sweeping the folders while servers still work in them.
  std::vector<Descriptor> locks;
  for (const auto& folder : registered.folders)
    locks.push_back(lock_marker(folder, MarkerLock::shared));
  std::vector<pid_t> makers = end_processes(registered.processes, began);
  const std::vector<pid_t> detached = end_family_marked(family_mark_prefix(), began + killed_by);
  makers.insert(makers.end(), detached.begin(), detached.end());
  makers.insert(makers.end(), registered.ever.begin(), registered.ever.end());
  for (const auto& folder : registered.folders) {
    while (!remove_marked_folder(folder) && Clock::now() < began + removed_by)
      ::poll(nullptr, 0, 5);
  }
  remove_shared_memory(makers, registered.since);
}

}  // namespace

void run_watchdog_process(Descriptor socket) noexcept {
  Registered registered;
  try {
    detach(socket);
    take_messages(socket, registered);
  } catch (...) {
    // Out of memory or descriptors: what is registered is still ended.
  }
  try {
    clean_up(registered);
  } catch (...) {
    for (const auto& watched : registered.processes)
      send_signal(watched.process, SIGKILL);
  }
  // Not exit(): the buffers and the handlers at exit are those of the program that forked us.
  ::_exit(0);
}

}  // namespace afterwrite
