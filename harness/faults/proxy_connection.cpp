#include "harness/faults/proxy_connection.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <utility>

namespace afterwrite::proxy {
namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

// What a flow may hold with no fault on: enough to keep both sides busy, and a slow receiver still slows its sender
// down.
constexpr std::size_t calm_limit = std::size_t{256} * 1024;

// About what a queued chunk costs besides its bytes: its place in the queue and the allocation's own.
constexpr std::size_t chunk_overhead = 128;

// Reads and bytes written in one go, before the other connections get their turn.
constexpr int reads_a_turn = 16;
constexpr std::size_t written_a_turn = std::size_t{1024} * 1024;

constexpr std::size_t buffers_a_write = 64;

// Who dials shows in the head of a request; what is longer than this is a body.
constexpr std::size_t longest_head = std::size_t{64} * 1024;

// Closing then resets instead of ending in good order.
void close_with_reset(tcp::socket& socket) {
  Error ignored;
  socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

bool try_again(const Error& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again ||
         error == boost::asio::error::interrupted;
}

}  // namespace

std::size_t LinkDirection::footprint() const {
  return counts.held + chunks * chunk_overhead;
}

Flow::Flow(Connection& connection, Socket& source, Socket& sink, LinkDirection& direction, bool answers)
    : connection_(connection),
      source_(source),
      sink_(sink),
      direction_(direction),
      timer_(source.get_executor()),
      framing_(answers) {}

bool Flow::has_room() const {
  if (queue_.empty()) return direction_.footprint() < direction_.held_limit;
  // No connection may take the room of all: with a fault on, each has an equal share of the bound.
  const std::size_t share = direction_.held_limit / std::max<std::size_t>(1, connection_.owner().connection_count());
  const std::size_t limit = direction_.faulted() ? share : std::min(share, calm_limit);
  return queue_.bytes() + queue_.chunks() * chunk_overhead < limit && direction_.footprint() < direction_.held_limit;
}

void Flow::read() {
  if (reading_ || paused_ || source_ended_ || abandoned_ || connection_.closed()) return;
  if (!has_room()) {
    paused_ = true;
    ++direction_.paused;
    return;
  }
  reading_ = true;
  source_.async_wait(Socket::wait_read, [this, self = connection_.shared_from_this()](const Error&) {
    reading_ = false;
    readable();  // whatever became of the wait, the read itself tells
  });
}

void Flow::resume() {
  if (!paused_ || !has_room()) return;
  paused_ = false;
  --direction_.paused;
  read();
}

void Flow::readable() {
  for (int i = 0; i < reads_a_turn; ++i) {
    if (source_ended_ || abandoned_ || connection_.closed() || !has_room()) break;
    if (!read_once()) break;
  }
  read();
}

// False once there is nothing to read for now.
bool Flow::read_once() {
  const std::span<char> scratch = connection_.owner().scratch();
  Error error;
  const std::size_t size = source_.read_some(boost::asio::buffer(scratch.data(), scratch.size()), error);
  if (!error) {
    if (connection_.passed_on(*this, scratch.first(size))) return false;
    take(scratch.first(size));
    return size == scratch.size();  // less means that this was all
  }
  if (try_again(error)) return false;
  source_ended_ = true;
  if (error == boost::asio::error::eof && !source_broken_) {
    push_ending(SendQueue::Kind::end);
  } else {
    push_ending(SendQueue::Kind::reset);
    connection_.opposite(*this).abandon();
  }
  release();
  return false;
}

void Flow::take(std::span<const char> bytes) {
  direction_.counts.received += bytes.size();
  const bool before = framing_.framed();
  pieces_.clear();
  framing_.split(bytes, pieces_);
  if (framing_.framed() != before) connection_.opposite(*this).begin_frames();
  // The common case, nothing on and nothing waiting: straight through, without a copy.
  if (!direction_.faulted() && queue_.empty() && !writing_ && !write_straight_through(bytes)) return;
  for (const Piece& piece : pieces_)
    push(piece);
  release();
}

// Takes off the pieces what the sink took. False if nothing is left to be done.
bool Flow::write_straight_through(std::span<const char> bytes) {
  Error error;
  std::size_t sent = sink_.write_some(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error && !try_again(error)) {
    sink_failed();
    return false;
  }
  direction_.counts.forwarded += sent;
  auto piece = pieces_.begin();
  for (; piece != pieces_.end() && sent >= piece->bytes.size(); ++piece) {
    sent -= piece->bytes.size();
    queue_.passed(*piece);
  }
  if (sent > 0) {
    queue_.passed({piece->bytes.first(sent), piece->kind, piece->first, false});
    piece->bytes = piece->bytes.subspan(sent);
    piece->first = false;
  }
  pieces_.erase(pieces_.begin(), piece);
  return !pieces_.empty();
}

void Flow::push(const Piece& piece) {
  if (abandoned_) return;
  DirectionStatistics& counts = direction_.counts;
  if (queue_.detains(piece, direction_.faults)) {
    counts.detained += piece.bytes.size();
    if (piece.first && piece.kind == FrameKind::data) ++counts.detained_frames;
  }
  queue_.push(piece, Clock::now(), direction_.faults);
  ++direction_.chunks;
  counts.held += piece.bytes.size();
  counts.most_held = std::max(counts.most_held, counts.held);
}

void Flow::push_ending(SendQueue::Kind ending) {
  if (abandoned_) return;
  queue_.push_ending(ending, Clock::now());
  ++direction_.chunks;
}

// The release time is reckoned from the arrival when it is needed, not stored: so the order is that of arrival whatever
// becomes of the delay, and a delay that shrinks or ends applies at once to what is held.
void Flow::release() {
  std::size_t written = 0;
  while (!writing_ && !direction_.faults.stalled) {
    const Clock::time_point now = Clock::now();
    const auto next = queue_.next(direction_.faults, now);
    if (!next) break;
    if (next->due > now) {
      wait_until_due(next->due);
      break;
    }
    if (next->kind == SendQueue::Kind::reset) return connection_.abort();
    if (next->kind == SendQueue::Kind::end) {
      pass_on_end();
    } else if (written < written_a_turn) {
      written += write_due(now);
    } else {
      wait_until_writable();
    }
  }
  if (written == 0 || connection_.closed()) return;
  resume();
  if (direction_.paused > 0) connection_.owner().room_made(direction_);
}

// Writes what is due by `now`; if the sink takes less, waits for it. Returns how many bytes it took.
std::size_t Flow::write_due(Clock::time_point now) {
  const auto buffers = queue_.gather(direction_.faults, now, buffers_a_write);
  Error error;
  const std::size_t sent = sink_.write_some(buffers, error);
  if (error && !try_again(error)) {
    sink_failed();
    return 0;
  }
  DirectionStatistics& counts = direction_.counts;
  const std::size_t chunks = queue_.chunks();
  counts.longest_detained = std::max(counts.longest_detained, queue_.written(sent, direction_.faults, now));
  direction_.chunks -= chunks - queue_.chunks();
  counts.forwarded += sent;
  counts.held -= sent;
  if (sent < boost::asio::buffer_size(buffers)) wait_until_writable();
  return sent;
}

void Flow::pass_on_end() {
  queue_.ending_passed();
  --direction_.chunks;
  Error error;
  sink_.shutdown(Socket::shutdown_send, error);
  if (error) return sink_failed();
  ended_ = true;
  connection_.flow_ended();
}

void Flow::sink_failed() {
  abandon();
  if (!connection_.closed()) connection_.opposite(*this).source_failed();
}

void Flow::source_failed() {
  source_broken_ = true;
  if (!source_ended_) return;  // what is unread is read first
  push_ending(SendQueue::Kind::reset);
  release();
}

void Flow::abandon() {
  if (abandoned_) return;
  abandoned_ = true;
  drop_queue();
  if (connection_.opposite(*this).abandoned()) return connection_.abort();
  if (direction_.paused > 0) connection_.owner().room_made(direction_);
}

void Flow::clear() {
  drop_queue();
  if (paused_) --direction_.paused;
  paused_ = false;
}

void Flow::drop_queue() {
  timer_.cancel();
  direction_.counts.held -= queue_.bytes();
  direction_.counts.dropped += queue_.bytes();
  direction_.chunks -= queue_.chunks();
  queue_.clear();
}

void Flow::wait_until_due(Clock::time_point due) {
  if (timer_armed_ && timer_due_ == due) return;
  timer_armed_ = true;
  timer_due_ = due;
  timer_.expires_at(due);  // ends a wait for another time
  timer_.async_wait([this, self = connection_.shared_from_this()](const Error& error) {
    if (error || connection_.closed()) return;
    timer_armed_ = false;
    release();
  });
}

void Flow::wait_until_writable() {
  writing_ = true;
  sink_.async_wait(Socket::wait_write, [this, self = connection_.shared_from_this()](const Error&) {
    writing_ = false;
    if (!connection_.closed()) release();
  });
}

Connection::Connection(ConnectionOwner& owner, Flow::Socket dialler, LinkDirection& to_target,
                       LinkDirection& to_dialler)
    : owner_(owner),
      dialler_(std::move(dialler)),
      target_(dialler_.get_executor()),
      to_target_(*this, dialler_, target_, to_target, false),
      to_dialler_(*this, target_, dialler_, to_dialler, true) {}

void Connection::start(const std::vector<tcp::endpoint>& upstream, std::string sent) {
  request_ = std::move(sent);
  boost::asio::async_connect(target_, upstream,
                             [this, self = shared_from_this()](const Error& error, const tcp::endpoint&) {
                               if (closed_) return;
                               Error unknown;
                               // Dialling a free port of the same machine can end up connected to itself, and would
                               // then keep a server from coming back to that port.
                               if (error || target_.local_endpoint(unknown) == target_.remote_endpoint(unknown)) {
                                 owner_.upstream_failed();
                                 return close(true);
                               }
                               connected();
                             });
}

void Connection::connected() {
  Error error;
  for (Flow::Socket* socket : {&dialler_, &target_}) {
    if (!error) socket->set_option(tcp::no_delay(true), error);
    if (!error) socket->non_blocking(true, error);
  }
  if (error) return close(true);
  if (!request_.empty()) to_target_.begin_with(std::exchange(request_, {}));
  if (closed_) return;
  to_target_.read();
  to_dialler_.read();
}

void Connection::abort() {
  close(true);
}

void Connection::faults_changed() {
  for (Flow* flow : {&to_target_, &to_dialler_}) {
    if (!closed_) flow->release();
    if (!closed_) flow->resume();
  }
}

void Connection::flow_ended() {
  if (to_target_.ended() && to_dialler_.ended()) close(false);
}

bool Connection::passed_on(const Flow& flow, std::span<const char> bytes) {
  if (!watched_) return false;
  if (&flow == &to_dialler_) {
    request_.clear();  // answered: what comes next is another request
    return false;
  }
  if (request_.size() > longest_head) return false;
  request_.append(bytes.data(), bytes.size());
  return owner_.passed_on(*this, request_);
}

Flow::Socket Connection::release_dialler() {
  let_go();
  Error ignored;
  dialler_.cancel(ignored);
  // No good end: the upstream may have seen half a request.
  close_with_reset(target_);
  Flow::Socket dialler = std::move(dialler_);
  owner_.closed(*this);
  return dialler;
}

void Connection::let_go() {
  closed_ = true;
  to_target_.clear();
  to_dialler_.clear();
}

void Connection::close(bool reset) {
  if (closed_) return;
  let_go();
  for (Flow::Socket* socket : {&dialler_, &target_}) {
    Error ignored;
    if (reset) {
      close_with_reset(*socket);
    } else {
      socket->close(ignored);
    }
  }
  owner_.closed(*this);
}

}  // namespace afterwrite::proxy
