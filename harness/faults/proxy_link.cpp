#include "harness/faults/proxy_link.hpp"

#include <algorithm>
#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/error.hpp>
#include <sys/socket.h>
#include <utility>

namespace afterwrite::proxy {
namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;
using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

// How long to leave the backlog alone when a connection could not be accepted, e.g. for want of file descriptors.
constexpr auto accept_pause = std::chrono::milliseconds(50);

}  // namespace

Link::Link(boost::asio::io_context& context, std::span<char> scratch, std::size_t held_limit, std::optional<std::uint16_t> port)
    : scratch_(scratch), reserved_(context), listener_(context), retry_(context) {
  to_target_.held_limit = held_limit;
  to_dialler_.held_limit = held_limit;
  if (!port) return;
  reserved_.open(tcp::v4());
  reserved_.set_option(ReusePort(true));
  reserved_.bind({boost::asio::ip::address_v4::loopback(), *port});
}

void Link::listen() {
  if (!reserved_.is_open()) return;
  // Into a fresh acceptor: after a failure half-way the old one is as it was.
  tcp::acceptor listener(listener_.get_executor());
  listener.open(tcp::v4());
  listener.set_option(ReusePort(true));
  listener.bind(reserved_.local_endpoint());
  listener.listen();
  listener_ = std::move(listener);
  ++listening_since_;
  accept();
}

Address Link::address() const {
  return {"127.0.0.1", reserved_.local_endpoint().port()};
}

void Link::accept() {
  listener_.async_accept(
      [this, self = shared_from_this(), since = listening_since_](const Error& error, tcp::socket dialler) {
        // An accept that was completed just before a cut is dropped like the connections of that moment.
        if (closed_ || since != listening_since_) {
          Error ignored;
          dialler.set_option(boost::asio::socket_base::linger(true, 0), ignored);
          return;
        }
        if (!error) {
          accepted(std::move(dialler));
          return accept();
        }
        retry_.expires_after(accept_pause);
        retry_.async_wait([this, self, since](const Error&) {
          if (!closed_ && since == listening_since_) accept();
        });
      });
}

void Link::accepted(tcp::socket dialler) {
  ++counts_.connections;
  auto connection = std::make_shared<Connection>(*this, std::move(dialler), to_target_, to_dialler_);
  if (!others_.empty()) connection->watch_requests();
  connections_.insert(connection);
  connection->start(upstream_);
}

void Link::adopt(tcp::socket dialler, std::string sent) {
  ++counts_.connections;
  if (cut_ || closed_) {
    ++counts_.reset;
    Error ignored;
    dialler.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    dialler.close(ignored);  // the destructor would end it in good order
    return;
  }
  auto connection = std::make_shared<Connection>(*this, std::move(dialler), to_target_, to_dialler_);
  connections_.insert(connection);
  connection->start(upstream_, std::move(sent));
}

bool Link::passed_on(Connection& connection, const std::string& request) {
  for (const auto& [mark, other] : others_) {
    if (request.find(mark) == std::string::npos) continue;
    const auto link = other.lock();
    if (!link) return false;  // closed meanwhile
    const std::string sent = request;  // the connection's own
    link->adopt(connection.release_dialler(), sent);
    return true;
  }
  return false;
}

void Link::stop_listening() {
  Error ignored;
  listener_.close(ignored);
  retry_.cancel();
  ++listening_since_;
}

void Link::reset_connections() {
  for (const auto& connection : snapshot()) {
    ++counts_.reset;
    connection->abort();
  }
}

void Link::set_upstream(Endpoints upstream) {
  if (upstream == upstream_) return;
  upstream_ = std::move(upstream);
  reset_connections();
}

void Link::set(const LinkFaults& faults) {
  if (cut_ && !faults.cut) listen();
  if (!cut_ && faults.cut) {
    stop_listening();
    reset_connections();
  }
  cut_ = faults.cut;
  const auto bounded = [](DirectionFaults direction) {
    direction.delay = std::clamp(direction.delay, Duration{0}, longest_delay);
    return direction;
  };
  for (LinkDirection* direction : {&to_target_, &to_dialler_}) {
    if (!direction->faulted()) direction->counts.longest_detained = Duration{0};
  }
  to_target_.faults = bounded(faults.to_target);
  to_dialler_.faults = bounded(faults.to_dialler);
  for (const auto& connection : snapshot())
    connection->faults_changed();
}

LinkFaults Link::faults() const {
  return {to_target_.faults, to_dialler_.faults, cut_};
}

LinkStatistics Link::statistics() const {
  LinkStatistics statistics = counts_;
  statistics.open_connections = connections_.size();
  statistics.to_target = to_target_.counts;
  statistics.to_dialler = to_dialler_.counts;
  return statistics;
}

void Link::close() {
  closed_ = true;
  stop_listening();
  reset_connections();
  Error ignored;
  reserved_.close(ignored);
}

void Link::closed(Connection& connection) {
  connections_.erase(connection.shared_from_this());
  room_made(to_target_);
  room_made(to_dialler_);
}

void Link::room_made(const LinkDirection& direction) {
  if (direction.paused == 0) return;
  // resume() does not close connections, so the set stays as it is.
  for (const auto& connection : connections_) {
    (&direction == &to_target_ ? connection->to_target() : connection->to_dialler()).resume();
  }
}

std::vector<std::shared_ptr<Connection>> Link::snapshot() const {
  return {connections_.begin(), connections_.end()};
}

}  // namespace afterwrite::proxy
