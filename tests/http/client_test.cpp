#include <atomic>
#include <gmock/gmock.h>

#include "adapters/http/deployment.hpp"
#include "tests/http/scripted_server.hpp"

namespace afterwrite::http {
namespace {

using Server = ScriptedServer;
using State = afterwrite::Connection;
using testing::HasSubstr;
using Json = nlohmann::json;

struct NoLinks : LinkFactory {
  Address open(const LinkName&, const Address& upstream, std::uint16_t) override { return upstream; }
  void close(const LinkName&) override {}
};

Json service(const std::string& url) {
  return {{"nodes", Json::array({{{"name", "api"}, {"url", url}}})},
          {"write", {{"path", "/{key}"}, {"text", "{value}"}, {"definite_failure", {409}}, {"acknowledged", {302}}}},
          {"read", {{"path", "/{key}"}, {"value", {{"text", true}}}, {"absent", {404}}}}};
}

/// A client of a service behind `server`, whose description is changed a little.
struct Service {
  Service(const Server& server, const Json& changes = Json::object()) {
    Json described = service("http://127.0.0.1:" + std::to_string(server.port()));
    described.merge_patch(changes);
    deployment = std::make_unique<HttpDeployment>(HttpOptions{.service = described, .file = "svc.json"}, links);
    client = deployment->open_client("s0");
  }
  Reply write(Duration patience = std::chrono::seconds(30)) {
    return client->call({Function::write, "k1", Value("v"), false, "api", Clock::now() + patience});
  }
  Reply read(Duration patience = std::chrono::seconds(30)) {
    return client->call({Function::read, "k1", {}, false, "api", Clock::now() + patience});
  }
  NoLinks links;
  std::unique_ptr<HttpDeployment> deployment;
  std::unique_ptr<Client> client;
};

std::string status_line(int status) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n";
}

/// Answers every request of every connection with the same text.
Server::Script always(const std::string& answer) {
  return [answer](Server::Socket& socket, std::size_t) {
    for (;;) {
      const std::string head = Server::read_head(socket);
      if (head.find("Content-Length: 1\r\n") != std::string::npos && !head.ends_with("v")) {
        char body = 0;
        boost::asio::read(socket, boost::asio::buffer(&body, 1));
      }
      Server::send(socket, answer);
    }
  };
}

TEST(HttpClientOutcomes, OfWritesByStatus) {
  const std::pair<int, Outcome> table[]{
      {200, Outcome::ok},   {201, Outcome::ok},   {204, Outcome::ok},   {202, Outcome::info}, {301, Outcome::info},
      {302, Outcome::ok},   {307, Outcome::info}, {400, Outcome::info}, {401, Outcome::info}, {408, Outcome::info},
      {409, Outcome::fail}, {429, Outcome::info}, {500, Outcome::info}, {503, Outcome::info}};
  for (const auto& [status, outcome] : table) {
    Server server(always(status_line(status) + (status == 204 ? "\r\n" : "Content-Length: 0\r\n\r\n")));
    Service service(server);
    const Reply reply = service.write();
    EXPECT_EQ(reply.outcome, outcome) << status << reply.error;
    EXPECT_EQ(reply.error.empty(), outcome == Outcome::ok) << status;
    EXPECT_EQ(reply.connection, State::usable) << status;
  }
}

TEST(HttpClientOutcomes, OfReadsByStatus) {
  const std::pair<int, Outcome> table[]{{200, Outcome::ok},   {404, Outcome::ok},   {301, Outcome::fail},
                                        {400, Outcome::fail}, {401, Outcome::fail}, {410, Outcome::fail},
                                        {500, Outcome::fail}, {503, Outcome::fail}};
  for (const auto& [status, outcome] : table) {
    Server server(always(status_line(status) + "Content-Length: 1\r\n\r\nv"));
    Service service(server);
    const Reply reply = service.read();
    EXPECT_EQ(reply.outcome, outcome) << status << reply.error;
    EXPECT_EQ(reply.value, status == 200 ? Value("v") : Value{}) << status;
  }
}

TEST(HttpClientOutcomes, WithoutAnAnswer) {
  std::uint16_t gone = 0;
  {
    gone = Server([](Server::Socket&, std::size_t) {}).port();
  }
  Server hangs_up([](Server::Socket& socket, std::size_t) { Server::read_head(socket); });
  Server silent([](Server::Socket& socket, std::size_t) { Server::await_end(socket); });
  {
    Service service(hangs_up,
                    {{"nodes", Json::array({{{"name", "api"}, {"url", "http://127.0.0.1:" + std::to_string(gone)}}})}});
    const Reply refused = service.write();
    EXPECT_EQ(refused.outcome, Outcome::fail);
    EXPECT_EQ(refused.connection, State::refused);
  }
  {
    Service service(hangs_up);
    EXPECT_EQ(service.write().outcome, Outcome::info);
    EXPECT_EQ(service.read().connection, State::lost);
  }
  Service service(silent);
  const Reply late = service.write(std::chrono::milliseconds(200));
  EXPECT_EQ(late.outcome, Outcome::info);
  EXPECT_EQ(late.error, "no answer by the deadline");
  EXPECT_EQ(service.read(std::chrono::milliseconds(-1)).outcome, Outcome::fail);
}

TEST(HttpClientOutcomes, AnAcknowledgedWriteWithoutItsPositionIsInDoubt) {
  Server server(always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  Service service(server, {{"write", {{"position", {{"header", "X-Position"}}}}}});
  const Reply reply = service.write();
  EXPECT_EQ(reply.outcome, Outcome::info);
  EXPECT_THAT(reply.error, HasSubstr("X-Position"));
}

TEST(HttpClient, SendsTheGreatestPositionThatItHasSeen) {
  std::vector<std::string> heads;
  std::mutex mutex;
  Server server([&](Server::Socket& socket, std::size_t) {
    for (int number = 9;; ++number) {
      const std::string head = Server::read_head(socket);
      const std::lock_guard lock(mutex);
      heads.push_back(head);
      Server::answer(socket, "v", "X-Position: " + std::to_string(number == 10 ? 3 : number) + "\r\n");
    }
  });
  Service service(server,
                  {{"read", {{"position", {{"header", "X-Position"}}}, {"send_position", {{"header", "If-Min"}}}}}});
  EXPECT_EQ(service.read().position, "9");
  EXPECT_EQ(service.read().position, "3");
  // A new process of the session goes on from there.
  service.client = service.deployment->open_client("s0");
  service.client->call({Function::read, "k1", {}, false, "api", Clock::now() + std::chrono::seconds(30)});
  const std::lock_guard lock(mutex);
  EXPECT_THAT(heads.at(0), testing::Not(HasSubstr("If-Min")));
  EXPECT_THAT(heads.at(1), HasSubstr("If-Min: 9\r\n"));
  EXPECT_THAT(heads.at(2), HasSubstr("If-Min: 9\r\n"));
}

TEST(HttpClient, LogsInOnceASessionAndKeepsWhatItCaptured) {
  std::atomic<int> logins = 0;
  Server server([&](Server::Socket& socket, std::size_t) {
    for (;;) {
      const std::string head = Server::read_head(socket);
      if (head.starts_with("POST /login")) {
        ++logins;
        Server::answer(socket, R"({"t": "captured"})", "Set-Cookie: sid=1; Path=/\r\n");
      } else {
        EXPECT_THAT(head, HasSubstr("Authorization: Bearer captured\r\n"));
        EXPECT_THAT(head, HasSubstr("Cookie: sid=1\r\n"));
        Server::answer(socket, "v");
      }
    }
  });
  const Json session{{"bearer", "{token}"},
                     {"login", {{"path", "/login"}, {"capture", {{"token", {{"json", "/t"}}}}}}}};
  Service service(server, {{"session", session}});
  EXPECT_EQ(service.read().outcome, Outcome::ok);
  service.client.reset();
  service.client = service.deployment->open_client("s0");
  EXPECT_EQ(service.read().outcome, Outcome::ok);
  EXPECT_EQ(logins, 1);
}

TEST(HttpClient, ALoginThatFailsIsTheOutcomeOfAWriteThatWasNotSent) {
  Server server(always("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"));
  Service service(server, {{"session", {{"login", {{"path", "/login"}}}}}});
  const Reply reply = service.write();
  EXPECT_EQ(reply.outcome, Outcome::fail);
  EXPECT_EQ(reply.error, "the login failed: the answer is 403");
}

/// An answer of that status whose body is this.
std::string with_body(int status, const std::string& body, const std::string& headers = "") {
  return status_line(status) + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The reason of a read that is answered so, by a service that is sent `secret` with each request.
std::string reason_of(const std::string& secret, const std::string& answer) {
  Server server(always(answer));
  EXPECT_EQ(setenv("AW_CLIENT_TEST", secret.c_str(), 1), 0);
  Service service(server, {{"session", {{"headers", {{"X-Api-Key", "{env:AW_CLIENT_TEST}"}}}}},
                           {"read", {{"value", {{"json", "/v"}, {"text", nullptr}}}}}});
  EXPECT_EQ(unsetenv("AW_CLIENT_TEST"), 0);
  return service.read().error;
}

// Wherever in the body it stands, and wherever the reason is cut.
TEST(HttpClientReasons, HoldNoPartOfASecret) {
  const std::string secret = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (std::size_t before = 0; before < 130; ++before) {
    const std::string filler(before, '-');
    for (const std::string& answer : {with_body(500, filler + secret), with_body(200, filler + secret),
                                      with_body(200, "[\"" + filler + secret + "\"]")})
      EXPECT_THAT(reason_of(secret, answer), testing::Not(HasSubstr("abc"))) << before;
  }
}

// What is shown of them escapes once.
TEST(HttpClientReasons, AreNotEscaped) {
  EXPECT_EQ(reason_of("unused", with_body(500, "back\\slash \n")), "the answer is 500: back\\slash \n");
  const std::string reason = reason_of("abcdef\"gh\\ijkl", with_body(200, R"({"key": "abcdef\"gh\\ijkl"})"));
  EXPECT_EQ(reason, R"(the body has no /v: {"key":"{env:AW_CLIENT_TEST}"})");
}

TEST(HttpClientReasons, HoldNoValueOfACookie) {
  std::atomic<int> asked = 0;
  Server server([&](Server::Socket& socket, std::size_t) {
    for (;;) {
      const std::string head = Server::read_head(socket);
      const std::size_t at = head.find("Cookie: ");
      const std::string sent = at == std::string::npos ? "" : head.substr(at, head.find('\r', at) - at);
      EXPECT_EQ(sent.empty(), asked == 0);
      const bool fails = asked++ < 2;
      Server::send(socket, with_body(fails ? 500 : 200, sent + " {\"sid\": \"a-session-of-ours\"}",
                                     "Set-Cookie: sid=a-session-of-ours; Path=/\r\nSet-Cookie: n=7\r\n"));
    }
  });
  Service service(server);
  EXPECT_EQ(service.read().error, "the answer is 500:  {\"sid\": \"...\"}");
  EXPECT_EQ(service.read().error, "the answer is 500: Cookie: sid=...; n=... {\"sid\": \"...\"}");
  // A value of the run never holds its name and an equals sign.
  EXPECT_EQ(service.read().value, Value("Cookie: sid=...; n=... {\"sid\": \"a-session-of-ours\"}"));
}

TEST(HttpClientReasons, HoldNothingOfALoginThatIsNotUnderstood) {
  Server server(always(with_body(200, R"({"accessToken": "of-great-value"})")));
  const Json login{{"path", "/login"}, {"capture", {{"token", {{"json", "/accesToken"}}}}}};
  Service service(server, {{"session", {{"login", login}}}});
  const Reply reply = service.read();
  EXPECT_EQ(reply.outcome, Outcome::fail);
  EXPECT_THAT(reply.error, testing::AllOf(HasSubstr("has no /accesToken"), testing::Not(HasSubstr("great"))));
}

TEST(HttpClient, ARedirectToAnotherHostGetsNoHeaderOfOurs) {
  std::string seen;
  std::atomic<bool> asked = false;
  Server other([&](Server::Socket& socket, std::size_t) {
    seen = Server::read_head(socket);
    asked = true;
    Server::answer(socket, "v");
  });
  Server server(always("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + other.url("/there") + "\r\n\r\n"));
  Service service(server, {{"session", {{"headers", {{"X-User", "{user}"}}}}}});
  EXPECT_EQ(service.read().value, Value("v"));
  ASSERT_TRUE(asked);
  EXPECT_THAT(seen, HasSubstr("GET /there"));
  EXPECT_THAT(seen, testing::Not(HasSubstr("X-User")));
}

TEST(HttpClient, BeatsAreWrittenAndReadPerNode) {
  Server server(always("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n4"));
  const Json probe{{"write", {{"path", "/beat/{beat}"}}}, {"read", {{"path", "/beat"}, {"value", {{"json", ""}}}}}};
  Service service(server, {{"lag_probe", probe}});
  const auto beat = service.deployment->open_beat();
  ASSERT_NE(beat, nullptr);
  EXPECT_TRUE(beat->write(1, Clock::now() + std::chrono::seconds(30)));
  EXPECT_EQ(beat->visible("api", Clock::now() + std::chrono::seconds(30)), 4);
  EXPECT_EQ(Service(server).deployment->open_beat(), nullptr);
}

}  // namespace
}  // namespace afterwrite::http
