#include "harness/process/watchdog.hpp"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <system_error>
#include <unistd.h>

#include "harness/process/child.hpp"
#include "harness/process/private_folder.hpp"
#include "tests/process/support.hpp"

namespace afterwrite {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// The program of parent.cpp, its files and its folders of temporary files.
class Parent {
 public:
  Parent(const std::string& ending, const std::vector<std::string>& what) {
    fs::create_directory(folder_ / "outside");
    std::ofstream(folder_ / "outside/precious") << "kept\n";
    fs::create_directory(folder_ / "tmp");
    Command command;
    command.program = AFTERWRITE_TEST_PARENT;
    command.arguments = {folder_.path().string(), ending};
    command.arguments.insert(command.arguments.end(), what.begin(), what.end());
    command.environment["TMPDIR"] = folder_ / "tmp";
    command.environment["AFTERWRITE_TEST_FAMILY"] = folder_.path();
    command.output = folder_ / "errors";
    child_.emplace(command);
    const bool ready = eventually([&] { return has_line(report(), "ready") || !child_->running(); });
    if (!ready || !has_line(report(), "ready")) throw std::runtime_error("the parent: " + contents(folder_ / "errors"));
  }

  void kill() {
    child_->signal(SIGKILL);
    child_->wait_until(patience());
  }

  Child& child() { return *child_; }
  fs::path report() const { return folder_ / "parent"; }
  fs::path file(const std::string& name) const { return folder_ / name; }
  pid_t watchdog() const { return numbers(report(), "watchdog").at(0); }
  std::size_t private_folders() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_ / "tmp"), fs::directory_iterator()));
  }

  /// Every process that descends from the parent, however far, zombies aside: they share a word in their environment.
  std::set<pid_t> family() const {
    std::set<pid_t> found;
    const std::string word = "AFTERWRITE_TEST_FAMILY=" + folder_.path().string();
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const auto name = entry.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      if (contents(entry.path() / "environ").find(word) == std::string::npos || gone(std::stoi(name))) continue;
      found.insert(std::stoi(name));
    }
    return found;
  }

  /// Nothing is left but what belongs to others.
  void expect_nothing_left() {
    EXPECT_TRUE(eventually([&] { return family().empty() && gone(watchdog()); })) << testing::PrintToString(family());
    EXPECT_EQ(private_folders(), 0U);
    EXPECT_EQ(contents(folder_ / "outside/precious"), "kept\n");
  }

 private:
  TestFolder folder_;
  std::optional<Child> child_;
};

TEST(Watchdog, LeavesNothingWhenItsProgramIsKilled) {
  Parent parent("wait", {"orderly", "stubborn", "suspended", "family", "folder", "folder"});
  EXPECT_GE(parent.family().size(), 7U);
  EXPECT_EQ(parent.private_folders(), 2U);
  parent.kill();
  parent.expect_nothing_left();
  EXPECT_TRUE(has_line(parent.file("orderly"), "in order"));
  EXPECT_TRUE(has_line(parent.file("suspended"), "in order"));
}

TEST(Watchdog, RemovesTheSharedMemoryOfThoseItKills) {
  Parent parent("wait", {"memory"});
  const int segment = numbers(parent.file("memory"), "segment").at(0);
  EXPECT_TRUE(segment_exists(segment));
  parent.kill();
  parent.expect_nothing_left();
  EXPECT_FALSE(segment_exists(segment));
}

TEST(Watchdog, MissesNoChildHoweverFreshItIs) {
  std::mt19937 random(7);
  for (int i = 0; i < 5; ++i) {
    Parent parent("wait", {"folder", "storm"});
    parent.child().wait_until(in(milliseconds(random() % 100)));
    parent.kill();
    parent.expect_nothing_left();
  }
}

TEST(Watchdog, EndsWithItsProgram) {
  Parent parent("return", {"orderly", "stubborn", "folder"});
  EXPECT_TRUE(parent.child().wait_until(patience())->ok()) << contents(parent.file("errors"));
  EXPECT_TRUE(parent.family().empty()) << "at once, not some time later";
  EXPECT_TRUE(gone(parent.watchdog()));
  EXPECT_EQ(parent.private_folders(), 0U);
}

TEST(Watchdog, EndsWhatAProgramLeavesThatCallsExit) {
  Parent parent("exit", {"orderly", "stubborn", "folder"});
  EXPECT_TRUE(parent.child().wait_until(patience())->ok()) << contents(parent.file("errors"));
  EXPECT_TRUE(parent.family().empty()) << "exit() returns only when they are gone";
  EXPECT_EQ(parent.private_folders(), 0U);
  EXPECT_TRUE(has_line(parent.file("orderly"), "in order"));
}

/// What the descriptors of a process lead to; for sockets and the like only the kind.
std::multiset<std::string> open_files(pid_t pid) {
  std::multiset<std::string> open;
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    std::error_code closed_meanwhile;
    const auto target = fs::read_symlink(entry.path(), closed_meanwhile).string();
    if (!closed_meanwhile) open.insert(target.substr(0, target.find('[')));
  }
  return open;
}

TEST(Watchdog, IsNotEndedByTheTerminalAndHoldsNothingOpen) {
  Parent parent("wait", {"orderly"});
  const pid_t watchdog = parent.watchdog();
  EXPECT_EQ(::getsid(watchdog), watchdog);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    ::kill(watchdog, number);
  // What it opens to look at a process is not there for long.
  const std::multiset<std::string> expected{"/dev/null", "/dev/null", "/dev/null", "socket:", "anon_inode:"};
  EXPECT_TRUE(eventually([&] { return open_files(watchdog) == expected; }))
      << testing::PrintToString(open_files(watchdog));
  parent.kill();
  parent.expect_nothing_left();
}

TEST(Watchdog, ThatIsGoneIsMissed) {
  const TestFolder folder;
  const TemporaryFilesIn here(folder.path());
  auto& watchdog = Watchdog::instance();
  EXPECT_FALSE(watchdog.running());
  watchdog.stop();
  watchdog.start();
  EXPECT_TRUE(watchdog.running());
  const pid_t pid = watchdog.pid();
  watchdog.start();
  EXPECT_EQ(watchdog.pid(), pid) << "one is enough";
  EXPECT_EQ(run_command(shell("echo well"), patience()), "well\n");

  // All of its threads (a sanitizer has one of its own), so that its socket is closed for certain.
  const auto process = open_process(pid);
  ASSERT_TRUE(process && send_signal(*process, SIGKILL));
  ASSERT_TRUE(wait_readable(process->pidfd.get(), patience()));
  EXPECT_THROW(run_command(shell("echo well"), patience()), ProcessError);
  EXPECT_THROW(PrivateFolder(), ProcessError);
  watchdog.stop();
  EXPECT_FALSE(watchdog.running());
  EXPECT_EQ(run_command(shell("echo well"), patience()), "well\n");
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace afterwrite
