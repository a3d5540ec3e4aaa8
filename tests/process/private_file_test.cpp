#include "harness/process/private_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/process/support.hpp"

namespace afterwrite {
namespace {

namespace fs = std::filesystem;

TEST(PrivateFiles, AreWrittenWholeForUsAlone) {
  const TestFolder folder;
  const fs::path file = folder / "secret";
  write_private_file(file, "a longer text", std::nullopt);
  write_private_file(file, "short", std::nullopt);
  EXPECT_EQ(contents(file), "short");
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(PrivateFiles, FollowNoLinkAndSayWhere) {
  const TestFolder folder;
  std::ofstream(folder / "precious") << "kept";
  fs::create_symlink(folder / "precious", folder / "secret");
  try {
    write_private_file(folder / "secret", "x", std::nullopt);
    FAIL();
  } catch (const ProcessError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr((folder / "secret").string()));
  }
  EXPECT_EQ(contents(folder / "precious"), "kept");
}

TEST(RandomPassword, IsLongAndAnotherEachTime) {
  EXPECT_THAT(random_password(), testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(random_password(), random_password());
}

}  // namespace
}  // namespace afterwrite
