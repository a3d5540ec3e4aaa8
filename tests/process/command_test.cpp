#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stop_token>
#include <thread>

#include "harness/process/child.hpp"
#include "tests/process/support.hpp"

namespace afterwrite {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string message_of(const Command& command, std::chrono::steady_clock::time_point deadline,
                       const std::stop_token& stop = {}) {
  try {
    run_command(command, deadline, stop);
  } catch (const ProcessError& error) {
    return error.what();
  }
  return "it ended well";
}

TEST(RunCommand, ReturnsWhatItWrote) {
  EXPECT_EQ(run_command(shell("echo out; echo err >&2"), patience()), "out\nerr\n");
  EXPECT_EQ(run_command(shell("true"), patience()), "");
  EXPECT_EQ(run_command(shell("head -c 300000 /dev/zero"), patience()), std::string(300000, '\0'));
}

TEST(RunCommand, ReturnsOnlyItsOwnPartOfAnOutputFile) {
  const TestFolder folder;
  auto command = shell("echo new");
  command.output = folder / "log";
  std::ofstream(command.output) << "old\n";
  EXPECT_EQ(run_command(command, patience()), "new\n");
  EXPECT_EQ(contents(command.output), "old\nnew\n");
}

TEST(RunCommand, ThatFailsSaysHowWithItsLastLines) {
  EXPECT_EQ(message_of(shell("exit 9"), patience()), "/bin/sh: exit code 9, no output");
  EXPECT_THAT(message_of(shell("seq 1 30; exit 1"), patience()),
              AllOf(HasSubstr("/bin/sh: exit code 1\n21\n22\n"), EndsWith("\n30"), Not(HasSubstr("20"))));
  EXPECT_THAT(message_of(shell("kill -KILL $$"), patience()), HasSubstr("ended by SIGKILL"));
}

TEST(RunCommand, IsKilledWhenItIsToStop) {
  const TestFolder folder;
  const std::string file = (folder.path() / "begun").string();
  std::stop_source source;
  std::thread asker([&] {
    eventually([&] { return std::filesystem::exists(file); });
    source.request_stop();
  });
  const std::string message =
      message_of(shell("echo begun >" + file + "; sleep 1000000"), patience(), source.get_token());
  asker.join();
  EXPECT_THAT(message, HasSubstr("stopped by the user"));
  EXPECT_EQ(run_command(shell("echo done"), patience(), std::stop_source().get_token()), "done\n");
}

TEST(RunCommand, IsKilledAtItsDeadlineWithWhatItStarted) {
  const TestFolder folder;
  auto command = shell("sleep 1000 & echo member $!; wait");
  command.output = folder / "log";
  // The deadline may come before the script has written anything; then there is nothing to look at.
  EXPECT_THAT(message_of(command, in(std::chrono::milliseconds(300))), HasSubstr("/bin/sh: not done after "));
  for (const auto member : numbers(command.output, "member"))
    EXPECT_TRUE(gone(member));
}

}  // namespace
}  // namespace afterwrite
