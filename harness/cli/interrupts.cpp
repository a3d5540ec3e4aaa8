#include "harness/cli/interrupts.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>

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

}  // namespace

Interrupts::Interrupts() {
  const sigset_t set = interrupting_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::jthread([this](const std::stop_token& done) {
    const sigset_t waited_for = interrupting_signals();
    while (!done.stop_requested()) {
      const timespec patience{0, 100'000'000};
      const int signal = sigtimedwait(&waited_for, nullptr, &patience);
      if (signal <= 0) continue;
      if (received.exchange(signal) != 0) _exit(128 + signal);
      source_.request_stop();
    }
  });
}

Interrupts::~Interrupts() = default;

int Interrupts::signal() const { return received.load(); }

}  // namespace afterwrite
