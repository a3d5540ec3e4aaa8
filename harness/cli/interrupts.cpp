#include "harness/cli/interrupts.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <csignal>
#include <ctime>
#include <string_view>
#include <utility>

#include "harness/cli/streams.hpp"
#include "harness/session/last_words.hpp"

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

/// Whether what is written to stderr is taken, or is within so many milliseconds.
bool is_read(int patience_ms) {
  pollfd err{STDERR_FILENO, POLLOUT, 0};
  return poll(&err, 1, patience_ms) == 1 && (err.revents & POLLOUT) != 0;
}

/// In place of what is drawn there, and of the `^C` that the terminal put over it. Not said where nobody reads (a terminal that was
/// stopped): this thread must stay ready for the second signal.
void say_instead(const std::string& text) {
  if (!is_read(0)) return;
  say((takes_escapes(STDERR_FILENO) ? "\r\033[J" : "") + text);
}

/// As much of it as somebody reads: whoever gave the second signal does not want to wait. In pieces that a pipe takes whole.
void say_last(std::string_view text) {
  constexpr std::size_t most_at_once = PIPE_BUF;
  constexpr int patience_ms = 500;
  while (!text.empty() && is_read(patience_ms)) {
    say(text.substr(0, most_at_once));
    text.remove_prefix(std::min(most_at_once, text.size()));
  }
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
        say_last(LastWords::all());
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
