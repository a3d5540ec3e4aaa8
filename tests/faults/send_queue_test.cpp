#include "harness/faults/send_queue.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "tests/faults/any_frame.hpp"

namespace afterwrite::proxy {
namespace {

using namespace std::chrono_literals;
using namespace testing_websocket;
using testing::ElementsAre;
using testing::IsEmpty;

const Clock::time_point start{};
const DirectionFaults calm{};
const DirectionFaults hold{0s, false, true};
const DirectionFaults delayed{1s, false, false};

/// One direction of a connection, without its sockets: what comes in, and what the receiver has by now.
class Stream {
 public:
  Stream() { framing_.begin_frames(); }

  void arrive(const std::string& bytes, const DirectionFaults& faults, Clock::time_point now = start) {
    std::vector<Piece> pieces;
    framing_.split(bytes, pieces);
    for (const Piece& piece : pieces)
      queue_.push(piece, now, faults);
  }
  /// As when nothing is on and nothing waits: the sink took that much of it at once.
  void pass_straight_through(const std::string& bytes, std::size_t taken) {
    std::vector<Piece> pieces;
    framing_.split(bytes, pieces);
    for (Piece& piece : pieces) {
      const std::size_t part = std::min(taken, piece.bytes.size());
      received_.append(piece.bytes.data(), part);
      taken -= part;
      if (part > 0)
        queue_.passed({piece.bytes.first(part), piece.kind, piece.first, piece.last && part == piece.bytes.size()});
      if (part < piece.bytes.size())
        queue_.push({piece.bytes.subspan(part), piece.kind, piece.first && part == 0, piece.last}, start, calm);
    }
  }
  void end() { queue_.push_ending(SendQueue::Kind::end, start); }

  /// Lets out what may go, but no more than `most` bytes, the sink taking `at_once` of them each time.
  void release(const DirectionFaults& faults, Clock::time_point now = start, std::size_t most = std::string::npos,
               std::size_t at_once = std::string::npos) {
    while (most > 0) {
      const auto next = queue_.next(faults, now);
      if (!next || next->due > now) return;
      if (next->kind != SendQueue::Kind::bytes) {
        queue_.ending_passed();
        ended_ = true;
        continue;
      }
      const auto buffers = queue_.gather(faults, now, 64);
      std::size_t sent = std::min({boost::asio::buffer_size(buffers), most, at_once});
      most -= sent;
      std::string taken(sent, '\0');
      boost::asio::buffer_copy(boost::asio::buffer(taken), buffers);
      received_ += taken;
      longest_ = std::max(longest_, queue_.written(sent, faults, now));
    }
  }

  const std::string& received() const { return received_; }
  std::vector<std::string> payloads() const {
    std::vector<std::string> all;
    for (const Frame& frame : decode(received_))
      all.push_back(frame.payload);
    return all;
  }
  bool ended() const { return ended_; }
  Duration longest() const { return longest_; }
  const SendQueue& queue() const { return queue_; }

 private:
  WebsocketFraming framing_{false};
  SendQueue queue_;
  std::string received_;
  bool ended_ = false;
  Duration longest_{0};
};

std::string data(const std::string& payload) {
  return encode({Opcode::binary, payload});
}
std::string ping(const std::string& payload) {
  return encode({Opcode::ping, payload});
}

TEST(SendQueue, AHoldKeepsDataAndLetsHeartbeatsPass) {
  Stream stream;
  stream.arrive(data("a") + ping("p") + data("b") + encode({Opcode::pong, "q"}), hold);
  stream.release(hold);
  EXPECT_THAT(stream.payloads(), ElementsAre("p", "q"));
  stream.release(calm);
  EXPECT_THAT(stream.payloads(), ElementsAre("p", "q", "a", "b"));
  EXPECT_TRUE(stream.queue().empty());
  EXPECT_EQ(stream.queue().bytes(), 0U);
}

TEST(SendQueue, ADelayIsForDataAlone) {
  Stream stream;
  stream.arrive(data("a") + ping("p"), delayed);
  stream.arrive(data("b"), delayed, start + 500ms);
  stream.release(delayed);
  EXPECT_THAT(stream.payloads(), ElementsAre("p"));
  stream.release(delayed, start + 999ms);
  EXPECT_THAT(stream.payloads(), ElementsAre("p"));
  stream.release(delayed, start + 1s);
  EXPECT_THAT(stream.payloads(), ElementsAre("p", "a"));
  stream.release(delayed, start + 2s);
  EXPECT_THAT(stream.payloads(), ElementsAre("p", "a", "b"));
  EXPECT_EQ(stream.longest(), 1500ms);
}

TEST(SendQueue, AFrameThatWasBegunIsCompletedUnderAHold) {
  const std::string first = data("first");
  for (std::size_t taken = 1; taken < first.size(); ++taken) {
    Stream stream;
    stream.pass_straight_through(first, taken);
    stream.arrive(data("second") + ping("p"), hold);
    stream.release(hold);
    EXPECT_THAT(stream.payloads(), ElementsAre("first", "p"));
  }
  Stream stream;  // the rest of the frame comes in later
  stream.pass_straight_through(first.substr(0, 3), 3);
  stream.release(hold);
  stream.arrive(first.substr(3) + data("second"), hold);
  stream.release(hold);
  EXPECT_THAT(stream.payloads(), ElementsAre("first"));
}

TEST(SendQueue, WithoutAFaultNothingOvertakes) {
  Stream stream;
  stream.arrive(data("a") + ping("p") + data("b") + ping("q"), calm);
  stream.release(calm, start, std::string::npos, 3);
  EXPECT_THAT(stream.payloads(), ElementsAre("a", "p", "b", "q"));
}

TEST(SendQueue, AHeartbeatThatIsNotWholeWaitsForItsRest) {
  Stream stream;
  const std::string heartbeat = ping("heartbeat");
  stream.arrive(data("a") + heartbeat.substr(0, 4), hold);
  stream.release(hold);
  EXPECT_THAT(stream.received(), IsEmpty());
  stream.release(calm);
  EXPECT_THAT(stream.payloads(), ElementsAre("a"));
  stream.arrive(heartbeat.substr(4) + data("b"), calm);
  stream.release(calm);
  EXPECT_THAT(stream.payloads(), ElementsAre("a", "heartbeat", "b"));
}

TEST(SendQueue, TheEndStaysBehindWhatIsHeldAndCloseFramesToo) {
  Stream stream;
  stream.arrive(data("a") + encode({Opcode::close, ""}) + ping("after all") + ping("torn").substr(0, 3), hold);
  stream.end();
  stream.release(hold);
  EXPECT_THAT(stream.payloads(), ElementsAre("after all"));
  EXPECT_FALSE(stream.ended());
  stream.release(calm);
  EXPECT_TRUE(stream.ended());
  EXPECT_EQ(stream.received(), ping("after all") + data("a") + encode({Opcode::close, ""}) + ping("torn").substr(0, 3));
}

TEST(SendQueue, AnEndWithNothingHeldBeforeItPasses) {
  Stream stream;
  stream.arrive(encode({Opcode::close, "bye"}), hold);
  stream.end();
  stream.release(hold);
  EXPECT_THAT(stream.payloads(), ElementsAre("bye"));
  EXPECT_TRUE(stream.ended());
}

TEST(SendQueue, BytesOfNoFrameAreNotHeld) {
  SendQueue queue;
  const std::string bytes = "HTTP/1.1 200 OK";
  queue.push({bytes}, start, hold);
  EXPECT_FALSE(queue.detains({bytes}, hold));
  EXPECT_TRUE(queue.detains({bytes}, delayed));
  ASSERT_TRUE(queue.next(hold, start).has_value());
}

/// Whatever comes, goes and is on: every frame arrives whole and once, data in its order, heartbeats in theirs, and no
/// data frame begins while data is held.
RC_GTEST_PROP(SendQueue, FramesArriveWholeAndInOrderWhateverFaultsComeAndGo, ()) {
  const std::vector<Frame> frames = any_frames();
  std::string bytes;
  for (const Frame& frame : frames)
    bytes += encode(frame);
  Stream stream;
  DirectionFaults faults = calm;
  Clock::time_point now = start;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = *rc::gen::oneOf(rc::gen::inRange<std::size_t>(1, 8), rc::gen::inRange<std::size_t>(1, 100'000));
    const std::string read = bytes.substr(at, size);
    at += read.size();
    if (faults == calm && stream.queue().empty()) {
      stream.pass_straight_through(read, *rc::gen::inRange<std::size_t>(0, read.size() + 1));
    } else {
      stream.arrive(read, faults, now);
    }
    if (*rc::gen::inRange(0, 3) == 0) faults = *rc::gen::element(calm, hold, delayed);
    now += *rc::gen::element(0ms, 300ms, 900ms);
    stream.release(faults, now, *rc::gen::element<std::size_t>(0, 1, 3, 200, 1'000'000),
                   *rc::gen::element<std::size_t>(1, 7, 1'000'000));
  }
  stream.end();
  stream.release(calm, now);
  RC_ASSERT(stream.ended());
  RC_ASSERT(stream.queue().bytes() == 0U);
  const std::vector<Frame> received = decode(stream.received());
  const auto of_kind = [](const std::vector<Frame>& all, bool heartbeats) {
    std::vector<Frame> some;
    for (const Frame& frame : all) {
      if (is_heartbeat(frame.opcode) == heartbeats) some.push_back(frame);
    }
    return some;
  };
  RC_ASSERT(of_kind(received, false) == of_kind(frames, false));
  RC_ASSERT(of_kind(received, true) == of_kind(frames, true));
}

RC_GTEST_PROP(SendQueue, NothingOfTheDataIsSeenUnderAHoldAndEveryHeartbeatIs, ()) {
  const std::vector<Frame> frames = any_frames();
  Stream stream;
  std::vector<Frame> heartbeats;
  for (const Frame& frame : frames) {
    stream.arrive(encode(frame), hold);
    stream.release(hold, start, std::string::npos, 5);
    if (is_heartbeat(frame.opcode)) heartbeats.push_back(frame);
    RC_ASSERT(decode(stream.received()) == heartbeats);
  }
}

}  // namespace
}  // namespace afterwrite::proxy
