// The file that --out names: whole, or not there.

#include "harness/cli/new_file.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/session/errors.hpp"
#include "tests/results/private_folder.hpp"

namespace afterwrite {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class ANewFile : public ::testing::Test {
 protected:
  std::string path() const { return (folder_.path() / "out").string(); }
  bool empty() const { return std::filesystem::is_empty(folder_.path()); }

  PrivateFolder folder_;
};

using ANewFileDeathTest = ANewFile;

TEST_F(ANewFile, HasItsNameOnceItIsWhole) {
  NewFile file(path());
  file.write("half");
  EXPECT_FALSE(std::filesystem::exists(path()));
  file.write(" and half");
  file.finish();
  EXPECT_EQ(content_of(path()), "half and half");
}

TEST_F(ANewFile, IsGoneUnlessItIsFinished) {
  {
    NewFile file(path());
    file.write("half");
  }
  EXPECT_TRUE(empty());
}

TEST_F(ANewFile, DoesNotTakeTheNameOfWhatCameMeanwhile) {
  {
    NewFile file(path());
    std::ofstream(path()) << "precious";
    EXPECT_THAT([&] { file.finish(); }, ThrowsMessage<UsageError>(HasSubstr("is there already")));
  }
  EXPECT_EQ(content_of(path()), "precious");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(ANewFile, IsNotWrittenThroughALinkToNowhere) {
  std::filesystem::create_symlink("nowhere", path());
  EXPECT_THAT([&] { NewFile file(path()); }, ThrowsMessage<UsageError>(HasSubstr("is there already")));
}

TEST_F(ANewFileDeathTest, IsRemovedBeforeASignalEndsTheProcess) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const auto interrupted = [&] {
      NewFile file(path());
      file.write("half");
      std::raise(signal);
    };
    EXPECT_EXIT(interrupted(), ::testing::KilledBySignal(signal), "");
    EXPECT_TRUE(empty());
  }
}

TEST_F(ANewFileDeathTest, IsFinishedWhereTheSignalIsIgnored) {
  const auto hung_up = [&] {
    std::signal(SIGHUP, SIG_IGN);
    NewFile file(path());
    std::raise(SIGHUP);
    file.finish();
    std::_Exit(7);
  };
  EXPECT_EXIT(hung_up(), ::testing::ExitedWithCode(7), "");
  EXPECT_TRUE(std::filesystem::exists(path()));
}

}  // namespace
}  // namespace afterwrite
