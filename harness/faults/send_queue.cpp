#include "harness/faults/send_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace afterwrite::proxy {

bool SendQueue::detains(const Piece& piece, const DirectionFaults& faults) const {
  if (faults.stalled) return true;
  if (piece.kind == FrameKind::heartbeat || piece.kind == FrameKind::close) return false;
  if (faults.delay.count() > 0) return true;
  const bool goes_out_now = !piece.first && begun_ && line_.empty();
  return faults.held && piece.kind == FrameKind::data && !goes_out_now;
}

void SendQueue::push(const Piece& piece, Clock::time_point arrival, const DirectionFaults& faults) {
  if (piece.first) coming_ = piece.kind == FrameKind::heartbeat ? Way::heartbeats : Way::line;
  lane(coming_).push_back({arrival,
                           ++pushed_,
                           Kind::bytes,
                           piece.kind,
                           piece.last,
                           detains(piece, faults),
                           {piece.bytes.begin(), piece.bytes.end()}});
  bytes_ += piece.bytes.size();
  if (coming_ == Way::heartbeats && piece.last) ++whole_heartbeats_;
}

void SendQueue::push_ending(Kind ending, Clock::time_point arrival) {
  // A heartbeat that never became whole is the last that was sent, and goes out as that.
  std::size_t whole = heartbeats_.size();
  while (whole > 0 && !heartbeats_[whole - 1].last)
    --whole;
  std::move(heartbeats_.begin() + static_cast<std::ptrdiff_t>(whole), heartbeats_.end(), std::back_inserter(line_));
  heartbeats_.resize(whole);
  line_.push_back({arrival, ++pushed_, ending});
}

void SendQueue::passed(const Piece& piece) {
  if (piece.first) coming_ = Way::line;
  begun_ = !piece.last;
  begun_way_ = Way::line;
}

// First in, first out, unless what is first has to wait: a receiver that is merely slow changes no order.
SendQueue::Way SendQueue::next_way(const DirectionFaults& faults, Clock::time_point now) const {
  if (begun_) return begun_way_;
  if (whole_heartbeats_ == 0) return Way::line;
  if (line_.empty() || heartbeats_.front().place < line_.front().place) return Way::heartbeats;
  return waits(line_.front(), false, faults) || due(line_.front(), faults) > now ? Way::heartbeats : Way::line;
}

bool SendQueue::waits(const Chunk& chunk, bool begun, const DirectionFaults& faults) {
  return faults.held && chunk.frame == FrameKind::data && !begun;
}

Clock::time_point SendQueue::due(const Chunk& chunk, const DirectionFaults& faults) {
  const bool at_once = chunk.frame == FrameKind::heartbeat || chunk.frame == FrameKind::close;
  return at_once ? chunk.arrival : chunk.arrival + faults.delay;
}

std::optional<SendQueue::Next> SendQueue::next(const DirectionFaults& faults, Clock::time_point now) const {
  const Lane& from = lane(next_way(faults, now));
  if (from.empty()) return std::nullopt;
  const Chunk& front = from.front();
  if (waits(front, begun_, faults)) return std::nullopt;
  return Next{front.kind, due(front, faults)};
}

std::vector<boost::asio::const_buffer> SendQueue::gather(const DirectionFaults& faults, Clock::time_point now,
                                                         std::size_t most) const {
  std::vector<boost::asio::const_buffer> buffers;
  const Way way = next_way(faults, now);
  const Lane& from = lane(way);
  buffers.reserve(std::min(from.size(), most));
  bool begun = begun_;
  for (const Chunk& chunk : from) {
    const bool goes = chunk.kind == Kind::bytes && !waits(chunk, begun, faults) && due(chunk, faults) <= now;
    const bool turn_of_heartbeats =
        way == Way::line && !begun && whole_heartbeats_ > 0 && heartbeats_.front().place < chunk.place;
    if (!goes || turn_of_heartbeats || buffers.size() == most) break;
    buffers.emplace_back(chunk.bytes.data() + chunk.sent, chunk.left());
    begun = !chunk.last;
    if (way == Way::heartbeats && chunk.last) break;  // whose turn it is then is looked at anew
  }
  return buffers;
}

Duration SendQueue::written(std::size_t bytes, const DirectionFaults& faults, Clock::time_point now) {
  Duration longest{0};
  const Way way = next_way(faults, now);
  Lane& from = lane(way);
  bytes_ -= bytes;
  while (bytes > 0) {
    Chunk& front = from.front();
    const std::size_t part = std::min(bytes, front.left());
    front.sent += part;
    bytes -= part;
    begun_way_ = way;
    begun_ = front.left() > 0 || !front.last;
    if (front.left() > 0) break;
    if (front.detained) longest = std::max<Duration>(longest, now - front.arrival);
    if (way == Way::heartbeats && front.last) --whole_heartbeats_;
    from.pop_front();
  }
  return longest;
}

void SendQueue::clear() {
  line_.clear();
  heartbeats_.clear();
  whole_heartbeats_ = 0;
  bytes_ = 0;
}

}  // namespace afterwrite::proxy
