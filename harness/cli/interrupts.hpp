#pragma once

#include <stop_token>
#include <string>
#include <thread>

namespace afterwrite {

/// Turns SIGINT, SIGTERM and SIGHUP into a stop request: the first asks the run to end in order (faults healed, servers gone, what was
/// recorded judged), which it says on stderr; a second one, for the impatient, says the LastWords and ends the process at once, and the watchdog cleans up.
///
/// `then`: what comes of what was done so far, as it is said to whoever pressed Ctrl-C.
///
/// Construct it on the main thread before any other thread exists, so that all of them inherit the blocked signals.
class Interrupts {
 public:
  explicit Interrupts(std::string then = "what was recorded is judged");
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace afterwrite
