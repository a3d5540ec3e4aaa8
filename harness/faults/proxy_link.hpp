#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "harness/faults/proxy.hpp"
#include "harness/faults/proxy_connection.hpp"

// The inside of the fault proxy: one link. Everything here belongs to the proxy's thread.
namespace afterwrite::proxy {

/// One listening port and its connections. Owned by the proxy and, until close() has taken effect, by its own handlers.
class Link : public ConnectionOwner, public std::enable_shared_from_this<Link> {
 public:
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

  /// Reserves the loopback port, a free one if it is 0; nothing: its connections are passed on by the link of a shared address. Throws boost::system::system_error.
  Link(boost::asio::io_context& context, std::span<char> scratch, std::size_t held_limit, std::optional<std::uint16_t> port);

  /// Throws boost::system::system_error.
  void listen();
  Address address() const;
  /// Resets the connections if the upstream is another one than before.
  void set_upstream(Endpoints upstream);
  /// From now on connections of this link on which a request holds `mark` go over to `link`.
  void pass_on(const std::string& mark, const std::shared_ptr<Link>& link) { others_[mark] = link; }
  /// Takes a dialler's connection over, with what it has sent and the upstream has not seen whole.
  void adopt(boost::asio::ip::tcp::socket dialler, std::string sent);
  /// Throws boost::system::system_error if it cannot listen again; it then stays cut.
  void set(const LinkFaults& faults);
  LinkFaults faults() const;
  LinkStatistics statistics() const;
  void close();

  // ConnectionOwner
  std::span<char> scratch() override { return scratch_; }
  std::size_t connection_count() const override { return connections_.size(); }
  void upstream_failed() override { ++counts_.upstream_failed; }
  void closed(Connection& connection) override;
  bool passed_on(Connection& connection, const std::string& request) override;
  void room_made(const LinkDirection& direction) override;

 private:
  void accept();
  void accepted(boost::asio::ip::tcp::socket dialler);
  void stop_listening();
  void reset_connections();
  std::vector<std::shared_ptr<Connection>> snapshot() const;

  std::span<char> scratch_;
  /// Bound, never listening: while the listener is closed it keeps the port ours, and dialling it is refused.
  boost::asio::ip::tcp::socket reserved_;
  boost::asio::ip::tcp::acceptor listener_;
  boost::asio::steady_timer retry_;
  Endpoints upstream_;
  std::map<std::string, std::weak_ptr<Link>> others_;  ///< by mark
  LinkDirection to_target_;
  LinkDirection to_dialler_;
  bool cut_ = false;
  bool closed_ = false;
  std::size_t listening_since_ = 0;  ///< counts the times that listening began or ended: an older accept is void
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  LinkStatistics counts_;
};

}  // namespace afterwrite::proxy
