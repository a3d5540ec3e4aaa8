#include "harness/cli/interrupts.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <utility>

#include "harness/cli/streams.hpp"

namespace afterwrite {

namespace {

std::atomic<int> received{0};

sigset_t interrupting_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  return set;
}

/// In place of what is drawn there, and of the `^C` that the terminal put over it. Not said where nobody reads (a terminal that was
/// stopped): this thread must stay ready for the second signal.
void say_instead(const std::string& text) {
  pollfd err{STDERR_FILENO, POLLOUT, 0};
  if (poll(&err, 1, 0) != 1 || (err.revents & POLLOUT) == 0) return;
  say((takes_escapes(STDERR_FILENO) ? "\r\033[J" : "") + text);
}

}  // namespace

Interrupts::Interrupts(std::string then) {
  const sigset_t set = interrupting_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::jthread([this, then = std::move(then)](const std::stop_token& done) {
    const sigset_t waited_for = interrupting_signals();
    while (!done.stop_requested()) {
      const timespec patience{0, 100'000'000};
      const int signal = sigtimedwait(&waited_for, nullptr, &patience);
      if (signal <= 0) continue;
      if (received.exchange(signal) != 0) {
        say_instead("");
        _exit(128 + signal);
      }
      source_.request_stop();
      // To end in order may take a moment, and whoever pressed Ctrl-C wants to know that it was heard.
      say_instead(fmt::format("interrupted: ending in order, and {}; a second signal ends at once\n", then));
    }
  });
}

Interrupts::~Interrupts() = default;

}  // namespace afterwrite
