#include "harness/process/child.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "tests/process/support.hpp"

namespace afterwrite {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;

bool no_child_left() {
  return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
}

ExitStatus end_of(Child& child) {
  return child.wait_until(patience()).value();
}

std::string message_of(const Command& command) {
  try {
    const Child child(command);
  } catch (const ProcessError& error) {
    return error.what();
  }
  return "it started";
}

TEST(Child, TellsItsExitCode) {
  Child good(shell("exit 0"));
  EXPECT_TRUE(end_of(good).ok());
  EXPECT_FALSE(good.running());
  Child bad(shell("exit 3"));
  EXPECT_EQ(end_of(bad).code, 3);
  EXPECT_EQ(end_of(bad).describe(), "exit code 3") << "may be asked again";
  EXPECT_FALSE(end_of(bad).ok());
}

TEST(Child, TellsTheSignalThatEndedIt) {
  Child child(shell("kill -SEGV $$"));
  EXPECT_EQ(end_of(child).signal, SIGSEGV);
  EXPECT_EQ(end_of(child).describe(), "ended by SIGSEGV");
}

TEST(Child, TellsItsExitCodeThoughOursIgnoresTheSignal) {
  ::signal(SIGCHLD, SIG_IGN);
  Child child(shell("exit 4"));
  EXPECT_EQ(end_of(child).code, 4);
  ::signal(SIGCHLD, SIG_DFL);
}

TEST(Child, AppendsBothStreamsToItsOutput) {
  const TestFolder folder;
  auto command = shell("echo out; echo err >&2");
  command.output = folder / "log";
  for (int i = 0; i < 2; ++i) {
    Child child(command);
    end_of(child);
  }
  EXPECT_EQ(contents(command.output), "out\nerr\nout\nerr\n");
}

TEST(Child, ReadsNothingAndMayWriteToNowhere) {
  Child child(shell("cat && echo unseen"));
  EXPECT_TRUE(end_of(child).ok());
}

TEST(Child, GetsItsFolderAndEnvironmentBesideOurs) {
  const TestFolder folder;
  ::setenv("AFTERWRITE_TEST_OURS", "ours", 1);
  auto command = shell("pwd -P; echo $AFTERWRITE_TEST_OURS $AFTERWRITE_TEST_ITS");
  command.environment["AFTERWRITE_TEST_ITS"] = "a:b c";
  command.folder = folder.path();
  EXPECT_EQ(run_command(command, patience()), std::filesystem::canonical(folder.path()).string() + "\nours a:b c\n");
  ::unsetenv("AFTERWRITE_TEST_OURS");
}

TEST(Child, IsFoundByAPathFromOurFolder) {
  const TestFolder folder;
  auto command = shell("pwd -P");
  command.program = std::filesystem::relative("/bin/sh");
  command.folder = folder.path();
  EXPECT_EQ(run_command(command, patience()), std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST(Child, ThatCannotStartSaysWhyAndLeavesNothing) {
  const TestFolder folder;
  Command command;
  command.program = folder / "missing";
  EXPECT_THAT(message_of(command), AllOf(HasSubstr(command.program.string()), HasSubstr("No such file")));

  command.program = folder / "data";
  std::ofstream(command.program) << "text\n";
  EXPECT_THAT(message_of(command), AllOf(HasSubstr(command.program.string()), HasSubstr("Permission denied")));

  command = shell("true");
  command.folder = folder / "nowhere";
  EXPECT_THAT(message_of(command), HasSubstr("cannot enter " + command.folder.string()));

  command = shell("true");
  command.output = folder / "nowhere/log";
  EXPECT_THAT(message_of(command), HasSubstr("cannot write its output to " + command.output.string()));
  EXPECT_TRUE(no_child_left());
}

TEST(Child, IsWaitedForNoLongerThanAsked) {
  Child child(shell("exec sleep 1000"));
  EXPECT_TRUE(child.running());
  EXPECT_FALSE(child.wait_until(in(milliseconds(20))));
  EXPECT_FALSE(child.wait_until(in(-seconds(1)))) << "a deadline in the past is a question";
  child.signal(SIGTERM);
  EXPECT_EQ(end_of(child).signal, SIGTERM);
  child.signal(SIGTERM);
}

TEST(Child, StopsInOrder) {
  const TestFolder folder;
  auto command = shell("trap 'echo in order; exit 7' INT; echo ready; while :; do sleep 0.01; done");
  command.output = folder / "log";
  command.stop_signal = SIGINT;
  Child child(command);
  ASSERT_TRUE(eventually([&] { return has_line(command.output, "ready"); }));
  EXPECT_EQ(child.stop(seconds(60)).code, 7);
  EXPECT_TRUE(has_line(command.output, "in order"));
  EXPECT_EQ(child.stop(seconds(60)).code, 7);
  EXPECT_EQ(child.kill().code, 7);
}

TEST(Child, ThatIsSuspendedStopsInOrder) {
  Child child(shell("exec sleep 1000"));
  child.signal(SIGSTOP);
  ASSERT_TRUE(eventually([&] { return read_stat(child.pid())->state == 'T'; }));
  EXPECT_EQ(child.stop(seconds(60)).signal, SIGTERM);
}

TEST(Child, ThatWillNotStopIsKilled) {
  const TestFolder folder;
  auto command = shell("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  command.output = folder / "log";
  Child child(command);
  ASSERT_TRUE(eventually([&] { return has_line(command.output, "ready"); }));
  EXPECT_EQ(child.stop(milliseconds(50)).signal, SIGKILL);
}

/// Has a child, a child that left for a session of its own, and that one's child: as a database server has.
Command family(const std::filesystem::path& log) {
  auto command = shell(
      "sleep 1000 & echo member $!; setsid sh -c 'sleep 1000 & echo member $!; echo ready; wait' & echo member $!; "
      "wait");
  command.output = log;
  return command;
}

/// All three have said who they are, in whatever order.
bool is_complete(const std::filesystem::path& log) {
  return has_line(log, "ready") && numbers(log, "member").size() == 3;
}

void expect_family_gone(const std::filesystem::path& log) {
  const auto members = numbers(log, "member");
  ASSERT_EQ(members.size(), 3U);
  for (const auto member : members)
    EXPECT_TRUE(gone(member));
}

TEST(Child, IsKilledWithItsDescendants) {
  const TestFolder folder;
  const auto command = family(folder / "log");
  Child child(command);
  ASSERT_TRUE(eventually([&] { return is_complete(command.output); }));
  EXPECT_EQ(child.kill().signal, SIGKILL);
  expect_family_gone(command.output);
  EXPECT_TRUE(no_child_left());
}

/// Two processes with a segment of shared memory each: the child and its own child.
TEST(Child, LeavesNoSharedMemoryWhenItIsKilled) {
  const TestFolder folder;
  const std::string holder = std::string(AFTERWRITE_TEST_PARENT) + " hold-memory";
  auto command = shell(holder + " & exec " + holder);
  command.output = folder / "log";
  Child child(command);
  ASSERT_TRUE(eventually([&] { return numbers(command.output, "segment").size() == 2; }));
  const auto segments = numbers(command.output, "segment");
  for (const int segment : segments)
    EXPECT_TRUE(segment_exists(segment));
  EXPECT_EQ(child.kill().signal, SIGKILL);
  for (const int segment : segments)
    EXPECT_FALSE(segment_exists(segment));
}

TEST(Child, LeavesNoDescendantsWhenItStops) {
  const TestFolder folder;
  const auto command = family(folder / "log");
  Child child(command);
  ASSERT_TRUE(eventually([&] { return is_complete(command.output); }));
  EXPECT_EQ(child.stop(seconds(60)).signal, SIGTERM);
  expect_family_gone(command.output);
}

TEST(Child, DoesNotOutliveItsObject) {
  pid_t pid = -1;
  {
    Child child(shell("exec sleep 1000"));
    pid = child.pid();
    child.signal(SIGSTOP);
  }
  EXPECT_TRUE(gone(pid));
  EXPECT_TRUE(no_child_left());
}

TEST(Child, Moves) {
  Child first(shell("exec sleep 1000"));
  const pid_t first_pid = first.pid();
  Child moved(std::move(first));
  EXPECT_TRUE(moved.running());
  EXPECT_EQ(moved.pid(), first_pid);
  moved = Child(shell("exit 5"));
  EXPECT_TRUE(gone(first_pid));
  EXPECT_EQ(end_of(moved).code, 5);
}

TEST(Child, InheritsNoDescriptor) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  const Descriptor high(::fcntl(socket.get(), F_DUPFD, 500));
  Command command;
  command.program = "/bin/ls";
  command.arguments = {"/proc/self/fd"};
  EXPECT_EQ(run_command(command, patience()), "0\n1\n2\n3\n") << "3 is the folder that ls reads";
}

TEST(Child, IsStartedWellByAProgramWithoutStandardStreams) {
  const TestFolder folder;
  auto command = shell("exec \"$PARENT\" \"$FOLDER\" return orderly <&- >&- 2>&-");
  command.environment["PARENT"] = AFTERWRITE_TEST_PARENT;
  command.environment["FOLDER"] = folder.path();
  EXPECT_EQ(run_command(command, patience()), "");
  EXPECT_EQ(contents(folder / "orderly"), "ready\n");
}

TEST(Child, InheritsNoSignalSettings) {
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::sigaddset(&blocked, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  ::signal(SIGPIPE, SIG_IGN);
  Command command;
  command.program = "/bin/sed";
  command.arguments = {"-n", "/^Sig[BI]/p", "/proc/self/status"};
  EXPECT_EQ(run_command(command, patience()), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, &before, &after);
  EXPECT_TRUE(::sigismember(&after, SIGTERM) == 1 && ::sigismember(&after, SIGINT) == 0) << "ours are as they were";
}

TEST(Child, LeadsItsOwnSession) {
  const Child child(shell("exec sleep 1000"));
  EXPECT_EQ(::getsid(child.pid()), child.pid());
  EXPECT_EQ(::getpgid(child.pid()), child.pid());
}

TEST(Child, MayBeStartedByManyThreads) {
  std::vector<std::thread> threads;
  std::vector<int> sums(4, 0);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    threads.emplace_back([&sum = sums[i]] {
      for (int code = 1; code <= 20; ++code) {
        Child child(shell("exit " + std::to_string(code)));
        sum += end_of(child).code;
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_THAT(sums, testing::Each(210));
  EXPECT_TRUE(no_child_left());
}

TEST(Account, IsDroppedToInTheChild) {
  const auto account = unprivileged_account();
  ASSERT_EQ(account.has_value(), ::geteuid() == 0) << "as another user than root there is nothing to drop";
  auto command = shell("id -u; id -g; id -G; echo $USER; test \"$HOME\" != /root && test ! -r /root && echo dropped");
  command.account = account;
  command.folder = "/";
  if (account) {
    EXPECT_NE(account->uid, 0U);
    EXPECT_EQ(run_command(command, patience()), std::to_string(account->uid) + "\n" + std::to_string(account->gid) +
                                                    "\n" + std::to_string(account->gid) + "\n" + account->name +
                                                    "\ndropped\n");
  } else {
    // Not ours to change to: said, and nothing started.
    command.account = Account{0, 0, "root"};
    EXPECT_THAT(message_of(command), HasSubstr("as user root: cannot change to that user"));
  }
}

}  // namespace
}  // namespace afterwrite
