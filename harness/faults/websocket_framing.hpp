#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

// The inside of the fault proxy: where frames begin and end in a stream of bytes (RFC 6455). Nothing of a frame is
// decoded or changed.
namespace afterwrite::proxy {

enum class FrameKind {
  none,       ///< bytes of no frame: whatever is not websocket, and the heads of the upgrade
  data,       ///< text, binary, or the continuation of either
  heartbeat,  ///< ping, pong
  close,      ///< close, and control frames yet to be invented: nothing may come before what they follow
};

/// A part of one frame, or bytes of none, as they lie in what was read.
struct Piece {
  std::span<const char> bytes;
  FrameKind kind = FrameKind::none;
  bool first = true;  ///< it begins a frame
  bool last = true;   ///< it ends one
};

/// One direction of a connection. Bytes belong to no frame until an upgrade to websocket is seen.
class WebsocketFraming {
 public:
  /// `answers`: this direction carries the upstream's answers. If the first of them switches to websocket, frames begin
  /// behind its head. Otherwise they begin when begin_frames() is called.
  explicit WebsocketFraming(bool answers) : looking_(answers) {}

  void begin_frames() { framed_ = true; }
  bool framed() const { return framed_; }

  /// Cuts what was read next into pieces, in order, none of them empty, and appends them to `pieces`. They refer to
  /// `bytes`.
  void split(std::span<const char> bytes, std::vector<Piece>& pieces);

 private:
  std::size_t end_of_upgrade(std::span<const char> bytes);
  Piece next_piece(std::span<const char> bytes);
  std::size_t header_size() const;

  bool looking_;  ///< the first answer is not known whole yet
  bool framed_ = false;
  std::string head_;  ///< of the first answer, as far as it came

  std::array<unsigned char, 10> header_{};  ///< of the frame under way, without its mask
  std::size_t header_seen_ = 0;             ///< with its mask
  std::uint64_t payload_left_ = 0;
  bool in_frame_ = false;
};

}  // namespace afterwrite::proxy
