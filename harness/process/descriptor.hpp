#pragma once

#include <chrono>

namespace afterwrite {

/// An open file descriptor, closed by the destructor. -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close() noexcept;

 private:
  int number_ = -1;
};

/// The same file under a number that is none of stdin, stdout and stderr, close-on-exec. When those three are closed in
/// our own process, a newly opened file gets one of their numbers, and redirecting a child would then overwrite it.
/// Returns none, with errno, if there is no number left.
Descriptor above_stdio(Descriptor descriptor);

/// Waits until there is something to read (for a pidfd: until the process has ended); false at the deadline.
bool wait_readable(int descriptor, std::chrono::steady_clock::time_point deadline);

}  // namespace afterwrite
