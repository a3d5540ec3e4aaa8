#include "harness/faults/proxy.hpp"

#include <atomic>
#include <gmock/gmock.h>
#include <thread>

#include "harness/session/errors.hpp"
#include "tests/faults/tcp_peer.hpp"

namespace afterwrite {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_tcp::dial;
using testing_tcp::dial_or_throw;
using testing_tcp::eventually;
using testing_tcp::Listener;
using testing_tcp::Peer;
using Ending = testing_tcp::Peer::Ending;

const LinkName name{"node-1", "node-0"};

// A dialler connected through a link to a target.
struct Pair {
  explicit Pair(const Listener& target_listener, const Address& address)
      : dialler(dial_or_throw(address)), target(target_listener.accept()) {}
  Peer dialler;
  Peer target;
};

class FaultProxyTest : public testing::Test {
 protected:
  Pair connect() const { return Pair(upstream, address); }
  LinkStatistics statistics() const { return link.statistics(); }

  Listener upstream;
  FaultProxy proxy;
  Address address = proxy.open(name, upstream.address());
  FaultLink link = proxy.link(name);
};

TEST_F(FaultProxyTest, ForwardsBothWays) {
  Pair pair = connect();
  pair.dialler.send("question");
  EXPECT_EQ(pair.target.receive(8), "question");
  pair.target.send("answer");
  EXPECT_EQ(pair.dialler.receive(6), "answer");
  const LinkStatistics counted = statistics();
  EXPECT_EQ(counted.connections, 1U);
  EXPECT_EQ(counted.open_connections, 1U);
  EXPECT_EQ(counted.to_target.received, 8U);
  EXPECT_EQ(counted.to_target.forwarded, 8U);
  EXPECT_EQ(counted.to_dialler.forwarded, 6U);
  EXPECT_EQ(counted.to_target.detained, 0U);
}

TEST_F(FaultProxyTest, DelayIsNeverShorterThanAsked) {
  Pair pair = connect();
  for (const auto asked : {1ms, 20ms, 5ms}) {
    link.delay(Direction::to_target, asked);
    link.delay(Direction::to_dialler, 2 * asked);
    for (int i = 0; i < 5; ++i) {
      const auto begin = Clock::now();
      pair.dialler.send("x");
      ASSERT_EQ(pair.target.receive(1), "x");
      const auto there = Clock::now();
      EXPECT_GE(there - begin, asked);
      pair.target.send("y");
      ASSERT_EQ(pair.dialler.receive(1), "y");
      EXPECT_GE(Clock::now() - there, 2 * asked);
    }
  }
  EXPECT_EQ(statistics().to_target.detained, 15U);
}

TEST_F(FaultProxyTest, DelayOfOneDirectionLeavesTheOtherAlone) {
  Pair pair = connect();
  link.delay(Direction::to_target, 24h);
  pair.dialler.send("never");
  pair.target.send("at once");
  EXPECT_EQ(pair.dialler.receive(7), "at once");
  EXPECT_FALSE(pair.target.readable());
  EXPECT_EQ(link.faults().to_target.delay, 24h);
  EXPECT_EQ(link.faults().to_dialler.delay, 0ms);
}

TEST_F(FaultProxyTest, DelaysBeyondTheLongestAreCapped) {
  link.delay(Direction::both, Duration::max());
  EXPECT_EQ(link.faults().to_target.delay, longest_delay);
  Pair pair = connect();
  pair.dialler.send("x");
  ASSERT_TRUE(eventually([&] { return statistics().to_target.held == 1; }));
  link.heal();
  EXPECT_EQ(pair.target.receive(1), "x");
}

TEST_F(FaultProxyTest, AShorterDelayAppliesToWhatIsHeld) {
  Pair pair = connect();
  link.delay(Direction::to_target, 1h);
  pair.dialler.send("early ");
  ASSERT_TRUE(eventually([&] { return statistics().to_target.held == 6; }));
  link.delay(Direction::to_target, 10ms);
  pair.dialler.send("late");
  EXPECT_EQ(pair.target.receive(10), "early late");
}

TEST_F(FaultProxyTest, StallHoldsAndHealReleasesInOrder) {
  Pair pair = connect();
  link.stall(Direction::both);
  pair.dialler.send("one ");
  ASSERT_TRUE(eventually([&] { return statistics().to_target.held == 4; }));
  pair.dialler.send("two");
  pair.target.send("three");
  ASSERT_TRUE(eventually([&] {
    const LinkStatistics counted = statistics();
    return counted.to_target.held == 7 && counted.to_dialler.held == 5;
  }));
  EXPECT_FALSE(pair.target.readable());
  EXPECT_FALSE(pair.dialler.readable());
  EXPECT_EQ(statistics().to_target.forwarded, 0U);
  EXPECT_EQ(statistics().open_connections, 1U);
  link.heal();
  EXPECT_EQ(pair.target.receive(7), "one two");
  EXPECT_EQ(pair.dialler.receive(5), "three");
  EXPECT_EQ(link.faults(), LinkFaults{});
}

TEST_F(FaultProxyTest, ConnectionsOpenedUnderAStallAreHeldToo) {
  link.stall(Direction::to_target);
  Pair pair = connect();
  pair.dialler.send("hello");
  ASSERT_TRUE(eventually([&] { return statistics().to_target.held == 5; }));
  EXPECT_FALSE(pair.target.readable());
  link.heal();
  EXPECT_EQ(pair.target.receive(5), "hello");
}

TEST_F(FaultProxyTest, CutResetsThenRefusesAndHealAcceptsOnTheSamePort) {
  for (int round = 0; round < 3; ++round) {
    Pair pair = connect();
    link.cut();
    EXPECT_EQ(pair.dialler.wait_for_ending(), Ending::reset);
    EXPECT_EQ(pair.target.wait_for_ending(), Ending::reset);
    for (int i = 0; i < 20; ++i)
      EXPECT_FALSE(dial(address));
    // The port stays ours: no one else gets it meanwhile.
    FaultProxy other;
    for (int i = 0; i < 50; ++i) {
      EXPECT_NE(other.open({"x", std::to_string(i)}, upstream.address()).port, address.port);
    }
    link.heal();
    Pair again = connect();
    again.dialler.send("back");
    EXPECT_EQ(again.target.receive(4), "back");
    // Ended in good order, so that sockets in TIME_WAIT are around when the port is bound again.
    again.dialler.close();
    EXPECT_EQ(again.target.wait_for_ending(), Ending::end);
  }
  EXPECT_EQ(statistics().reset, 3U);
}

TEST_F(FaultProxyTest, CutDropsWhatWasHeld) {
  Pair pair = connect();
  link.stall(Direction::to_target);
  pair.dialler.send("lost");
  ASSERT_TRUE(eventually([&] { return statistics().to_target.held == 4; }));
  link.cut();
  EXPECT_EQ(pair.target.receive_all(), "");
  EXPECT_EQ(statistics().to_target.dropped, 4U);
  EXPECT_EQ(statistics().to_target.held, 0U);
  EXPECT_EQ(statistics().open_connections, 0U);
}

TEST_F(FaultProxyTest, CutIsAlreadyInForceForConnectionsInTheBacklog) {
  for (int round = 0; round < 20; ++round) {
    std::optional<Peer> dialler = dial(address);
    link.cut();
    ASSERT_TRUE(dialler);
    EXPECT_EQ(dialler->wait_for_ending(), Ending::reset);
    link.heal();
  }
}

TEST_F(FaultProxyTest, HalfCloseTravelsBehindTheBytes) {
  Pair pair = connect();
  link.delay(Direction::to_target, 10ms);
  pair.dialler.send("request");
  pair.dialler.end_sending();
  EXPECT_EQ(pair.target.receive_all(), "request");
  EXPECT_EQ(pair.target.ending(), Ending::end);
  pair.target.send("reply");
  EXPECT_EQ(pair.dialler.receive(5), "reply");
  EXPECT_EQ(statistics().open_connections, 1U);
  pair.target.close();
  EXPECT_EQ(pair.dialler.wait_for_ending(), Ending::end);
  EXPECT_TRUE(eventually([&] { return statistics().open_connections == 0; }));
}

TEST_F(FaultProxyTest, AHalfCloseIsHeldByAStall) {
  Pair pair = connect();
  link.stall(Direction::both);
  pair.dialler.send("x");
  pair.dialler.end_sending();
  ASSERT_TRUE(eventually([&] { return statistics().to_target.held == 1; }));
  EXPECT_FALSE(pair.target.readable());
  link.heal();
  EXPECT_EQ(pair.target.receive_all(), "x");
}

TEST_F(FaultProxyTest, AResetTravelsBehindTheBytes) {
  Pair pair = connect();
  link.stall(Direction::to_dialler);
  pair.target.send("last words");
  ASSERT_TRUE(eventually([&] { return statistics().to_dialler.held == 10; }));
  pair.target.reset();
  EXPECT_FALSE(pair.dialler.readable());
  link.heal();
  EXPECT_EQ(pair.dialler.receive_all(), "last words");
  EXPECT_EQ(pair.dialler.ending(), Ending::reset);
  EXPECT_TRUE(eventually([&] { return statistics().open_connections == 0; }));
}

TEST_F(FaultProxyTest, AResetOfTheDiallerReachesTheTarget) {
  Pair pair = connect();
  pair.dialler.reset();
  EXPECT_EQ(pair.target.wait_for_ending(), Ending::reset);
}

TEST_F(FaultProxyTest, AnUpstreamThatRefusesResetsTheDialler) {
  Address nobody;
  {
    const Listener gone;
    nobody = gone.address();
  }
  const Address dead = proxy.open({"clients", "node-9"}, nobody);
  for (int i = 0; i < 20; ++i) {
    std::optional<Peer> dialler = dial(dead);
    ASSERT_TRUE(dialler);
    EXPECT_EQ(dialler->wait_for_ending(), Ending::reset);
  }
  EXPECT_EQ(proxy.link({"clients", "node-9"}).statistics().upstream_failed, 20U);
}

TEST_F(FaultProxyTest, TwoHundredConnections) {
  std::vector<Pair> pairs;
  for (int i = 0; i < 200; ++i)
    pairs.push_back(connect());
  link.delay(Direction::both, 5ms);
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i].dialler.send(std::to_string(1000 + i));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::string got = pairs[i].target.receive(4);
    EXPECT_EQ(got, std::to_string(1000 + i));
    pairs[i].target.send(got);
  }
  for (std::size_t i = 0; i < pairs.size(); ++i)
    EXPECT_EQ(pairs[i].dialler.receive(4), std::to_string(1000 + i));
  EXPECT_EQ(statistics().open_connections, 200U);
  pairs.clear();
  EXPECT_TRUE(eventually([&] { return statistics().open_connections == 0; }));
}

TEST_F(FaultProxyTest, ReopeningPointsToTheNewUpstreamAndKeepsAddressAndFaults) {
  Pair pair = connect();
  link.delay(Direction::to_target, 20ms);
  const Listener newer;
  EXPECT_EQ(proxy.open(name, newer.address()).port, address.port);
  EXPECT_EQ(pair.dialler.wait_for_ending(), Ending::reset);
  EXPECT_EQ(pair.target.wait_for_ending(), Ending::reset);
  Pair again(newer, address);
  const auto begin = Clock::now();
  again.dialler.send("x");
  EXPECT_EQ(again.target.receive(1), "x");
  EXPECT_GE(Clock::now() - begin, 20ms);
}

TEST_F(FaultProxyTest, ReopeningWithTheSameUpstreamDisturbsNobody) {
  Pair pair = connect();
  proxy.open(name, upstream.address());
  pair.dialler.send("x");
  EXPECT_EQ(pair.target.receive(1), "x");
  EXPECT_EQ(statistics().reset, 0U);
}

TEST_F(FaultProxyTest, ReopeningACutLinkLeavesItCut) {
  link.cut();
  const Listener newer;
  proxy.open(name, newer.address());
  EXPECT_FALSE(dial(address));
  link.heal();
  Pair pair(newer, address);
}

TEST_F(FaultProxyTest, CloseEndsTheLink) {
  Pair pair = connect();
  const LinkName second{"a", "b"};
  proxy.open(second, upstream.address());
  EXPECT_THAT(proxy.links(), ElementsAre(second, name));
  proxy.close(name);
  proxy.close(name);
  EXPECT_THAT(proxy.links(), ElementsAre(second));
  EXPECT_EQ(pair.dialler.wait_for_ending(), Ending::reset);
  EXPECT_FALSE(dial(address));
  EXPECT_NO_THROW(link.heal());
  EXPECT_THROW(link.cut(), EnvironmentError);
  EXPECT_THROW(link.statistics(), EnvironmentError);
  try {
    proxy.link(name);
    ADD_FAILURE() << "found a closed link";
  } catch (const EnvironmentError& error) {
    EXPECT_STREQ(error.what(), "the link node-1 -> node-0 is not open");
  }
}

TEST_F(FaultProxyTest, OperationsFromManyThreads) {
  Pair pair = connect();
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const LinkName own{"thread", std::to_string(i)};
      while (!done) {
        link.delay(Direction::both, i * 100us);
        link.stall(Direction::to_target);
        link.statistics();
        link.heal();
        proxy.open(own, upstream.address());
        proxy.close(own);
      }
    });
  }
  std::string sent;
  for (int i = 0; i < 200; ++i) {
    const std::string message = std::to_string(i) + ",";
    pair.dialler.send(message);
    sent += message;
  }
  EXPECT_EQ(pair.target.receive(sent.size()), sent);
  done = true;
  for (std::thread& thread : threads)
    thread.join();
}

TEST(FaultProxyEnd, DestructionInMidTransferClosesEverything) {
  const Listener upstream;
  auto proxy = std::make_unique<FaultProxy>();
  const Address address = proxy->open(name, upstream.address());
  std::vector<Pair> pairs;
  for (int i = 0; i < 10; ++i)
    pairs.emplace_back(upstream, address);
  proxy->link(name).delay(Direction::to_target, 1h);
  proxy->link(name).stall(Direction::to_dialler);
  const std::string much(100'000, 'x');
  for (Pair& pair : pairs) {
    pair.dialler.send(much);
    pair.target.send(much);
  }
  proxy.reset();
  for (Pair& pair : pairs) {
    EXPECT_EQ(pair.target.receive_all(), "");
    EXPECT_EQ(pair.target.ending(), Ending::reset);
    EXPECT_EQ(pair.dialler.wait_for_ending(), Ending::reset);
  }
  EXPECT_FALSE(dial(address));
}

TEST(FaultProxyEnd, DestructionWhileEveryoneSends) {
  const Listener upstream;
  auto proxy = std::make_unique<FaultProxy>();
  const Address address = proxy->open(name, upstream.address());
  std::vector<std::thread> threads;
  std::atomic<int> sending = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Pair pair(upstream, address);
      const std::string much(1'000'000, 'x');
      ++sending;
      try {
        while (true)
          pair.dialler.send(much.substr(0, std::max<std::size_t>(1, pair.target.receive_available().size())));
      } catch (const std::exception&) {
        // reset, as it must be
      }
    });
  }
  ASSERT_TRUE(eventually([&] { return sending == 4; }));
  proxy.reset();
  for (std::thread& thread : threads)
    thread.join();
}

}  // namespace
}  // namespace afterwrite
