#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "harness/faults/proxy.hpp"
#include "harness/faults/websocket_framing.hpp"

// The inside of the fault proxy: what one direction of one connection has read and not yet written, and in which order
// it goes out under which faults. No socket and no clock; everything belongs to the proxy's thread.
namespace afterwrite::proxy {

/// First in, first out, with one exception: past data frames that are held or not due yet heartbeats go, between two
/// frames. A frame that was begun is completed before anything else goes, also if a hold began meanwhile.
class SendQueue {
 public:
  enum class Kind { bytes, end, reset };

  /// Takes bytes that came in under these faults.
  void push(const Piece& piece, Clock::time_point arrival, const DirectionFaults& faults);
  /// Takes the sender's end, after everything before it.
  void push_ending(Kind ending, Clock::time_point arrival);
  /// Bytes that were written at once, past the empty queue. The rest of a piece that was written in part is pushed with
  /// `first` false.
  void passed(const Piece& piece);

  /// What goes next, and when. Nothing if there is nothing, or if it is held; a stall is the caller's business.
  struct Next {
    Kind kind = Kind::bytes;
    Clock::time_point due;
  };
  std::optional<Next> next(const DirectionFaults& faults, Clock::time_point now) const;
  /// The bytes from there on that are due then, in at most `most` buffers; valid until the next call that changes
  /// anything.
  std::vector<boost::asio::const_buffer> gather(const DirectionFaults& faults, Clock::time_point now,
                                                std::size_t most) const;

  /// That many of the bytes gathered with these arguments were written. Tells how long the longest of the detained ones
  /// was kept.
  Duration written(std::size_t bytes, const DirectionFaults& faults, Clock::time_point now);
  /// An ending went out.
  void ending_passed() { line_.pop_front(); }
  void clear();

  bool empty() const { return line_.empty() && heartbeats_.empty(); }
  std::size_t chunks() const { return line_.size() + heartbeats_.size(); }
  std::size_t bytes() const { return bytes_; }

  /// Whether a piece that comes in now is kept by these faults, at least for a while.
  bool detains(const Piece& piece, const DirectionFaults& faults) const;

 private:
  struct Chunk {
    Clock::time_point arrival;
    std::uint64_t place = 0;  ///< among all that was pushed
    Kind kind = Kind::bytes;
    FrameKind frame = FrameKind::none;
    bool last = true;
    bool detained = false;
    std::vector<char> bytes{};
    std::size_t sent = 0;
    std::size_t left() const { return bytes.size() - sent; }
  };
  using Lane = std::deque<Chunk>;
  enum class Way { line, heartbeats };

  const Lane& lane(Way way) const { return way == Way::line ? line_ : heartbeats_; }
  Lane& lane(Way way) { return way == Way::line ? line_ : heartbeats_; }
  /// Where the next byte comes from.
  Way next_way(const DirectionFaults& faults, Clock::time_point now) const;
  static bool waits(const Chunk& chunk, bool begun, const DirectionFaults& faults);
  static Clock::time_point due(const Chunk& chunk, const DirectionFaults& faults);

  Lane line_;
  Lane heartbeats_;
  std::size_t whole_heartbeats_ = 0;  ///< of those in the lane
  std::size_t bytes_ = 0;
  std::uint64_t pushed_ = 0;
  Way coming_ = Way::line;  ///< which way the frame goes that is coming in
  Way begun_way_ = Way::line;
  bool begun_ = false;  ///< a frame went out in part, on begun_way_
};

}  // namespace afterwrite::proxy
