#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/history/reader.hpp"

namespace afterwrite {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string header = R"({"kind":"header","schema":"afterwrite.history/1"})"
                           "\n";

std::string operation(int index, int complete) {
  return fmt::format(R"({{"kind":"op","i":{},"session":"s","f":"write","key":"k","value":{},"type":"ok",)"
                     R"("invoke":{},"complete":{}}})"
                     "\n",
                     index, index, complete - 1, complete);
}

std::string footer(int operations) {
  return fmt::format(R"({{"kind":"end","ops":{}}})"
                     "\n",
                     operations);
}

std::string complaint(const std::string& text) {
  try {
    read_history_text(text, "h.jsonl");
    return "";
  } catch (const BadHistory& bad) {
    return bad.what();
  }
}

TEST(BadOrder, AWholeHistoryIsFine) {
  const History history = read_history_text(header + operation(0, 5) + "\n  \r\n" + operation(1, 5) + footer(2), "x");
  EXPECT_FALSE(history.truncated);
  EXPECT_EQ(history.operations.at(1).line, 5U);
  EXPECT_TRUE(history.notes.empty());
}

TEST(BadOrder, Empty) {
  EXPECT_EQ(complaint(""), "h.jsonl: is empty; name a history that a run or your own program wrote");
  EXPECT_EQ(complaint("\n \n"), complaint(""));
  EXPECT_THAT(complaint("{\"kind\":\"hea"), StartsWith("h.jsonl: holds no whole line of a history"));
}

TEST(BadOrder, OperationsOutOfOrderOfCompletion) {
  EXPECT_THAT(complaint(header + operation(0, 7) + operation(1, 6)),
              StartsWith("h.jsonl:3: field 'complete': is 6, before that of the operation in line 2 (7)"));
}

TEST(BadOrder, JumpingNumbers) {
  EXPECT_THAT(complaint(header + operation(0, 5) + operation(2, 6)),
              StartsWith("h.jsonl:3: field 'i': is 2, after 1 operation: lines are missing"));
  EXPECT_THAT(complaint(header + operation(0, 5) + operation(0, 6)), HasSubstr("h.jsonl:3: field 'i'"));
  EXPECT_THAT(complaint(header + operation(1, 5)), HasSubstr("number from 0"));
}

TEST(BadOrder, Headers) {
  EXPECT_THAT(complaint(header + header), StartsWith("h.jsonl:2: a second header"));
  EXPECT_THAT(complaint(operation(0, 5) + header), StartsWith("h.jsonl:2: the header stands here"));
}

TEST(BadOrder, Footers) {
  EXPECT_THAT(complaint(operation(0, 5) + footer(2)), StartsWith("h.jsonl:2: field 'ops': is 2, after 1 operation:"));
  EXPECT_THAT(complaint(operation(0, 5) + footer(1) + operation(1, 6)),
              StartsWith("h.jsonl:3: stands after the footer"));
  EXPECT_THAT(complaint(operation(0, 5) + footer(1) + footer(1)), StartsWith("h.jsonl:3: stands after the footer"));
  EXPECT_THAT(complaint(operation(0, 5) + footer(1) + "{\"kind\":"), StartsWith("h.jsonl:3: not JSON"));
  EXPECT_EQ(complaint(operation(0, 5) + footer(1) + "\n\n"), "");
}

TEST(BadOrder, ATornLastLineIsLeftOutAndNoted) {
  for (const std::string& torn :
       {std::string("{\"kind\":\"op\",\"sess"), std::string(100, '\0'), std::string("\xc3")}) {
    const History history = read_history_text(header + operation(0, 5) + torn, "h.jsonl");
    EXPECT_TRUE(history.truncated);
    EXPECT_EQ(history.operations.size(), 1U);
    ASSERT_EQ(history.notes.size(), 1U);
    EXPECT_EQ(history.notes[0], fmt::format("line 3 was cut off in mid-write ({} bytes) and is left out", torn.size()));
    EXPECT_THAT(complaint(header + operation(0, 5) + torn + "\n"), StartsWith("h.jsonl:3: not"));
  }
}

TEST(BadOrder, AWholeLastLineWithoutItsLineFeedCounts) {
  std::string text = header + operation(0, 5) + operation(1, 6);
  text.pop_back();
  const History history = read_history_text(text, "h.jsonl");
  EXPECT_EQ(history.operations.size(), 2U);
  EXPECT_TRUE(history.truncated);
  EXPECT_TRUE(history.notes.empty());
}

TEST(BadOrder, MarksAndLineEndsOfOtherSystems) {
  std::string text = "\xEF\xBB\xBF" + header + operation(0, 5);
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
    text.insert(at, "\r");
  EXPECT_EQ(read_history_text(text, "x").operations.size(), 1U);
}

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "afterwrite-history-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string complaint_of(const std::filesystem::path& file) {
    try {
      read_history(file);
      return "";
    } catch (const BadHistory& bad) {
      return bad.what();
    }
  }

  std::filesystem::path folder_;
};

TEST_F(Files, AreReadAndNamed) {
  const auto file = folder_ / "history.jsonl";
  std::ofstream(file) << header << operation(0, 5) << footer(1);
  const History history = read_history(file);
  EXPECT_EQ(history.name, file.string());
  EXPECT_EQ(history.operations.size(), 1U);
  std::ofstream(file) << header << "nonsense\n";
  EXPECT_THAT(complaint_of(file), StartsWith(file.string() + ":2: not JSON"));
}

TEST_F(Files, ThatAreNone) {
  EXPECT_THAT(complaint_of(folder_ / "absent"),
              StartsWith((folder_ / "absent").string() + ": cannot be read: No such file or directory; name a"));
  EXPECT_THAT(complaint_of(folder_), HasSubstr("is a folder; name the history.jsonl in it"));
}

}  // namespace
}  // namespace afterwrite
