#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

#include "harness/history/reader.hpp"
#include "harness/history/writer.hpp"

namespace afterwrite {
namespace {

const std::string root = AFTERWRITE_SOURCE_DIR;
const std::string golden_file = root + "/tests/history/golden/history.jsonl";

std::string content(const std::string& file) {
  std::ifstream stream(file);
  EXPECT_TRUE(stream) << file;
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// The contents of the blocks that a Markdown file marks as ```jsonl, in order.
std::vector<std::string> example_blocks(const std::string& markdown) {
  std::vector<std::string> blocks;
  const std::string opening = "```jsonl\n";
  for (std::size_t at = 0; (at = markdown.find(opening, at)) != std::string::npos;) {
    at += opening.size();
    blocks.push_back(markdown.substr(at, markdown.find("```", at) - at));
  }
  return blocks;
}

/// Reading the file and writing what was read gives the same bytes.
TEST(Golden, TheWriterWritesWhatTheReaderRead) {
  const History history = read_history(golden_file);
  std::map<std::uint64_t, std::string> lines{{1, header_line(history.header)}};
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    append_operation_line(lines[history.operations[i].line], history.operations[i], i);
  }
  for (const FaultEvent& event : history.faults)
    lines[event.line] = fault_line(event);
  for (const LagSample& sample : history.lags)
    lines[sample.line] = lag_line(sample);
  std::string text;
  for (const auto& [number, line] : lines)
    text += line + "\n";
  text += footer_line(history.operations.size()) + "\n";
  EXPECT_EQ(text, content(golden_file));
}

TEST(Golden, IsUnderstood) {
  const History history = read_history(golden_file);
  EXPECT_FALSE(history.truncated);
  EXPECT_TRUE(history.notes.empty());
  EXPECT_EQ(history.header.policy, "any-replica");
  EXPECT_EQ(history.header.all.at("min_at_risk"), 30);
  ASSERT_EQ(history.operations.size(), 10U);
  EXPECT_EQ(history.operations[2].version, (RecordedVersion{1, 7}));
  EXPECT_EQ(history.operations[3].role, Role::follower);
  EXPECT_TRUE(is_null(history.operations[4].value));
  EXPECT_EQ(history.operations[5].waited_ms, 210.4);
  EXPECT_TRUE(history.operations[5].fallback);
  EXPECT_EQ(history.operations[6].value, Value{std::int64_t{12}});
  EXPECT_EQ(history.operations[7].labels.at("route"), "/basket");
  EXPECT_EQ(history.operations[8].function, Function::remove);
  EXPECT_EQ(history.operations[9].outcome, Outcome::info);
  ASSERT_EQ(history.faults.size(), 3U);
  EXPECT_EQ(history.faults[1].phase, "proof");
  EXPECT_EQ(history.faults[1].episode, "lag-1");
  EXPECT_EQ(history.faults[1].detail.at("bit"), true);
  ASSERT_EQ(history.lags.size(), 3U);
  EXPECT_EQ(history.lags[1].beat_acknowledged, 647300000);
  EXPECT_FALSE(history.lags[2].reachable);
}

TEST(Golden, TheDocumentedFormatShowsThisFile) {
  const std::string golden = content(golden_file);
  const std::vector<std::string> blocks = example_blocks(content(root + "/docs/history-format.md"));
  ASSERT_GE(blocks.size(), 2U);
  EXPECT_EQ(blocks[0], golden);
  for (const std::string& block : blocks) {
    EXPECT_NE(("\n" + golden).find("\n" + block), std::string::npos) << "no part of the golden file:\n" << block;
  }
}

/// The promise of the document: any program can log a history in ten lines.
TEST(Golden, TheDocumentedSmallestHistoryReads) {
  const std::string page = content(root + "/docs/history-format.md");
  const std::string opening = "```json\n";
  const std::size_t at = page.find(opening);
  ASSERT_NE(at, std::string::npos);
  const std::string text = page.substr(at + opening.size(), page.find("```", at + 3) - at - opening.size());
  const History history = read_history_text(text, "smallest");
  EXPECT_EQ(history.operations.size(), 2U);
  EXPECT_TRUE(history.truncated);
}

}  // namespace
}  // namespace afterwrite
