#include "tests/faults/tcp_peer.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace afterwrite::testing_tcp {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void wait_for(int descriptor, short events, const char* what) {
  pollfd polled{descriptor, events, 0};
  const int milliseconds = static_cast<int>(std::chrono::milliseconds(patience).count());
  int ready = 0;
  do {
    ready = ::poll(&polled, 1, milliseconds);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) fail("poll");
  if (ready == 0) throw std::runtime_error(std::string("waited in vain to ") + what);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// The socket interface wants every address as the base type.
sockaddr* base(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

}  // namespace

Peer::Peer(int descriptor) : descriptor_(descriptor) {
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}
Peer::Peer(Peer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), ending_(other.ending_) {}
Peer& Peer::operator=(Peer&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(ending_, other.ending_);
  return *this;
}
Peer::~Peer() {
  close();
}

std::size_t Peer::send_some(std::string_view bytes) const {
  const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno != EAGAIN && errno != EINTR) fail("send");
  return 0;
}

void Peer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    wait_for(descriptor_, POLLOUT, "send");
    bytes.remove_prefix(send_some(bytes));
  }
}

bool Peer::read_into(std::string& bytes, std::size_t most) {
  std::array<char, 65536> buffer{};
  const ssize_t size = ::recv(descriptor_, buffer.data(), std::min(most, buffer.size()), MSG_DONTWAIT);
  if (size > 0) {
    bytes.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
  }
  if (size == 0) {
    ending_ = Ending::end;
  } else if (errno == ECONNRESET || errno == EPIPE) {
    ending_ = Ending::reset;
  } else if (errno != EAGAIN && errno != EINTR) {
    fail("recv");
  }
  return false;
}

std::string Peer::receive(std::size_t size) {
  std::string bytes;
  while (bytes.size() < size && ending_ == Ending::none) {
    wait_for(descriptor_, POLLIN, "receive");
    read_into(bytes, size - bytes.size());
  }
  return bytes;
}

std::string Peer::receive_available() {
  std::string bytes;
  while (read_into(bytes, 65536)) {
  }
  return bytes;
}

std::string Peer::receive_all() {
  std::string bytes;
  while (ending_ == Ending::none) {
    wait_for(descriptor_, POLLIN, "receive the end");
    read_into(bytes, 65536);
  }
  return bytes;
}

Peer::Ending Peer::wait_for_ending() {
  receive_all();
  return ending_;
}

bool Peer::readable() const {
  pollfd polled{descriptor_, POLLIN, 0};
  return ::poll(&polled, 1, 0) > 0;
}

void Peer::end_sending() const {
  if (::shutdown(descriptor_, SHUT_WR) != 0) fail("shutdown");
}

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void Peer::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

std::optional<Peer> dial(const Address& address) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  Peer peer(descriptor);
  sockaddr_in target = loopback(address.port);
  if (::connect(descriptor, base(target), sizeof target) == 0) return peer;
  if (errno != ECONNREFUSED) fail("connect");
  return std::nullopt;
}

Peer dial_or_throw(const Address& address) {
  std::optional<Peer> peer = dial(address);
  if (!peer) throw std::runtime_error("refused");
  return std::move(*peer);
}

Listener::Listener() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (descriptor_ < 0) fail("socket");
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(descriptor_, base(address), size) != 0) fail("bind");
  if (::listen(descriptor_, 1024) != 0) fail("listen");
  if (::getsockname(descriptor_, base(address), &size) != 0) fail("getsockname");
  port_ = ntohs(address.sin_port);
}

Listener::~Listener() {
  ::close(descriptor_);
}

Peer Listener::accept() const {
  wait_for(descriptor_, POLLIN, "accept");
  const int descriptor = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
  if (descriptor < 0) fail("accept");
  return Peer(descriptor);
}

void yield_a_moment() {
  std::this_thread::sleep_for(std::chrono::microseconds(200));
}

}  // namespace afterwrite::testing_tcp
