// What must hold of the bytes whatever comes: order, wholeness, and bounded memory.
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "harness/faults/proxy.hpp"
#include "tests/faults/tcp_peer.hpp"

namespace afterwrite {
namespace {

using namespace std::chrono_literals;
using testing_tcp::dial_or_throw;
using testing_tcp::eventually;
using testing_tcp::Listener;
using testing_tcp::Peer;

const LinkName name{"node-1", "node-0"};

// Bytes that differ all along, so that a swap, a loss or a repetition shows.
std::string pattern(std::size_t size, std::uint32_t seed) {
  std::string bytes(size, '\0');
  std::uint32_t state = seed * 2654435761U + 1;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  return bytes;
}

struct Step {
  enum class Kind { send_to_target, send_to_dialler, receive, delay, stall, heal } kind = Kind::receive;
  std::size_t size = 0;
  int milliseconds = 0;
  Direction direction = Direction::both;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "{kind " << static_cast<int>(step.kind) << ", size " << step.size << ", " << step.milliseconds
             << " ms, direction " << static_cast<int>(step.direction) << "}";
}

rc::Gen<Step> any_step() {
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind, rc::gen::weightedElement<Step::Kind>({{4, Step::Kind::send_to_target},
                                                                      {4, Step::Kind::send_to_dialler},
                                                                      {2, Step::Kind::receive},
                                                                      {3, Step::Kind::delay},
                                                                      {2, Step::Kind::stall},
                                                                      {1, Step::Kind::heal}})),
      rc::gen::set(&Step::size,
                   rc::gen::oneOf(rc::gen::inRange<std::size_t>(1, 100), rc::gen::inRange<std::size_t>(1, 200'000))),
      rc::gen::set(&Step::milliseconds, rc::gen::inRange(0, 5)),
      rc::gen::set(&Step::direction, rc::gen::element(Direction::to_target, Direction::to_dialler, Direction::both)));
}

struct Stream {
  std::string sent;
  std::string received;
};

RC_GTEST_PROP(FaultProxyStream, BytesArriveWholeAndInOrderWhateverFaultsComeAndGo, ()) {
  const Listener upstream;
  FaultProxy proxy;
  const Address address = proxy.open(name, upstream.address());
  const FaultLink link = proxy.link(name);
  Peer dialler = dial_or_throw(address);
  Peer target = upstream.accept();
  Stream to_target;
  Stream to_dialler;
  std::uint32_t seed = 0;
  for (const Step& step : *rc::gen::container<std::vector<Step>>(any_step())) {
    switch (step.kind) {
      case Step::Kind::send_to_target:
      case Step::Kind::send_to_dialler: {
        const bool forth = step.kind == Step::Kind::send_to_target;
        const std::string bytes = pattern(step.size, ++seed);
        (forth ? dialler : target).send(bytes);
        (forth ? to_target : to_dialler).sent += bytes;
        break;
      }
      case Step::Kind::receive:
        to_target.received += target.receive_available();
        to_dialler.received += dialler.receive_available();
        break;
      case Step::Kind::delay:
        link.delay(step.direction, std::chrono::milliseconds(step.milliseconds));
        break;
      case Step::Kind::stall:
        link.stall(step.direction);
        break;
      case Step::Kind::heal:
        link.heal();
        break;
    }
  }
  dialler.end_sending();
  target.end_sending();
  link.heal();
  to_target.received += target.receive_all();
  to_dialler.received += dialler.receive_all();
  RC_ASSERT(to_target.received == to_target.sent);
  RC_ASSERT(to_dialler.received == to_dialler.sent);
  RC_ASSERT(target.ending() == Peer::Ending::end);
  RC_ASSERT(dialler.ending() == Peer::Ending::end);
}

// Sends until the proxy holds `least` bytes and leaves more of them unread.
std::string fill(const Peer& sender, std::uint64_t least, const FaultLink& link, Direction direction) {
  std::string sent;
  const std::string piece = pattern(64 * 1024, 7);
  const auto counts = [&] {
    const LinkStatistics statistics = link.statistics();
    return direction == Direction::to_target ? statistics.to_target : statistics.to_dialler;
  };
  std::uint64_t received_before = 0;
  EXPECT_TRUE(eventually([&] {
    std::size_t taken = 0;
    do {
      const std::size_t offset = sent.size() % piece.size();
      taken = sender.send_some(std::string_view(piece).substr(offset));
      sent += piece.substr(offset, taken);
    } while (taken > 0);
    const DirectionStatistics now = counts();
    const bool stands_still = now.received == std::exchange(received_before, now.received);
    return stands_still && now.held >= least && sent.size() >= now.received + 2 * piece.size();
  }));
  return sent;
}

class Backpressure : public testing::TestWithParam<Direction> {
 protected:
  static constexpr std::size_t limit = 1024 * 1024;
  static constexpr std::size_t one_read = 64 * 1024;
};

TEST_P(Backpressure, AStallHoldsNoMoreThanTheBoundAndLosesNothing) {
  const bool forth = GetParam() == Direction::to_target;
  const Listener upstream;
  FaultProxy proxy(limit);
  const Address address = proxy.open(name, upstream.address());
  const FaultLink link = proxy.link(name);
  Peer dialler = dial_or_throw(address);
  Peer target = upstream.accept();
  Peer& sender = forth ? dialler : target;
  Peer& receiver = forth ? target : dialler;
  link.stall(Direction::both);
  const std::string sent = fill(sender, limit / 2, link, GetParam());
  link.heal();
  EXPECT_EQ(receiver.receive(sent.size()), sent);
  const LinkStatistics statistics = link.statistics();
  EXPECT_LE((forth ? statistics.to_target : statistics.to_dialler).most_held, limit + one_read);
  EXPECT_EQ((forth ? statistics.to_target : statistics.to_dialler).held, 0U);
}

TEST_P(Backpressure, ASlowReceiverWithoutAFaultHoldsLittle) {
  const bool forth = GetParam() == Direction::to_target;
  const Listener upstream;
  FaultProxy proxy;
  const Address address = proxy.open(name, upstream.address());
  const FaultLink link = proxy.link(name);
  Peer dialler = dial_or_throw(address);
  Peer target = upstream.accept();
  const std::string sent = fill(forth ? dialler : target, 128 * 1024, link, GetParam());
  EXPECT_EQ((forth ? target : dialler).receive(sent.size()), sent);
  const LinkStatistics statistics = link.statistics();
  EXPECT_LE((forth ? statistics.to_target : statistics.to_dialler).most_held, 256 * 1024 + one_read);
}

INSTANTIATE_TEST_SUITE_P(, Backpressure, testing::Values(Direction::to_target, Direction::to_dialler),
                         [](const auto& tested) {
                           return tested.param == Direction::to_target ? "ToTarget" : "ToDialler";
                         });

TEST(FaultProxyStream, OneConnectionThatHoldsItsShareLeavesRoomForOthers) {
  const Listener upstream;
  FaultProxy proxy(1024 * 1024);
  const Address address = proxy.open(name, upstream.address());
  const FaultLink link = proxy.link(name);
  Peer first = dial_or_throw(address);
  const Peer first_target = upstream.accept();
  Peer second = dial_or_throw(address);
  Peer second_target = upstream.accept();
  link.delay(Direction::to_target, 1ms);
  fill(first, 256 * 1024, link, Direction::to_target);  // and its target reads nothing
  for (int i = 0; i < 20; ++i) {
    second.send("still here");
    ASSERT_EQ(second_target.receive(10), "still here");
  }
}

TEST(FaultProxyStream, ASmallBoundStillLetsMuchThrough) {
  const Listener upstream;
  FaultProxy proxy(1000);
  const Address address = proxy.open(name, upstream.address());
  const FaultLink link = proxy.link(name);
  Peer dialler = dial_or_throw(address);
  Peer target = upstream.accept();
  link.delay(Direction::to_target, 1us);
  const std::string sent = pattern(3'000'000, 3);
  std::string received;
  for (std::size_t i = 0; i < sent.size(); i += 1000) {
    dialler.send(std::string_view(sent).substr(i, 1000));
    received += target.receive_available();
  }
  dialler.end_sending();
  received += target.receive_all();
  EXPECT_TRUE(received == sent);
}

}  // namespace
}  // namespace afterwrite
