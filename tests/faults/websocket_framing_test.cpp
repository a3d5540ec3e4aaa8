#include "harness/faults/websocket_framing.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "tests/faults/any_frame.hpp"

namespace afterwrite::proxy {
namespace {

using testing::Each;
using testing::SizeIs;
using namespace testing_websocket;

struct Seen {
  std::string bytes;
  FrameKind kind = FrameKind::none;
  int pieces = 0;
  bool whole = false;
};

/// Puts the pieces together to frames again.
std::vector<Seen> frames_seen(WebsocketFraming& framing, const std::vector<std::string>& reads) {
  std::vector<Seen> seen;
  for (const std::string& read : reads) {
    std::vector<Piece> pieces;
    framing.split(read, pieces);
    for (const Piece& piece : pieces) {
      EXPECT_FALSE(piece.bytes.empty());
      if (piece.first) {
        EXPECT_TRUE(seen.empty() || seen.back().whole);
        seen.emplace_back();
        seen.back().kind = piece.kind;
      }
      EXPECT_EQ(seen.back().kind, piece.kind);
      seen.back().bytes.append(piece.bytes.data(), piece.bytes.size());
      ++seen.back().pieces;
      seen.back().whole = piece.last;
    }
  }
  return seen;
}

std::vector<std::string> in_reads(const std::string& bytes, const std::vector<std::size_t>& sizes) {
  std::vector<std::string> reads;
  std::size_t at = 0;
  for (std::size_t i = 0; at < bytes.size(); ++i) {
    const std::size_t size = std::min(bytes.size() - at, sizes.empty() ? bytes.size() : sizes[i % sizes.size()]);
    reads.push_back(bytes.substr(at, size));
    at += size;
  }
  return reads;
}

std::vector<std::size_t> any_sizes() {
  return *rc::gen::container<std::vector<std::size_t>>(rc::gen::oneOf(
      rc::gen::inRange<std::size_t>(1, 6), rc::gen::inRange<std::size_t>(1, 3000), rc::gen::just<std::size_t>(65536)));
}

FrameKind kind_of(Opcode opcode) {
  if (opcode == Opcode::close) return FrameKind::close;
  return is_heartbeat(opcode) ? FrameKind::heartbeat : FrameKind::data;
}

RC_GTEST_PROP(WebsocketFraming, FindsEveryFrameHoweverItIsCutIntoReads, ()) {
  const std::vector<Frame> frames = any_frames();
  std::string bytes = upgrade_answer;
  for (const Frame& frame : frames)
    bytes += encode(frame);
  WebsocketFraming framing(true);
  std::vector<Seen> seen = frames_seen(framing, in_reads(bytes, any_sizes()));
  RC_ASSERT(framing.framed());
  // The head comes in as many pieces as there were reads of it.
  std::string head;
  while (!seen.empty() && seen.front().kind == FrameKind::none) {
    head += seen.front().bytes;
    seen.erase(seen.begin());
  }
  RC_ASSERT(head == upgrade_answer);
  RC_ASSERT(seen.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    RC_ASSERT(seen[i].whole);
    RC_ASSERT(seen[i].bytes == encode(frames[i]));
    RC_ASSERT(seen[i].kind == kind_of(frames[i].opcode));
  }
}

TEST(WebsocketFraming, AFrameUnderWayIsNotWhole) {
  WebsocketFraming framing(false);
  framing.begin_frames();
  const std::string frame = encode({Opcode::binary, std::string(300, 'x'), true, true});
  const auto seen = frames_seen(framing, {frame.substr(0, frame.size() - 1)});
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_FALSE(seen[0].whole);
  EXPECT_EQ(seen[0].kind, FrameKind::data);
}

TEST(WebsocketFraming, CloseAndUnknownControlFramesAreNoHeartbeats) {
  for (const int opcode : {0x8, 0xb, 0xf}) {
    WebsocketFraming framing(false);
    framing.begin_frames();
    EXPECT_EQ(frames_seen(framing, {encode({static_cast<Opcode>(opcode), "", true, false})}).at(0).kind,
              FrameKind::close);
  }
}

bool becomes_websocket(const std::string& answer, std::size_t read_size) {
  WebsocketFraming framing(true);
  std::string passed;
  for (const Seen& seen : frames_seen(framing, in_reads(answer + encode({}), {read_size})))
    passed += seen.bytes;
  EXPECT_EQ(passed, answer + encode({}));
  return framing.framed();
}

TEST(WebsocketFraming, OnlyAFirstAnswerThatSwitchesToWebsocketBeginsFrames) {
  for (const std::size_t size : {1U, 7U, 1000U}) {
    EXPECT_TRUE(becomes_websocket(upgrade_answer, size));
    EXPECT_TRUE(becomes_websocket("HTTP/1.1 101 x\r\nUPGRADE:   WebSocket\r\nX: y\r\n\r\n", size));
    EXPECT_FALSE(becomes_websocket("HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n", size));
    EXPECT_FALSE(becomes_websocket("HTTP/1.1 101 x\r\nX-Upgrade: websocket\r\n\r\n", size));
    EXPECT_FALSE(becomes_websocket("HTTP/1.1 200 OK\r\nUpgrade: websocket\r\n\r\n", size));
    EXPECT_FALSE(becomes_websocket("HTTP/1.1 200 OK\r\n\r\n" + upgrade_answer, size));
    EXPECT_FALSE(
        becomes_websocket("HTTP/1.1 101 x\r\n" + std::string(40'000, 'x') + "\r\nUpgrade: websocket\r\n\r\n", size));
  }
}

TEST(WebsocketFraming, ADirectionWithoutAnswersBeginsWhenItIsTold) {
  WebsocketFraming framing(false);
  EXPECT_THAT(frames_seen(framing, {upgrade_answer, encode({})}), Each(testing::Field(&Seen::kind, FrameKind::none)));
  framing.begin_frames();
  EXPECT_EQ(frames_seen(framing, {encode({})}).at(0).kind, FrameKind::data);
}

}  // namespace
}  // namespace afterwrite::proxy
