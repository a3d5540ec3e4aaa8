#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/session/clock.hpp"
#include "harness/session/link.hpp"

namespace afterwrite::testing_tcp {

/// Far more than anything on loopback takes: only a hang gets there.
inline constexpr auto patience = std::chrono::seconds(60);

/// One end of a TCP connection on loopback. Every wait ends after `patience`, and then throws std::runtime_error.
class Peer {
 public:
  enum class Ending { none, end, reset };

  explicit Peer(int descriptor);
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&& other) noexcept;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  void send(std::string_view bytes) const;
  /// Sends what fits at once; returns how much that was.
  std::size_t send_some(std::string_view bytes) const;
  /// Exactly `size` bytes, unless the connection ends before.
  std::string receive(std::size_t size);
  /// What is there now, without waiting.
  std::string receive_available();
  /// Reads until the connection ends, and returns what came.
  std::string receive_all();
  /// Reads and drops until the connection ends.
  Ending wait_for_ending();
  /// How the connection ended as far as reads showed.
  Ending ending() const { return ending_; }
  bool readable() const;

  void end_sending() const;
  void reset();
  void close();

 private:
  bool read_into(std::string& bytes, std::size_t most);

  int descriptor_ = -1;
  Ending ending_ = Ending::none;
};

/// Dials; nothing if that was refused.
std::optional<Peer> dial(const Address& address);
Peer dial_or_throw(const Address& address);

/// A listening socket on a free loopback port.
class Listener {
 public:
  Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();
  Address address() const { return {"127.0.0.1", port_}; }
  Peer accept() const;

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

/// Waits for `condition`; false if it did not come true in `patience`.
template <class Condition>
bool eventually(Condition condition);

void yield_a_moment();

template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = Clock::now() + patience;
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    yield_a_moment();
  }
  return true;
}

}  // namespace afterwrite::testing_tcp
