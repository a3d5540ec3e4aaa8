#include "harness/http/connection.hpp"

#include <gmock/gmock.h>

#include <atomic>

#include "tests/http/scripted_server.hpp"

namespace afterwrite::http {
namespace {

using Server = ScriptedServer;
using testing::HasSubstr;
using testing::Optional;

Deadline soon() { return Clock::now() + std::chrono::seconds(30); }
Deadline in_a_moment() { return Clock::now() + std::chrono::milliseconds(200); }

TEST(HttpConnection, KeepsTheConnectionAndReadsHeadersAndBody) {
  std::atomic<std::size_t> connections = 0;
  Server server([&](Server::Socket& socket, std::size_t) {
    ++connections;
    for (;;) {
      const std::string head = Server::read_head(socket);
      Server::answer(socket, head.substr(0, head.find("\r\n")), "X-Position:  7 \r\nx-position: 8\r\n");
    }
  });
  Connection connection({});
  EXPECT_EQ(connection.exchange({"GET", server.url("/a"), {}, {}}, soon()).answer.body, "GET /a HTTP/1.1");
  const Exchange second = connection.exchange({"DELETE", server.url("/b"), {}, {}}, soon());
  EXPECT_EQ(second.failure, std::nullopt);
  EXPECT_EQ(second.answer.status, 200);
  EXPECT_EQ(second.answer.body, "DELETE /b HTTP/1.1");
  EXPECT_THAT(second.answer.header("X-POSITION"), Optional(std::string_view("7")));
  EXPECT_EQ(second.answer.header("X-Other"), std::nullopt);
  EXPECT_EQ(connections, 1U);
}

TEST(HttpConnection, SendsTheHeadersAsGivenAndNothingThatAsksForAContinue) {
  Server server([&](Server::Socket& socket, std::size_t) { Server::answer(socket, Server::read_head(socket)); });
  Connection connection({});
  const std::string body(5000, 'x');
  const auto exchange = connection.exchange({"PUT", server.url(), {{"X-Empty", ""}, {"X-One", "1"}}, body}, soon());
  EXPECT_THAT(exchange.answer.body, HasSubstr("X-Empty:\r\n"));
  EXPECT_THAT(exchange.answer.body, HasSubstr("X-One: 1\r\n"));
  EXPECT_THAT(exchange.answer.body, HasSubstr("Content-Length: 5000\r\n"));
  EXPECT_THAT(exchange.answer.body, testing::Not(HasSubstr("Expect")));
  EXPECT_THAT(exchange.answer.body, testing::Not(HasSubstr("Content-Type")));
}

// The trap: libcurl by itself sends it again on a new connection, and the server gets it twice.
TEST(HttpConnection, ARequestOnAKeptConnectionThatDiesIsLostAndNotSentAgain) {
  for (const char* method : {"PUT", "DELETE"}) {
    std::atomic<std::size_t> received = 0;
    Server server([&](Server::Socket& socket, std::size_t) {
      Server::read_head(socket);
      ++received;
      Server::answer(socket, "first");
      Server::read_head(socket);
      ++received;
    });
    Connection connection({});
    Request request{method, server.url(), {}, {}};
    if (request.method == "PUT") request.body = "value";
    EXPECT_EQ(connection.exchange(request, soon()).failure, std::nullopt);
    const Exchange second = connection.exchange(request, soon());
    EXPECT_EQ(second.failure, Failure::lost) << second.error;
    EXPECT_THAT(second.error, HasSubstr("broke"));
    EXPECT_EQ(received, 2U);
    EXPECT_EQ(connection.exchange(request, soon()).failure, std::nullopt);
    EXPECT_EQ(received, 3U);
  }
}

TEST(HttpConnection, ADeadlineAfterSendingIsTimedOutAndKept) {
  Server server([&](Server::Socket& socket, std::size_t) { Server::await_end(socket); });
  Connection connection({});
  const Deadline deadline = in_a_moment();
  const Exchange exchange = connection.exchange({"GET", server.url(), {}, {}}, deadline);
  EXPECT_EQ(exchange.failure, Failure::timed_out) << exchange.error;
  EXPECT_GE(Clock::now() + std::chrono::milliseconds(2), deadline);
  EXPECT_FALSE(nothing_sent(*exchange.failure));
}

TEST(HttpConnection, APassedDeadlineSendsNothing) {
  Connection connection({});
  const Exchange exchange = connection.exchange({"GET", "http://127.0.0.1:1/", {}, {}}, Clock::now());
  EXPECT_EQ(exchange.failure, Failure::not_sent_in_time);
  EXPECT_TRUE(nothing_sent(*exchange.failure));
}

TEST(HttpConnection, ARefusedConnectionIsToldApart) {
  std::string url;
  { url = Server([](Server::Socket&, std::size_t) {}).url(); }
  Connection connection({});
  const Exchange exchange = connection.exchange({"PUT", url, {}, "x"}, soon());
  EXPECT_EQ(exchange.failure, Failure::refused) << exchange.error;
  EXPECT_TRUE(nothing_sent(*exchange.failure));
}

TEST(HttpConnection, AnAnswerBeyondTheBoundEndsTheExchange) {
  Server server([&](Server::Socket& socket, std::size_t) {
    Server::read_head(socket);
    Server::send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
    for (;;) Server::send(socket, std::string(65536, 'x'));
  });
  Options options;
  options.largest_body = 100'000;
  Connection connection(options);
  const Exchange exchange = connection.exchange({"GET", server.url(), {}, {}}, soon());
  EXPECT_EQ(exchange.failure, Failure::too_large) << exchange.error;
  EXPECT_LE(exchange.answer.body.size(), 100'000U);
}

TEST(HttpConnection, EndlessHeadersEndTheExchange) {
  Server server([&](Server::Socket& socket, std::size_t) {
    Server::read_head(socket);
    Server::send(socket, "HTTP/1.1 200 OK\r\n");
    for (;;) Server::send(socket, "X-More: " + std::string(900, 'x') + "\r\n");
  });
  Connection connection({});
  const Exchange exchange = connection.exchange({"GET", server.url(), {}, {}}, soon());
  ASSERT_TRUE(exchange.failure.has_value());
  EXPECT_FALSE(nothing_sent(*exchange.failure));
}

TEST(HttpConnection, ATruncatedBodyIsLostAndKeepsTheStatus) {
  Server server([&](Server::Socket& socket, std::size_t) {
    Server::read_head(socket);
    Server::send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  Connection connection({});
  const Exchange exchange = connection.exchange({"GET", server.url(), {}, {}}, soon());
  EXPECT_EQ(exchange.failure, Failure::lost);
  EXPECT_EQ(exchange.answer.status, 200);
  EXPECT_EQ(exchange.answer.body, "half");
}

// What went into the connection by then the library does not say of every version of HTTP; so in doubt something was sent.
TEST(HttpConnection, AConnectionThatBreaksOverHttp2IsInDoubt) {
  for (const bool at_once : {true, false}) {
    Server server([&](Server::Socket& socket, std::size_t) {
      if (at_once) return;
      char some[1];
      boost::asio::read(socket, boost::asio::buffer(some));
    });
    Options options;
    options.version = "2";
    Connection connection(options);
    const Exchange exchange = connection.exchange({"PUT", server.url(), {}, std::string(1'000'000, 'x')}, soon());
    ASSERT_TRUE(exchange.failure.has_value());
    EXPECT_FALSE(nothing_sent(*exchange.failure)) << exchange.error;
  }
}

TEST(HttpConnection, RedirectsAreNotFollowed) {
  Server server([&](Server::Socket& socket, std::size_t number) {
    Server::read_head(socket);
    EXPECT_EQ(number, 0U);
    Server::send(socket, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  });
  Connection connection({});
  const Exchange exchange = connection.exchange({"PUT", server.url(), {}, "x"}, soon());
  EXPECT_EQ(exchange.failure, std::nullopt);
  EXPECT_EQ(exchange.answer.status, 302);
}

TEST(HttpConnection, CookiesOutliveTheConnection) {
  Server server([&](Server::Socket& socket, std::size_t) {
    Server::answer(socket, Server::read_head(socket), "Set-Cookie: stick=n2; Path=/\r\n");
  });
  CookieJar jar;
  for (const bool first : {true, false}) {
    Connection connection({}, &jar);
    const auto body = connection.exchange({"GET", server.url(), {}, {}}, soon()).answer.body;
    if (first) EXPECT_THAT(body, testing::Not(HasSubstr("Cookie")));
    else EXPECT_THAT(body, HasSubstr("Cookie: stick=n2"));
  }
}

TEST(HttpConnection, DialsTheLinkButNamesTheServer) {
  Server server([&](Server::Socket& socket, std::size_t) { Server::answer(socket, Server::read_head(socket)); });
  Options options;
  options.dial = Address{"127.0.0.1", server.port()};
  Connection connection(options);
  const auto body = connection.exchange({"GET", "http://db.example:8080/x", {}, {}}, soon()).answer.body;
  EXPECT_THAT(body, HasSubstr("Host: db.example:8080\r\n"));
}

TEST(HttpConnection, WhatCannotBeSentIsRefusedBeforehand) {
  Connection connection({});
  for (const Request& request : {Request{"GET", "http://127.0.0.1/\r\nX: 1", {}, {}}, Request{"GE T", "http://127.0.0.1/", {}, {}},
                                 Request{"GET", "http://127.0.0.1/", {{"X", "a\nb"}}, {}}, Request{"GET", "ftp://127.0.0.1/", {}, {}},
                                 Request{"GET", "http://", {}, {}}}) {
    const Exchange exchange = connection.exchange(request, soon());
    EXPECT_EQ(exchange.failure, Failure::bad_request) << request.url << ": " << exchange.error;
  }
}

TEST(UrlEncoded, LeavesOnlyWhatIsPlainEverywhere) {
  EXPECT_EQ(url_encoded("k7"), "k7");
  EXPECT_EQ(url_encoded("a/b c?\"\xC3\xA9%"), "a%2Fb%20c%3F%22%C3%A9%25");
}

}  // namespace
}  // namespace afterwrite::http
