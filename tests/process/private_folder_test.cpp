#include "harness/process/private_folder.hpp"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "harness/process/child.hpp"
#include "tests/process/support.hpp"

namespace afterwrite {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PrivateFolders : public testing::Test {
 protected:
  /// A private folder whose program and its watchdog were both killed.
  fs::path leftover() {
    const TestFolder files;
    Command command;
    command.program = AFTERWRITE_TEST_PARENT;
    command.arguments = {files.path().string(), "wait", "folder"};
    Child parent(command);
    const auto report = files / "parent";
    if (!eventually([&] { return has_line(report, "ready"); })) throw std::runtime_error("the parent is not ready");
    const pid_t watchdog = numbers(report, "watchdog").at(0);
    ::kill(watchdog, SIGKILL);
    parent.kill();
    if (!eventually([&] { return gone(watchdog); })) throw std::runtime_error("the watchdog is not gone");
    const auto text = contents(report);
    const auto begin = text.find("folder ") + 7;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  TestFolder folder_;
  TemporaryFilesIn here_{folder_.path()};
};

TEST_F(PrivateFolders, AreClosedToOthersAndRemovedWithAllThatIsInThem) {
  const TestFolder outside;
  std::ofstream(outside / "precious") << "kept\n";
  fs::path path;
  {
    const PrivateFolder folder;
    path = folder.path();
    EXPECT_EQ(path.parent_path(), folder_.path());
    EXPECT_EQ(path.filename().string().size(), std::string("afterwrite-XXXXXX").size());
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
    fs::create_directories(path / "data/base");
    std::ofstream(path / "data/base/1") << "row\n";
    fs::create_directory_symlink(outside.path(), path / "link");
    fs::create_directory_symlink(outside.path(), path / "data/link");
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(contents(outside / "precious"), "kept\n");
}

TEST_F(PrivateFolders, Move) {
  PrivateFolder first;
  const fs::path path = first.path();
  PrivateFolder second(std::move(first));
  EXPECT_EQ(second.path(), path);
  second = PrivateFolder();
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::exists(second.path()));
}

TEST_F(PrivateFolders, ThatCannotBeMadeSayWhere) {
  const TemporaryFilesIn nowhere(folder_ / "nowhere");
  try {
    const PrivateFolder folder;
    FAIL();
  } catch (const ProcessError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr((folder_ / "nowhere").string()), HasSubstr("TMPDIR")));
  }
}

TEST_F(PrivateFolders, MayBelongToTheAccountThatServersRunAs) {
  const auto account = unprivileged_account();
  ASSERT_EQ(account.has_value(), ::geteuid() == 0);
  // As another user than root the servers run as we do.
  fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::others_exec);
  auto command = shell("mkdir data && echo made");
  fs::path path;
  {
    const PrivateFolder folder(account);
    path = folder.path();
    command.folder = path;
    command.account = account;
    EXPECT_EQ(run_command(command, patience()), "made\n");
  }
  EXPECT_FALSE(fs::exists(path));

  if (account) {
    fs::permissions(folder_.path(), fs::perms::owner_all);
    try {
      const PrivateFolder folder(account);
      FAIL();
    } catch (const ProcessError& error) {
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr(folder_.path().string()), HasSubstr(account->name), HasSubstr("TMPDIR")));
    }
    EXPECT_THAT(fs::is_empty(folder_.path()), true);
  }
}

TEST_F(PrivateFolders, AreSweptWhenTheirProgramIsGone) {
  const auto left = leftover();
  ASSERT_TRUE(fs::exists(left / "data/base/1"));
  const PrivateFolder live;
  EXPECT_THAT(sweep_leftovers(), ElementsAre(left));
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(live.path()));
  EXPECT_THAT(sweep_leftovers(), IsEmpty());
}

TEST_F(PrivateFolders, OfOthersAreNotSwept) {
  const auto left = leftover();
  const auto kept = folder_ / "kept";
  fs::rename(left, kept);
  // The name alone does not make it ours, nor does a symlink to one that is.
  fs::create_directory(folder_ / "afterwrite-abcdef");
  std::ofstream(folder_ / "afterwrite-abcdef/precious") << "kept\n";
  fs::create_directory_symlink(kept, folder_ / "afterwrite-ghijkl");
  // Nor a marker that is no file, or that leads to one.
  fs::create_directories(folder_ / "afterwrite-mnopqr/.afterwrite");
  fs::create_directories(folder_ / "afterwrite-stuvwx");
  fs::create_symlink(kept / ".afterwrite", folder_ / "afterwrite-stuvwx/.afterwrite");
  EXPECT_THAT(sweep_leftovers(), IsEmpty());
  EXPECT_EQ(contents(folder_ / "afterwrite-abcdef/precious"), "kept\n");
  EXPECT_TRUE(fs::exists(kept / "data/base/1"));
  EXPECT_TRUE(fs::exists(folder_ / "afterwrite-mnopqr/.afterwrite"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "afterwrite-stuvwx/.afterwrite"));

  if (::geteuid() == 0) {
    fs::rename(kept, left);
    ASSERT_EQ(::chown((left / ".afterwrite").c_str(), 12345, 12345), 0);
    EXPECT_THAT(sweep_leftovers(), IsEmpty()) << "another user's marker";
    EXPECT_TRUE(fs::exists(left / "data/base/1"));
  }
}

}  // namespace
}  // namespace afterwrite
