#include "tests/faults/websocket_frames.hpp"

#include <stdexcept>

namespace afterwrite::testing_websocket {
namespace {

constexpr char mask[] = {1, 2, 3, 4};

std::string big_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    text += static_cast<char>(number >> shift & 0xffU);
  return text;
}

}  // namespace

std::string encode(const Frame& frame) {
  std::string bytes;
  bytes += static_cast<char>((frame.final ? 0x80U : 0U) | static_cast<unsigned>(frame.opcode));
  const std::size_t size = frame.payload.size();
  const unsigned masked = frame.masked ? 0x80U : 0U;
  if (size < 126) {
    bytes += static_cast<char>(masked | size);
  } else if (size < 0x10000) {
    bytes += static_cast<char>(masked | 126U);
    bytes += big_endian(size, 2);
  } else {
    bytes += static_cast<char>(masked | 127U);
    bytes += big_endian(size, 8);
  }
  if (!frame.masked) return bytes + frame.payload;
  bytes.append(mask, sizeof mask);
  for (std::size_t i = 0; i < size; ++i)
    bytes += static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  return bytes;
}

std::vector<Frame> decode(const std::string& bytes) {
  std::size_t at = 0;
  const auto next = [&] {
    if (at == bytes.size()) throw std::runtime_error("the stream ends within a frame");
    return static_cast<unsigned char>(bytes[at++]);
  };
  std::vector<Frame> frames;
  while (at < bytes.size()) {
    const unsigned first = next();
    const unsigned second = next();
    std::uint64_t size = second & 0x7fU;
    const int extended = size == 127 ? 8 : size == 126 ? 2 : 0;
    if (extended > 0) size = 0;
    for (int i = 0; i < extended; ++i)
      size = size << 8U | next();
    Frame frame{static_cast<Opcode>(first & 0x0fU), "", (first & 0x80U) != 0, (second & 0x80U) != 0};
    std::string key;
    for (int i = 0; frame.masked && i < 4; ++i)
      key += static_cast<char>(next());
    for (std::uint64_t i = 0; i < size; ++i)
      frame.payload += static_cast<char>(next() ^ (frame.masked ? static_cast<unsigned char>(key[i % 4]) : 0U));
    frames.push_back(frame);
  }
  return frames;
}

}  // namespace afterwrite::testing_websocket
