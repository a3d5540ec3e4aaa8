#include "harness/process/server_process.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <thread>

#include "harness/process/private_folder.hpp"

namespace afterwrite {
namespace {

using testing::HasSubstr;

Command shell(const std::string& script) {
  Command command;
  command.program = "/bin/sh";
  command.arguments = {"-c", script};
  return command;
}

void await_end(ServerProcess& server) {
  while (server.running()) std::this_thread::yield();
}

class ServerProcessTest : public testing::Test {
 protected:
  PrivateFolder folder_;
  ServerProcess server_{"server s", folder_.path() / "s.log"};
};

TEST_F(ServerProcessTest, TellsThatItEndedByItselfOnceItHadStarted) {
  std::string why;
  EXPECT_FALSE(server_.died(why)) << "it never ran";
  server_.launch(shell("echo first; echo last; exit 3"));
  await_end(server_);
  EXPECT_FALSE(server_.died(why)) << "it was still starting";
  server_.started();
  EXPECT_TRUE(server_.died(why));
  EXPECT_THAT(why, HasSubstr("server s ended by itself (exit code 3): first;last"));
}

TEST_F(ServerProcessTest, ItsLogIsThatOfTheLastLaunch) {
  EXPECT_EQ(server_.last_words(), "it logged nothing");
  server_.launch(shell("echo one"));
  await_end(server_);
  server_.launch(shell("echo two"));
  await_end(server_);
  EXPECT_EQ(server_.log(), "two\n");
}

TEST_F(ServerProcessTest, WhoWasKilledDidNotDie) {
  EXPECT_FALSE(server_.kill().has_value());
  server_.launch(shell("sleep 1000"));
  server_.started();
  const auto killed = server_.kill();
  ASSERT_TRUE(killed.has_value());
  EXPECT_EQ(killed->status.signal, SIGKILL);
  EXPECT_FALSE(server_.running());
  std::string why;
  EXPECT_FALSE(server_.died(why)) << why;
  EXPECT_FALSE(server_.kill().has_value());
}

TEST_F(ServerProcessTest, StopsAndMayBeLaunchedAgain) {
  for (int launch = 0; launch < 2; ++launch) {
    server_.launch(shell("sleep 1000"));
    EXPECT_TRUE(server_.running());
    server_.stop(std::chrono::seconds(10));
    EXPECT_FALSE(server_.running());
  }
}

}  // namespace
}  // namespace afterwrite
