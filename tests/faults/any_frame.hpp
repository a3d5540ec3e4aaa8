#pragma once

#include <algorithm>
#include <rapidcheck.h>
#include <string>
#include <vector>

#include "tests/faults/websocket_frames.hpp"

namespace afterwrite::testing_websocket {

inline std::ostream& operator<<(std::ostream& out, const Frame& frame) {
  return out << "{opcode " << static_cast<int>(frame.opcode) << ", " << frame.payload.size() << " bytes"
             << (frame.masked ? ", masked}" : "}");
}

/// Payloads of every form of length, and of the borders between them; all different by `number`.
inline Frame any_frame(int number) {
  Frame frame;
  frame.opcode = *rc::gen::weightedElement<Opcode>(
      {{3, Opcode::binary}, {2, Opcode::text}, {2, Opcode::continuation}, {2, Opcode::ping}, {2, Opcode::pong}});
  const auto size = is_heartbeat(frame.opcode)
                        ? *rc::gen::inRange<std::size_t>(0, 126)
                        : *rc::gen::oneOf(rc::gen::inRange<std::size_t>(0, 20),
                                          rc::gen::element<std::size_t>(125, 126, 127, 65535, 65536, 70000));
  frame.payload = std::to_string(number) + ":";
  frame.payload.resize(std::max(frame.payload.size(), size), static_cast<char>('a' + number % 26));
  frame.final = is_heartbeat(frame.opcode) || *rc::gen::arbitrary<bool>();
  frame.masked = *rc::gen::arbitrary<bool>();
  return frame;
}

inline std::vector<Frame> any_frames() {
  std::vector<Frame> frames;
  const int count = *rc::gen::inRange(0, 12);
  for (int number = 0; number < count; ++number)
    frames.push_back(any_frame(number));
  return frames;
}

}  // namespace afterwrite::testing_websocket
