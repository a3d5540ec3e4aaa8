#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/faults/proxy.hpp"
#include "harness/faults/send_queue.hpp"
#include "harness/faults/websocket_framing.hpp"

// The inside of the fault proxy: one connection. Everything here belongs to the proxy's thread.
namespace afterwrite::proxy {

class Connection;

/// One direction of a link: what is on, what was counted, and what its connections hold together.
struct LinkDirection {
  DirectionFaults faults;
  DirectionStatistics counts;
  std::size_t held_limit = 0;
  std::size_t chunks = 0;  ///< held now; each costs memory besides its bytes
  std::size_t paused = 0;  ///< flows that stopped reading for want of room

  bool faulted() const { return faults.stalled || faults.held || faults.delay.count() > 0; }
  std::size_t footprint() const;
};

/// What a connection needs of its link.
class ConnectionOwner {
 public:
  ConnectionOwner() = default;
  ConnectionOwner(const ConnectionOwner&) = delete;
  ConnectionOwner& operator=(const ConnectionOwner&) = delete;
  virtual ~ConnectionOwner() = default;

  /// A buffer to read into, shared by all connections of the thread.
  virtual std::span<char> scratch() = 0;
  virtual std::size_t connection_count() const = 0;
  /// The upstream could not be reached; closed() follows.
  virtual void upstream_failed() = 0;
  /// Both sockets are closed. Called once; the owner may let go of the connection.
  virtual void closed(Connection& connection) = 0;
  /// Asked for a watched connection: true if the request shows that it is another link's, which has taken its dialler over.
  virtual bool passed_on(Connection& connection, const std::string& request) = 0;
  /// Something of this direction was let go while some of its flows wait for room.
  virtual void room_made(const LinkDirection& direction) = 0;
};

/// One direction of one connection: reads from `source`, queues what is not due yet, writes to `sink`.
class Flow {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  /// `answers`: it carries what the upstream answers.
  Flow(Connection& connection, Socket& source, Socket& sink, LinkDirection& direction, bool answers);

  /// Reads on when something comes in, unless nothing more will, or there is no room.
  void read();
  /// Reads on if it had stopped for want of room and there is some now.
  void resume();
  /// Takes what came in before the flow began.
  void begin_with(const std::string& bytes) { take(bytes); }
  /// Writes what is due, and sees to it that the rest follows when it is. Called again whenever the faults changed.
  void release();
  /// The sink is gone: drops what is held and takes no more.
  void abandon();
  /// The source's connection is gone, though bytes that it sent before may still be unread: the sink is reset after
  /// them.
  void source_failed();
  /// The connection is closed.
  void clear();

  /// The connection is a websocket's from here on.
  void begin_frames() { framing_.begin_frames(); }

  /// The half-close was passed on, after everything before it.
  bool ended() const { return ended_; }
  bool abandoned() const { return abandoned_; }

 private:
  bool has_room() const;
  void readable();
  bool read_once();
  void take(std::span<const char> bytes);
  bool write_straight_through(std::span<const char> bytes);
  void push(const Piece& piece);
  void push_ending(SendQueue::Kind ending);
  std::size_t write_due(Clock::time_point now);
  void pass_on_end();
  void sink_failed();
  void drop_queue();
  void wait_until_due(Clock::time_point due);
  void wait_until_writable();

  Connection& connection_;
  Socket& source_;
  Socket& sink_;
  LinkDirection& direction_;
  boost::asio::steady_timer timer_;
  Clock::time_point timer_due_{};
  WebsocketFraming framing_;
  SendQueue queue_;
  std::vector<Piece> pieces_;  ///< of the bytes that are being taken
  bool timer_armed_ = false;
  bool reading_ = false;        ///< a wait for readability is under way
  bool writing_ = false;        ///< a wait for writability is under way
  bool paused_ = false;         ///< stopped reading for want of room
  bool source_broken_ = false;  ///< it ends with a reset, not with a half-close
  bool source_ended_ = false;   ///< nothing more comes in
  bool ended_ = false;
  bool abandoned_ = false;
};

/// One dialler's connection and the one to the upstream that goes with it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(ConnectionOwner& owner, Flow::Socket dialler, LinkDirection& to_target, LinkDirection& to_dialler);

  /// Has the owner asked, at whatever the dialler sends, whether it is another link's. Before start().
  void watch_requests() { watched_ = true; }
  /// Dials the upstream, and begins with what the dialler has sent already. Called once.
  void start(const std::vector<boost::asio::ip::tcp::endpoint>& upstream, std::string sent = {});
  /// Closes the connection but for the dialler's end, which is handed out. What was not answered yet is the taker's to answer.
  Flow::Socket release_dialler();
  /// Resets both ends at once; what is held is lost.
  void abort();
  void faults_changed();

  Flow& to_target() { return to_target_; }
  Flow& to_dialler() { return to_dialler_; }

  // For its flows.
  ConnectionOwner& owner() { return owner_; }
  bool closed() const { return closed_; }
  /// Looks at what a flow has read; true if the connection is closed now, since it was passed on.
  bool passed_on(const Flow& flow, std::span<const char> bytes);
  Flow& opposite(const Flow& flow) { return &flow == &to_target_ ? to_dialler_ : to_target_; }
  /// A flow passed its half-close on: closes the connection if it was the second to do so.
  void flow_ended();

 private:
  void connected();
  void close(bool reset);
  void let_go();

  ConnectionOwner& owner_;
  Flow::Socket dialler_;
  Flow::Socket target_;
  Flow to_target_;
  Flow to_dialler_;
  std::string request_;  ///< watched: what the dialler sent since the upstream last answered; or taken over: what it had sent before
  bool watched_ = false;
  bool closed_ = false;
};

}  // namespace afterwrite::proxy
