#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace afterwrite::testing_websocket {

enum class Opcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xa };

inline bool is_heartbeat(Opcode opcode) {
  return opcode == Opcode::ping || opcode == Opcode::pong;
}

struct Frame {
  Opcode opcode = Opcode::binary;
  std::string payload;
  bool final = true;
  bool masked = false;
  bool operator==(const Frame&) const = default;
};

/// As it goes over the wire (RFC 6455, 5.2); the mask is 0x01020304.
std::string encode(const Frame& frame);

/// What a byte stream holds, read by the specification and by none of the project's code. Throws std::runtime_error if
/// it does not end at the end of a frame.
std::vector<Frame> decode(const std::string& bytes);

/// An answer that switches to websocket.
inline const std::string upgrade_answer =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
inline const std::string upgrade_request =
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

}  // namespace afterwrite::testing_websocket
