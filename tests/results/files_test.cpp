#include <algorithm>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "results/report_files.hpp"
#include "results/summary_text.hpp"
#include "tests/results/made_up.hpp"
#include "tests/results/private_folder.hpp"

namespace afterwrite {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ReportFiles write(const std::filesystem::path& folder, const MadeUp& made) {
  return write_reports(folder, made.history, made.judgement, summarise(made.history));
}

std::string complaint(const std::filesystem::path& folder, const MadeUp& made) {
  try {
    write(folder, made);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

/// No file may grow beyond `bytes` while this lives: a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(Files, AllAreWritten) {
  const PrivateFolder folder;
  const MadeUp made = any_replica_violated();
  const ReportFiles files = write(folder.path(), made);
  EXPECT_EQ(files.json, folder.path() / "report.json");
  EXPECT_EQ(nlohmann::json::parse(content_of(files.json)).at("verdict"), "violated");
  EXPECT_THAT(content_of(files.junit), StartsWith("<?xml"));
  EXPECT_EQ(content_of(files.text), summary_text(made.history, made.judgement, summarise(made.history),
                                                 {.colour = false, .folder = folder.path()}));
  EXPECT_THAT(content_of(files.page), StartsWith("<!DOCTYPE html>"));
  EXPECT_EQ(files_in(folder.path()), 4U);
}

TEST(Files, OldReportsAreReplaced) {
  const PrivateFolder folder;
  write(folder.path(), any_replica_violated());
  const ReportFiles files = write(folder.path(), version_token_held());
  EXPECT_EQ(nlohmann::json::parse(content_of(files.json)).at("verdict"), "held");
  EXPECT_EQ(files_in(folder.path()), 4U);
}

TEST(Files, AFullDiskLeavesTheOldOnesWhole) {
  const PrivateFolder folder;
  const ReportFiles files = write(folder.path(), version_token_held());
  const std::string json = content_of(files.json);
  const std::string junit = content_of(files.junit);
  const std::string text = content_of(files.text);
  const std::string page = content_of(files.page);
  std::string said;
  {
    const FullDisk full(1000);
    said = complaint(folder.path(), any_replica_violated());
  }
  EXPECT_THAT(said,
              AllOf(StartsWith("cannot write the report " + files.json.string() + ": "), HasSubstr("free some space")));
  EXPECT_EQ(content_of(files.json), json);
  EXPECT_EQ(content_of(files.junit), junit);
  EXPECT_EQ(content_of(files.text), text);
  EXPECT_EQ(content_of(files.page), page);
  EXPECT_EQ(files_in(folder.path()), 4U) << "nothing unfinished is left";
}

TEST(Files, AFullDiskThatHasRoomForTheOthersLeavesTheOldPageWhole) {
  const PrivateFolder folder;
  const ReportFiles files = write(folder.path(), version_token_held());
  const std::string page = content_of(files.page);
  std::string said;
  {
    const FullDisk full(100'000);
    said = complaint(folder.path(), any_replica_violated());
  }
  EXPECT_THAT(said, HasSubstr("cannot write the report " + files.page.string()));
  EXPECT_EQ(nlohmann::json::parse(content_of(files.json)).at("verdict"), "violated");
  EXPECT_EQ(content_of(files.page), page);
  EXPECT_EQ(files_in(folder.path()), 4U) << "nothing unfinished is left";
}

TEST(Files, AFolderThatIsNotThere) {
  const PrivateFolder folder;
  EXPECT_THAT(complaint(folder.path() / "absent", version_token_held()),
              HasSubstr("absent/report.json: No such file or directory; "));
}

TEST(Files, ANameThatIsTaken) {
  const PrivateFolder folder;
  std::filesystem::create_directory(folder.path() / "junit.xml");
  EXPECT_THAT(complaint(folder.path(), version_token_held()), HasSubstr("junit.xml: Is a directory; "));
  EXPECT_EQ(files_in(folder.path()), 2U);
}

}  // namespace
}  // namespace afterwrite
