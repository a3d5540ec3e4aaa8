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
    SettlingIn(shared, Clock::now() + std::chrono::hours(1), {}, std::chrono::milliseconds(300))
        .log_in("lender.test", "secret");
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

// At the end of the run it would be put back as none.
TEST(SettlingIn, AProfileThatIsNotToldIsNotTakenForNone) {
  ScriptedServer server([](ScriptedServer::Socket& socket, std::size_t) {
    ScriptedServer::read_head(socket);
    ScriptedServer::answer(socket, R"({"did": "did:plc:me", "accessJwt": "token"})");
    ScriptedServer::await_end(socket);
  });
  EXPECT_THAT(why_no_login(server), HasSubstr("reading the profile of lender.test at "));
}

}  // namespace
}  // namespace afterwrite::atproto
