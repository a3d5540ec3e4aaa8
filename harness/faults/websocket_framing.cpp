#include "harness/faults/websocket_framing.hpp"

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <string_view>

namespace afterwrite::proxy {
namespace {

constexpr std::string_view switching = "HTTP/1.1 101";
constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::size_t longest_head = std::size_t{16} * 1024;

constexpr std::size_t mask_size = 4;
constexpr unsigned length_follows_in_2 = 126;
constexpr unsigned length_follows_in_8 = 127;

bool switches_to_websocket(std::string_view head) {
  std::string lower(head);
  boost::algorithm::to_lower(lower);
  // Only one word may stand there; blanks around it are allowed.
  const std::size_t name = lower.find("\r\nupgrade:");
  if (name == std::string::npos) return false;
  const std::size_t value = lower.find_first_not_of(" \t", name + 10);
  return value != std::string::npos && lower.compare(value, 9, "websocket") == 0;
}

FrameKind kind_of(unsigned char first_byte) {
  const unsigned opcode = first_byte & 0x0fU;
  if (opcode < 0x8U) return FrameKind::data;
  return opcode == 0x9U || opcode == 0xaU ? FrameKind::heartbeat : FrameKind::close;
}

}  // namespace

// How many of the bytes belong to the head of an answer that switches to websocket; 0 if that is not known to end here.
std::size_t WebsocketFraming::end_of_upgrade(std::span<const char> bytes) {
  const std::size_t before = head_.size();
  head_.append(bytes.data(), std::min(bytes.size(), longest_head - before));
  const std::size_t common = std::min(head_.size(), switching.size());
  if (head_.compare(0, common, switching, 0, common) != 0) {
    looking_ = false;
  } else if (const std::size_t end = head_.find(head_end); end != std::string::npos) {
    looking_ = false;
    if (switches_to_websocket(std::string_view(head_).substr(0, end))) return end + head_end.size() - before;
  } else if (head_.size() == longest_head) {
    looking_ = false;
  }
  return 0;
}

// As far as the two bytes are there that tell it.
std::size_t WebsocketFraming::header_size() const {
  if (header_seen_ < 2) return 2;
  const unsigned length = header_[1] & 0x7fU;
  const std::size_t extended = length == length_follows_in_8 ? 8 : length == length_follows_in_2 ? 2 : 0;
  return 2 + extended + ((header_[1] & 0x80U) != 0 ? mask_size : 0);
}

Piece WebsocketFraming::next_piece(std::span<const char> bytes) {
  Piece piece;
  piece.first = !in_frame_;
  if (!in_frame_) {
    in_frame_ = true;
    header_seen_ = 0;
    payload_left_ = 0;
  }
  std::size_t used = 0;
  while (used < bytes.size() && header_seen_ < header_size()) {
    const auto byte = static_cast<unsigned char>(bytes[used++]);
    if (header_seen_ < header_.size()) header_[header_seen_] = byte;
    ++header_seen_;
    if (header_seen_ < 2 || header_seen_ < header_size()) continue;
    const unsigned length = header_[1] & 0x7fU;
    const std::size_t extended = length == length_follows_in_8 ? 8 : length == length_follows_in_2 ? 2 : 0;
    payload_left_ = extended == 0 ? length : 0;
    for (std::size_t i = 0; i < extended; ++i)
      payload_left_ = payload_left_ << 8U | header_[2 + i];
  }
  const std::size_t payload = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size() - used, payload_left_));
  payload_left_ -= payload;
  used += payload;
  piece.bytes = bytes.first(used);
  piece.kind = kind_of(header_[0]);
  piece.last = header_seen_ == header_size() && payload_left_ == 0;
  in_frame_ = !piece.last;
  return piece;
}

void WebsocketFraming::split(std::span<const char> bytes, std::vector<Piece>& pieces) {
  if (looking_ && !framed_) {
    if (const std::size_t head = end_of_upgrade(bytes); head > 0) {
      framed_ = true;
      pieces.push_back({bytes.first(head), FrameKind::none, true, true});
      bytes = bytes.subspan(head);
    }
    if (!looking_) std::string().swap(head_);
  }
  if (!framed_) {
    if (!bytes.empty()) pieces.push_back({bytes, FrameKind::none, true, true});
    return;
  }
  while (!bytes.empty()) {
    pieces.push_back(next_piece(bytes));
    bytes = bytes.subspan(pieces.back().bytes.size());
  }
}

}  // namespace afterwrite::proxy
