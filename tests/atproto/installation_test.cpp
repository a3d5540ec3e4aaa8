// Where npm's packages are looked for, and when they are not taken for an installation.
#include "adapters/atproto/installation.hpp"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/atproto/boot_scripts.hpp"
#include "harness/process/private_folder.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::atproto {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class InstallationTest : public testing::Test {
 protected:
  InstallationTest() {
    if (const char* set = std::getenv("XDG_CACHE_HOME")) before_ = set;
    setenv("XDG_CACHE_HOME", caches_.path().c_str(), 1);
    write("node_modules/.package-lock.json", R"({"packages": {"node_modules/one": {}, "node_modules/@two/part": {}}})");
    write("node_modules/one/package.json", "{}");
    write("node_modules/@two/part/package.json", "{}");
    write("node", "");
    fs::permissions(folder_ / "node", fs::perms::owner_all);
  }
  ~InstallationTest() override {
    if (before_.empty())
      unsetenv("XDG_CACHE_HOME");
    else
      setenv("XDG_CACHE_HOME", before_.c_str(), 1);
  }

  void write(const char* name, const char* text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::string why_none() const {
    try {
      find_installation();
    } catch (const EnvironmentError& error) {
      return error.what();
    }
    return "";
  }

  const PrivateFolder caches_;
  const fs::path folder_ = caches_.path() / "afterwrite" / ("atproto-" + std::string(lock_hash()));
  std::string before_;
};

TEST_F(InstallationTest, IsFoundWhole) {
  EXPECT_EQ(find_installation().folder, folder_);
}

TEST_F(InstallationTest, OneThatHasLostAPackageIsNoneAndThePackageIsNamed) {
  fs::remove_all(folder_ / "node_modules/@two/part");
  EXPECT_THAT(why_none(), AllOf(HasSubstr("damaged"), HasSubstr("node_modules/@two/part"),
                                HasSubstr("rm -r " + folder_.string()), HasSubstr("install-atproto")));
}

TEST_F(InstallationTest, OneWithoutNpmsListIsNone) {
  fs::remove(folder_ / "node_modules/.package-lock.json");
  EXPECT_THAT(why_none(), HasSubstr("node_modules/.package-lock.json is missing"));
}

TEST_F(InstallationTest, OneThatIsNotThereIsToBeMade) {
  fs::remove_all(folder_);
  EXPECT_THAT(why_none(), AllOf(HasSubstr("not installed"), HasSubstr("install-atproto")));
}

}  // namespace
}  // namespace afterwrite::atproto
