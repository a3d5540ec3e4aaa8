// Servers that do not do what is asked of them before a run.
#include "adapters/atproto/settling_in.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/session/errors.hpp"
#include "tests/http/scripted_server.hpp"

namespace afterwrite::atproto {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Why a login at this server came to nothing.
std::string why_no_login(const ScriptedServer& server) {
  Shared shared;
  shared.pds.url = "http://127.0.0.1:" + std::to_string(server.port());
  try {
    SettlingIn settling_in(shared, Clock::now() + std::chrono::hours(1), {}, std::chrono::milliseconds(300));
    settling_in.furnish(settling_in.log_in("lender.test", "secret"));
  } catch (const EnvironmentError& error) {
    EXPECT_THAT(error.what(), HasSubstr(shared.pds.url));
    return error.what();
  }
  return "";
}

TEST(SettlingIn, AServerThatNeverAnswersIsNamedWithWhatWasAskedOfIt) {
  ScriptedServer server([](ScriptedServer::Socket& socket, std::size_t) { ScriptedServer::await_end(socket); });
  EXPECT_THAT(why_no_login(server),
              AllOf(HasSubstr("logging in as lender.test at "), HasSubstr("no answer by the deadline (300ms a call)")));
}

/// Answers one request after the other on one connection, each with a success, and then is silent.
ScriptedServer::Script answering(std::vector<std::string> answers) {
  return [answers = std::move(answers)](ScriptedServer::Socket& socket, std::size_t) {
    for (const std::string& answer : answers) {
      ScriptedServer::read_request(socket);
      ScriptedServer::answer(socket, answer);
    }
    ScriptedServer::await_end(socket);
  };
}

constexpr const char* logged_in = R"({"did": "did:plc:me", "accessJwt": "token"})";
constexpr const char* a_profile =
    R"({"uri": "at://did:plc:me/app.bsky.actor.profile/self", "value": {"displayName": "Lender"}})";

TEST(SettlingIn, AnAnswerThatLacksWhatItIsAskedForIsNamedWithWhatItLacks) {
  struct Case {
    std::vector<std::string> answers;
    const char* asked;
    const char* lacks;
  };
  const Case cases[]{
      {{"{}"}, "logging in as lender.test at ", "lacks 'did' and 'accessJwt'"},
      {{R"({"did": "did:plc:me", "accessJwt": ""})"}, "logging in as lender.test at ", "lacks 'accessJwt'"},
      {{logged_in, "{}"}, "reading the profile of lender.test at ", "lacks 'value'"},
      {{logged_in, a_profile, "{}"}, "writing the first records of lender.test at ", "lacks 'results'"},
      {{logged_in, a_profile, R"({"results": [{}]})"}, "writing the first records of lender.test at ", "uri and cid"},
  };
  for (const Case& one : cases) {
    ScriptedServer server(answering(one.answers));
    EXPECT_THAT(why_no_login(server), AllOf(HasSubstr(one.asked), HasSubstr(one.lacks)));
  }
}

// At the end of the run it would be put back as none.
TEST(SettlingIn, AProfileThatIsNotToldIsNotTakenForNone) {
  ScriptedServer server(answering({logged_in}));
  EXPECT_THAT(why_no_login(server), HasSubstr("reading the profile of lender.test at "));
}

}  // namespace
}  // namespace afterwrite::atproto
