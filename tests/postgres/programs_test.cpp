#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/postgres/postgres.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::postgres {
namespace {

using ::testing::HasSubstr;

/// A folder with programs that say they are PostgreSQL of some version.
class ProgramsFolder {
 public:
  explicit ProgramsFolder(const std::string& version) {
    char pattern[] = "/tmp/afterwrite-test-XXXXXX";
    path_ = mkdtemp(pattern);
    for (const char* name : {"initdb", "postgres", "pg_basebackup"}) {
      std::ofstream(path_ / name) << "#!/bin/sh\necho '" << name << " (PostgreSQL) " << version << "'\n";
      std::filesystem::permissions(path_ / name, std::filesystem::perms::owner_all);
    }
  }
  ProgramsFolder(const ProgramsFolder&) = delete;
  ProgramsFolder& operator=(const ProgramsFolder&) = delete;
  ~ProgramsFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string refusal_of(const std::filesystem::path& folder) {
  try {
    find_programs(folder);
    return "";
  } catch (const EnvironmentError& error) {
    return error.what();
  }
}

TEST(FindPrograms, AFolderWithoutThemIsNamed) {
  EXPECT_THAT(refusal_of("/no/such/folder"), HasSubstr("--pg-bin /no/such/folder"));
}

TEST(FindPrograms, ReadsTheVersion) {
  const ProgramsFolder folder("17.2 (Debian 17.2-1)");
  const Programs programs = find_programs(folder.path());
  EXPECT_EQ(programs.major_version, 17);
  EXPECT_EQ(programs.version, "postgres (PostgreSQL) 17.2 (Debian 17.2-1)");
  EXPECT_EQ(programs.initdb, folder.path() / "initdb");
}

TEST(FindPrograms, TooOldIsRefused) {
  const ProgramsFolder folder("11.22");
  EXPECT_THAT(refusal_of(folder.path()), HasSubstr("PostgreSQL 14 or newer"));
}

TEST(FindPrograms, ThePathIsAskedBeforeDebiansFolders) {
  const ProgramsFolder folder("16.1");
  const std::string before = std::getenv("PATH");
  setenv("PATH", (folder.path().string() + ":" + before).c_str(), 1);
  const Programs programs = find_programs("");
  setenv("PATH", before.c_str(), 1);
  EXPECT_EQ(programs.postgres, folder.path() / "postgres");
}

}  // namespace
}  // namespace afterwrite::postgres
