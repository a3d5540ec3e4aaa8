// How an account of the user's is left by servers that do not do as they are asked.
#include "adapters/atproto/tidying_up.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/http/scripted_server.hpp"

namespace afterwrite::atproto {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto patience = std::chrono::milliseconds(300);
constexpr auto unlimited = std::chrono::hours(1);

constexpr const char* ours = R"({"cid": "one", "value": {"displayName": "ours"}})";

std::string success(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string refusal(const std::string& error) {
  const std::string body = R"({"error": ")" + error + R"("})";
  return "HTTP/1.1 400 Bad Request\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class TidyingUpTest : public testing::Test {
 protected:
  TidyingUpTest() {
    account_.who.did = "did:plc:me";
    account_.who.handle = "lender.test";
    account_.traces = std::make_unique<Traces>();
    for (const char* record : {"app.bsky.feed.post/1", "app.bsky.feed.post/2"})
      account_.traces->writing(record);
  }
  std::string tidied(const ScriptedServer& server, Duration within = unlimited, const std::stop_token& end = {}) {
    return tidy_up({.url = "http://127.0.0.1:" + std::to_string(server.port()), .options = {}}, account_, end, within);
  }
  /// Where nothing but the profile is left: it is answered as `now`, what is sent is put into `put`, and answered so.
  std::string told_of_profile(const std::string& now, const std::string& put_answer, std::string& put) {
    for (const std::string& record : account_.traces->records())
      account_.traces->gone(record);
    account_.first_profile = {{"displayName", "Lender"}};
    account_.traces->writing_profile({{"displayName", "ours"}});
    ScriptedServer server([&](ScriptedServer::Socket& socket, std::size_t) {
      for (;;) {
        const std::string request = ScriptedServer::read_request(socket);
        if (request.starts_with("GET")) {
          ScriptedServer::send(socket, now);
        } else {
          put = request;
          ScriptedServer::send(socket, put_answer);
        }
      }
    });
    return tidied(server);
  }

  AuditedAccount account_;
};

TEST_F(TidyingUpTest, AServerThatIsSilentIsAskedOnceAndAllIsNamed) {
  std::atomic<int> asked = 0;
  ScriptedServer server([&](ScriptedServer::Socket& socket, std::size_t) {
    ScriptedServer::read_request(socket);
    ++asked;
    ScriptedServer::await_end(socket);
  });
  EXPECT_THAT(tidied(server, patience), AllOf(HasSubstr("has answered nothing for 300ms"), HasSubstr("lender.test"),
                                              HasSubstr("\n  app.bsky.feed.post/1\n  app.bsky.feed.post/2\n")));
  EXPECT_EQ(asked, 1);
}

TEST_F(TidyingUpTest, AServerThatComesBackIsAskedAgain) {
  ScriptedServer server([](ScriptedServer::Socket& socket, std::size_t number) {
    if (number < 3) return;
    for (;;) {
      ScriptedServer::read_request(socket);
      ScriptedServer::answer(socket, "{}");
    }
  });
  EXPECT_EQ(tidied(server), "");
  EXPECT_THAT(account_.traces->records(), IsEmpty());
}

TEST_F(TidyingUpTest, WhatIsRefusedIsNamedWithTheReason) {
  ScriptedServer server([](ScriptedServer::Socket& socket, std::size_t) {
    ScriptedServer::read_request(socket);
    ScriptedServer::send(socket, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    ScriptedServer::read_request(socket);
    ScriptedServer::answer(socket, "{}");
    ScriptedServer::await_end(socket);
  });
  EXPECT_THAT(tidied(server),
              AllOf(HasSubstr("\n  app.bsky.feed.post/1: the answer is 500"), Not(HasSubstr("post/2"))));
}

TEST_F(TidyingUpTest, ItEndsOnRequestInTheMidstOfACall) {
  std::stop_source end;
  ScriptedServer server([&](ScriptedServer::Socket& socket, std::size_t) {
    ScriptedServer::read_request(socket);
    end.request_stop();
    ScriptedServer::await_end(socket);
  });
  EXPECT_THAT(tidied(server, unlimited, end.get_token()),
              AllOf(HasSubstr("ended by a signal"), HasSubstr("post/1"), HasSubstr("post/2")));
}

TEST_F(TidyingUpTest, AProfileOfTheRunsIsPutBackOverThatAlone) {
  std::string put;
  EXPECT_EQ(told_of_profile(success(ours), success("{}"), put), "");
  EXPECT_THAT(put, AllOf(HasSubstr(R"("swapRecord":"one")"), HasSubstr(R"("displayName":"Lender")")));
}

TEST_F(TidyingUpTest, AProfileOfAnothersStaysAndThatIsTold) {
  std::string put;
  EXPECT_THAT(
      told_of_profile(success(R"({"cid": "two", "value": {"displayName": "theirs"}})"), "", put),
      AllOf(HasSubstr("changed by somebody else"), HasSubstr(R"(before the run it was {"displayName":"Lender"})")));
  EXPECT_EQ(put, "");
}

TEST_F(TidyingUpTest, AProfileThatIsGoneStaysSoAndThatIsTold) {
  std::string put;
  EXPECT_THAT(told_of_profile(refusal("RecordNotFound"), "", put), HasSubstr("changed by somebody else"));
  EXPECT_EQ(put, "");
}

TEST_F(TidyingUpTest, AProfileThatIsNotToldIsNotWrittenOver) {
  std::string put;
  EXPECT_THAT(told_of_profile(success("{}"), "", put), HasSubstr("/self, the profile"));
  EXPECT_EQ(put, "");
}

TEST_F(TidyingUpTest, AProfileWhosePutIsRefusedIsNamedWithTheReason) {
  std::string put;
  EXPECT_THAT(told_of_profile(success(ours), refusal("InvalidSwap"), put),
              AllOf(HasSubstr("the profile: the answer is 400 InvalidSwap"), HasSubstr(R"({"displayName":"Lender"})")));
}

}  // namespace
}  // namespace afterwrite::atproto
