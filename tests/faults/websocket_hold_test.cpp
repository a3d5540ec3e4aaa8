// Holds and delays of websocket streams through the proxy, with a server and a client that know nothing of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/faults/proxy.hpp"
#include "tests/faults/nemesis_fixture.hpp"
#include "tests/faults/tcp_peer.hpp"
#include "tests/faults/websocket_frames.hpp"
#include "tests/faults/websocket_peer.hpp"

namespace afterwrite {
namespace {

using namespace std::chrono_literals;
using namespace testing_websocket;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_tcp::dial_or_throw;
using testing_tcp::eventually;
using testing_tcp::Listener;
using testing_tcp::Peer;

const LinkName name{"appview", "pds"};

/// A real websocket server and client (Boost.Beast), with the proxy between them.
class WebsocketHold : public testing::Test {
 protected:
  FaultLink link() { return proxy_.link(name); }
  std::uint64_t frames_detained() { return link().statistics().to_dialler.detained_frames; }

  WebsocketServer server_;
  FaultProxy proxy_;
  const Address address_ = proxy_.open(name, server_.address());
};

TEST_F(WebsocketHold, DataStaysAwayWhileHeartbeatsOfBothSidesPass) {
  WebsocketClient client(address_);
  server_.send("before");
  ASSERT_TRUE(eventually([&] { return client.messages().size() == 1; }));
  link().hold(Direction::to_dialler);
  for (const char* message : {"one", "two", "three"})
    server_.send(message);
  ASSERT_TRUE(eventually([&] { return frames_detained() == 3; }));
  client.ping("from the client");
  server_.ping("from the server");
  EXPECT_TRUE(eventually([&] { return client.pongs() == 1 && server_.pongs() == 1; }));
  client.send("the other direction passes");
  EXPECT_TRUE(eventually([&] { return server_.messages().size() == 1; }));
  EXPECT_THAT(client.messages(), ElementsAre("before"));
  link().heal();
  EXPECT_TRUE(eventually([&] { return client.messages().size() == 4; }));
  EXPECT_THAT(client.messages(), ElementsAre("before", "one", "two", "three"));
  EXPECT_EQ(link().statistics().connections, 1U);
}

TEST_F(WebsocketHold, HeartbeatsPassLargeFramesInPartsToo) {
  WebsocketClient client(address_);
  link().hold(Direction::to_dialler);
  const std::string large(5'000'000, 'x');
  server_.send(large);
  ASSERT_TRUE(eventually([&] { return link().statistics().to_dialler.held > large.size(); }));
  server_.ping("p");
  EXPECT_TRUE(eventually([&] { return server_.pongs() == 1; }));
  EXPECT_THAT(client.messages(), IsEmpty());
  link().heal();
  EXPECT_TRUE(eventually([&] { return client.messages().size() == 1; }));
  EXPECT_EQ(client.messages().at(0), large);
}

TEST_F(WebsocketHold, ADelayIsForDataAlone) {
  WebsocketClient client(address_);
  link().delay(Direction::to_dialler, 1h);
  server_.send("late");
  ASSERT_TRUE(eventually([&] { return frames_detained() == 1; }));
  client.ping("p");
  EXPECT_TRUE(eventually([&] { return client.pongs() == 1; }));
  EXPECT_THAT(client.messages(), IsEmpty());
  link().delay(Direction::to_dialler, 1ms);
  EXPECT_TRUE(eventually([&] { return client.messages().size() == 1; }));
  EXPECT_GE(link().statistics().to_dialler.longest_detained, 1ms);
}

TEST_F(WebsocketHold, AConnectionLostWhileItIsHeldEndsBehindWhatIsHeld) {
  WebsocketClient client(address_);
  link().hold(Direction::to_dialler);
  server_.send("held");
  ASSERT_TRUE(eventually([&] { return frames_detained() == 1; }));
  server_.drop_connections();
  EXPECT_FALSE(client.ended());
  link().heal();
  EXPECT_TRUE(eventually([&] { return client.ended(); }));
  EXPECT_THAT(client.messages(), ElementsAre("held"));
  // A new connection is not held any more.
  WebsocketClient again(address_);
  server_.send("again");
  EXPECT_TRUE(eventually([&] { return again.messages() == std::vector<std::string>{"again"}; }));
}

TEST_F(WebsocketHold, AClientThatDialsAgainUnderAHoldIsHeldToo) {
  {
    WebsocketClient client(address_);
    link().hold(Direction::to_dialler);
    server_.send("lost with its connection");
    ASSERT_TRUE(eventually([&] { return frames_detained() == 1; }));
  }
  WebsocketClient again(address_);  // the upgrade passes
  server_.send("again");
  ASSERT_TRUE(eventually([&] { return frames_detained() == 2; }));
  EXPECT_THAT(again.messages(), IsEmpty());
  link().heal();
  EXPECT_TRUE(eventually([&] { return again.messages() == std::vector<std::string>{"again"}; }));
  EXPECT_TRUE(eventually([&] { return link().statistics().open_connections == 1; }));
  EXPECT_EQ(link().statistics().to_dialler.held, 0U);
}

TEST_F(WebsocketHold, AnotherUpstreamEndsWhatIsHeld) {
  WebsocketClient client(address_);
  link().hold(Direction::to_dialler);
  server_.send("held");
  ASSERT_TRUE(eventually([&] { return frames_detained() == 1; }));
  const WebsocketServer other;
  proxy_.open(name, other.address());
  EXPECT_TRUE(eventually([&] { return client.ended(); }));
  EXPECT_THAT(client.messages(), IsEmpty());
  EXPECT_EQ(link().statistics().to_dialler.held, 0U);
}

TEST(HoldOfBytes, WhatIsNoWebsocketPasses) {
  const Listener upstream;
  FaultProxy proxy;
  Peer dialler = dial_or_throw(proxy.open(name, upstream.address()));
  Peer target = upstream.accept();
  proxy.link(name).hold(Direction::both);
  dialler.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(target.receive(18), "GET / HTTP/1.1\r\n\r\n");
  target.send("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(dialler.receive(19), "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(proxy.link(name).statistics().to_dialler.detained, 0U);
}

TEST(HoldOfBytes, HeldFramesStayWithinTheBoundAndLoseNothing) {
  constexpr std::size_t bound = 512 * 1024;
  const Listener upstream;
  FaultProxy proxy(bound);
  const Address address = proxy.open(name, upstream.address());
  Peer dialler = dial_or_throw(address);
  Peer target = upstream.accept();
  dialler.send(upgrade_request);
  target.receive(upgrade_request.size());
  target.send(upgrade_answer);
  ASSERT_EQ(dialler.receive(upgrade_answer.size()), upgrade_answer);
  const FaultLink link = proxy.link(name);
  link.hold(Direction::to_dialler);
  // Small frames cost the most beside their bytes.
  std::string frames;
  for (int i = 0; i < 100'000; ++i)
    frames += encode({Opcode::binary, std::to_string(i)});
  std::string sent;
  ASSERT_TRUE(eventually([&] {
    const std::size_t taken = target.send_some(std::string_view(frames).substr(sent.size()));
    sent += frames.substr(sent.size(), taken);
    return taken == 0 && link.statistics().to_dialler.received < upgrade_answer.size() + sent.size() + 1 &&
           link.statistics().to_dialler.held > 0;
  }));
  EXPECT_LE(link.statistics().to_dialler.most_held, bound + 64 * 1024);
  EXPECT_EQ(dialler.receive_available(), "");
  link.heal();
  EXPECT_EQ(dialler.receive(sent.size()), sent);
}

/// The follower's link of a deployment that exists only as sockets, with one websocket on it.
class HoldFault : public NemesisTest {
 protected:
  HoldFault()
      : dialler_(dial_or_throw(proxy.open({"node-1", "node-0"}, upstream_.address()))), target_(upstream_.accept()) {
    dialler_.send(upgrade_request);
    target_.receive(upgrade_request.size());
    target_.send(upgrade_answer);
    dialler_.receive(upgrade_answer.size());
  }

  Listener upstream_;
  Peer dialler_;
  Peer target_;
};

TEST_F(HoldFault, HoldsWhatIsStreamedToTheNodeAndProvesIt) {
  const std::string frames = encode({Opcode::binary, "one"}) + encode({Opcode::binary, "two"});
  record.also = [&](const FaultEvent& event) {
    if (event.phase != "start") return;
    EXPECT_TRUE(faults_at({"node-1", "node-0"}).to_dialler.held);
    EXPECT_FALSE(faults_at({"node-1", "node-0"}).to_target.held);
    target_.send(frames);
    EXPECT_TRUE(eventually([&] {
      return proxy.link({"node-1", "node-0"}).statistics().to_dialler.detained_frames == 2;
    }));
    EXPECT_EQ(dialler_.receive_available(), "");
  };
  nemesis({"hold:follower-1@0..1ms"}, deployment).run(stop.get_token());
  EXPECT_EQ(dialler_.receive(frames.size()), frames);
  EXPECT_TRUE(calm());
  EXPECT_THAT(record.phases(), ElementsAre("hold-1 start", "hold-1 proof", "hold-1 end"));
  EXPECT_EQ(record.get("hold-1 proof").detail, (nlohmann::json{{"bit", true}, {"held_frames", 2}}));
  const auto& end = record.get("hold-1 end").detail;
  EXPECT_EQ(end.at("held_frames"), 2);
  EXPECT_EQ(end.at("held_bytes"), frames.size());
  EXPECT_THAT(end.at("longest_held_ms").get<double>(),
              testing::AllOf(Ge(0.0), testing::Le(end.at("lasted_ms").get<double>())));
}

TEST_F(HoldFault, WithoutADataFrameItDidNotBite) {
  record.also = [&](const FaultEvent& event) {
    if (event.phase == "start") target_.send(encode({Opcode::ping, ""}));
  };
  nemesis({"hold:follower-1@0..1ms"}, deployment).run(stop.get_token());
  EXPECT_EQ(record.get("hold-1 proof").detail.at("bit"), false);
  EXPECT_THAT(record.get("hold-1 proof").detail.at("error"), HasSubstr("no websocket data frame"));
}

TEST_F(HoldFault, ALagOfAWebsocketCountsFramesToo) {
  record.also = [&](const FaultEvent& event) {
    if (event.phase != "start") return;
    target_.send(encode({Opcode::binary, "one"}));
    EXPECT_TRUE(eventually([&] {
      return proxy.link({"node-1", "node-0"}).statistics().to_dialler.detained_frames == 1;
    }));
  };
  nemesis({"lag:follower-1,delay=1h@0..1ms"}, deployment).run(stop.get_token());
  EXPECT_EQ(record.get("lag-1 end").detail.at("held_frames"), 1);
  EXPECT_FALSE(record.has("lag-1 proof")) << "the lag samples tell";
}

}  // namespace
}  // namespace afterwrite
