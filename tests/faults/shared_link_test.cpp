// One address that several dial: a connection belongs to whom its requests name.
#include <gmock/gmock.h>
#include <thread>

#include "harness/faults/proxy.hpp"
#include "harness/session/errors.hpp"
#include "tests/faults/tcp_peer.hpp"

namespace afterwrite {
namespace {

using namespace std::chrono_literals;
using testing::UnorderedElementsAre;
using testing_tcp::dial_or_throw;
using testing_tcp::eventually;
using testing_tcp::Listener;
using testing_tcp::Peer;
using Ending = testing_tcp::Peer::Ending;

const std::string from_1 = "GET /stream HTTP/1.1\r\nX-Peerurls: http://127.0.0.1:401\r\nHost: h\r\n\r\n";
const std::string from_2 = "GET /stream HTTP/1.1\r\nX-Peerurls: http://127.0.0.1:4012\r\nHost: h\r\n\r\n";
const std::string probe = "GET /probing HTTP/1.1\r\nHost: h\r\n\r\n";

class SharedLinkTest : public testing::Test {
 protected:
  LinkStatistics statistics(const std::string& from) { return proxy.link({from, "node-0"}).statistics(); }

  /// What the upstream gets of a connection on which only this was sent. Connections that came to nothing are passed
  /// over.
  Peer next_with(const std::string& request) {
    for (;;) {
      Peer target = upstream.accept();
      const std::string got = target.receive(request.size());
      if (got == request) return target;
      EXPECT_EQ(request.substr(0, got.size()), got) << "another's request";
      EXPECT_EQ(target.wait_for_ending(), Ending::reset) << "half a request on a connection that stays";
    }
  }

  Listener upstream;
  FaultProxy proxy;
  Address address = proxy.open_shared("node-0", upstream.address(),
                                      {{"node-1", "\r\nX-Peerurls: http://127.0.0.1:401\r\n"},
                                       {"node-2", "\r\nX-Peerurls: http://127.0.0.1:4012\r\n"}});
};

TEST_F(SharedLinkTest, HasALinkForEachDiallerAndOneForTheRest) {
  EXPECT_THAT(proxy.links(), UnorderedElementsAre(LinkName{"*", "node-0"}, LinkName{"node-1", "node-0"},
                                                  LinkName{"node-2", "node-0"}));
}

TEST_F(SharedLinkTest, ConnectionGoesToWhomItsFirstRequestNames) {
  Peer first = dial_or_throw(address);
  first.send(from_1);
  Peer first_target = next_with(from_1);
  Peer second = dial_or_throw(address);
  second.send(from_2);
  Peer second_target = next_with(from_2);
  first_target.send("for 1");
  second_target.send("for 2");
  EXPECT_EQ(first.receive(5), "for 1");
  EXPECT_EQ(second.receive(5), "for 2");
  EXPECT_EQ(statistics("node-1").open_connections, 1U);
  EXPECT_EQ(statistics("node-2").open_connections, 1U);
  EXPECT_EQ(statistics("*").open_connections, 0U);
  EXPECT_EQ(statistics("node-1").to_target.forwarded, from_1.size());
}

TEST_F(SharedLinkTest, RequestsThatNameNobodyStayWithTheRest) {
  Peer dialler = dial_or_throw(address);
  dialler.send(probe);
  Peer target = next_with(probe);
  target.send("healthy");
  EXPECT_EQ(dialler.receive(7), "healthy");
  EXPECT_EQ(statistics("*").open_connections, 1U);
}

// Go keeps connections and uses them for requests of either kind.
TEST_F(SharedLinkTest, KeptConnectionGoesOverWithTheFirstRequestThatNamesSomebody) {
  Peer dialler = dial_or_throw(address);
  dialler.send(probe);
  Peer probed = next_with(probe);
  probed.send("healthy");
  EXPECT_EQ(dialler.receive(7), "healthy");
  dialler.send(from_2);
  EXPECT_EQ(probed.wait_for_ending(), Ending::reset);
  Peer target = next_with(from_2);
  target.send("stream");
  EXPECT_EQ(dialler.receive(6), "stream");
  EXPECT_EQ(statistics("node-2").open_connections, 1U);
}

TEST_F(SharedLinkTest, HeadThatComesInPiecesArrivesWholeAndOnce) {
  for (const std::size_t cut : {std::size_t{1}, from_1.find("Peer"), from_1.find(":401") + 4}) {
    Peer dialler = dial_or_throw(address);
    dialler.send(from_1.substr(0, cut));
    Peer half = upstream.accept();
    EXPECT_EQ(half.receive(cut), from_1.substr(0, cut));
    dialler.send(from_1.substr(cut));
    EXPECT_EQ(half.wait_for_ending(), Ending::reset);
    Peer target = next_with(from_1);
    target.send("stream");
    EXPECT_EQ(dialler.receive(6), "stream");
  }
}

TEST_F(SharedLinkTest, CutIsForOneDiallerAlone) {
  Peer first = dial_or_throw(address);
  first.send(from_1);
  Peer first_target = next_with(from_1);
  Peer second = dial_or_throw(address);
  second.send(from_2);
  Peer second_target = next_with(from_2);

  proxy.link({"node-1", "node-0"}).cut();
  EXPECT_EQ(first.wait_for_ending(), Ending::reset);
  EXPECT_EQ(first_target.wait_for_ending(), Ending::reset);
  Peer again = dial_or_throw(address);
  again.send(from_1);
  EXPECT_EQ(again.wait_for_ending(), Ending::reset);
  EXPECT_GE(statistics("node-1").reset, 2U);
  second_target.send("goes on");
  EXPECT_EQ(second.receive(7), "goes on");

  proxy.link({"node-1", "node-0"}).heal();
  Peer healed = dial_or_throw(address);
  healed.send(from_1);
  Peer target = next_with(from_1);
  target.send("back");
  EXPECT_EQ(healed.receive(4), "back");
}

TEST_F(SharedLinkTest, StallHoldsTheFirstRequestToo) {
  proxy.link({"node-1", "node-0"}).stall(Direction::both);
  Peer dialler = dial_or_throw(address);
  dialler.send(from_1);
  ASSERT_TRUE(eventually([&] { return statistics("node-1").to_target.held == from_1.size(); }));
  proxy.link({"node-1", "node-0"}).heal();
  Peer target = next_with(from_1);
  target.send("late");
  EXPECT_EQ(dialler.receive(4), "late");
}

TEST_F(SharedLinkTest, DelayConcernsWhatFlowsBack) {
  proxy.link({"node-1", "node-0"}).delay(Direction::to_dialler, 30ms);
  Peer dialler = dial_or_throw(address);
  dialler.send(from_1);
  Peer target = next_with(from_1);
  const auto begin = Clock::now();
  target.send("late");
  EXPECT_EQ(dialler.receive(4), "late");
  EXPECT_GE(Clock::now() - begin, 30ms);
}

TEST_F(SharedLinkTest, AnotherUpstreamKeepsAddressAndFaults) {
  proxy.link({"node-2", "node-0"}).cut();
  Listener other;
  EXPECT_EQ(proxy.open_shared("node-0", other.address(), {}).port, address.port);
  // Naming them again points their links there as well.
  proxy.open_shared("node-0", other.address(), {{"node-1", "\r\nX-Peerurls: http://127.0.0.1:401\r\n"}});
  Peer dialler = dial_or_throw(address);
  dialler.send(from_1);
  Peer target = other.accept();
  if (target.receive(from_1.size()) != from_1) target = other.accept();
  target.send("moved");
  EXPECT_EQ(dialler.receive(5), "moved");
  EXPECT_TRUE(proxy.link({"node-2", "node-0"}).faults().cut);
}

TEST_F(SharedLinkTest, LongBodiesThatNameNobodyGoThrough) {
  Peer dialler = dial_or_throw(address);
  const std::string body(300'000, 'b');
  dialler.send(probe);
  Peer target = next_with(probe);
  std::string got;
  std::thread sender([&] { dialler.send(body); });
  EXPECT_EQ(target.receive(body.size()), body);
  sender.join();
}

TEST(LinkFactory, RefusesSharedAddressesUnlessItHasThem) {
  class Plain : public LinkFactory {
   public:
    Address open(const LinkName&, const Address& upstream, std::uint16_t) override { return upstream; }
    void close(const LinkName&) override {}
  } plain;
  EXPECT_THROW(plain.open_shared("node-0", {}, {}), EnvironmentError);
}

}  // namespace
}  // namespace afterwrite
