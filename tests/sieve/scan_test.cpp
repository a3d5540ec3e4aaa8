// However a file is cut into blocks and shared out, a pass over it sees what the reader sees.

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "harness/history/reader.hpp"
#include "harness/history/scan/file_scan.hpp"
#include "harness/history/scan/selected_operations.hpp"
#include "tests/run/temporary_folder.hpp"

namespace afterwrite {
namespace {

class ScannedFile : public testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(file_, std::ios::binary) << text; }

  fake::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "history.jsonl";
};

std::string line(int number, const std::string& key, const std::string& filling = "") {
  return R"({"kind":"op","session":"s)" + std::to_string(number % 3) + R"(","f":"write","key":")" + key +
         R"(","value":)" + std::to_string(number) + R"(,"type":"ok","invoke":)" + std::to_string(number) +
         R"(,"complete":)" + std::to_string(number) + R"(,"note":")" + filling + "\"}\n";
}

/// Keys in the order in which each owner was given them.
class Recorder : public ScanConsumer {
 public:
  explicit Recorder(unsigned owners) : values(owners) {}
  void take(unsigned owner, const ScannedBlock& /*block*/, const OwnedOperations& operations) override {
    for (const ScannedOperation* one : operations)
      values[owner].push_back(one->integer);
  }
  std::vector<std::vector<std::int64_t>> values;
};

TEST_F(ScannedFile, GivesEachOwnerItsOperationsInOrderWhateverTheBlocks) {
  std::string text = "{\"kind\":\"header\",\"system\":\"x\"}\n\n";
  for (int i = 0; i < 300; ++i)
    text += line(i, "k" + std::to_string(i % 7), std::string(i % 5 == 0 ? 200 : 0, 'x'));
  text += "  \n{\"kind\":\"end\",\"ops\":300}\n\n";
  write(text);
  for (const unsigned threads : {1U, 2U, 3U}) {
    for (const std::uint64_t bytes : {1U, 7U, 64U, 150U, 1000U, 1U << 20U}) {
      Recorder recorder(threads);
      const FileFacts facts = scan_file(FileBlocks(file_, bytes), threads, 3, recorder);
      EXPECT_EQ(facts.operations, 300U);
      EXPECT_EQ(facts.header.system, "x");
      EXPECT_FALSE(facts.truncated);
      std::vector<std::int64_t> all;
      for (const auto& values : recorder.values) {
        EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
        all.insert(all.end(), values.begin(), values.end());
      }
      std::sort(all.begin(), all.end());
      ASSERT_EQ(all.size(), 300U);
      EXPECT_EQ(all.back(), 299);
    }
  }
}

class Indexer : public ScanConsumer {
 public:
  explicit Indexer(std::uint64_t blocks) : index(blocks) {}
  void glance(unsigned /*thread*/, const ScannedBlock& block) override { index.add(block); }
  void take(unsigned owner, const ScannedBlock& block, const OwnedOperations& /*operations*/) override {
    if (owner == 0) index.place(block);
  }
  KeyIndex index;
};

TEST_F(ScannedFile, SelectedOperationsStandWhereTheyStoodInTheFile) {
  std::string text = "\n";
  for (int i = 0; i < 1000; ++i)
    text += line(i, "k" + std::to_string(i % 7)) + (i % 10 == 0 ? "\n" : "");
  write(text);
  const History whole = read_history(file_);
  for (const unsigned threads : {1U, 2U}) {
    History some;
    const FileBlocks blocks(file_, 3000);
    Indexer indexer(blocks.count());
    scan_file(blocks, threads, 3, indexer);
    read_selected(blocks, indexer.index, 3, {"k3", "k5"}, some);
    ASSERT_EQ(some.operations.size(), some.places.size());
    ASSERT_GT(some.operations.size(), 200U);
    for (std::size_t i = 0; i < some.operations.size(); ++i) {
      const Operation& expected = whole.operations.at(some.places[i]);
      EXPECT_EQ(some.operations[i].line, expected.line);
      EXPECT_EQ(some.operations[i].value, expected.value);
      EXPECT_EQ(some.operations[i].key, expected.key);
    }
  }
}

TEST_F(ScannedFile, ThatIsNotPlainIsLeftToTheReader) {
  const std::string good = line(1, "k") + line(2, "k");
  for (const std::string& text :
       {std::string(), std::string("\n\n"), good + "{\"kind\":\"end\",\"ops\":3}\n", good + line(1, "k"),
        good + "{\"kind\":\"end\",\"ops\":2}\n" + line(3, "k"), good + "{\"kind\":\"header\"}\n", good + "{}\n",
        good + "{\"kind\":\"lag\",\"time\":1,\"node\":\"n\",\"lag_ms\":-1}\n", good + "\x80\n",
        "{\"kind\":\"lag\",\"time\":1,\"node\":\"n\",\"lag_ms\":0}\n{\"kind\":\"header\"}\n" + good,
        std::string("{\"kind")}) {
    write(text);
    Recorder recorder(2);
    EXPECT_THROW(scan_file(FileBlocks(file_, 100), 2, 3, recorder), NotPlain) << text;
  }
  EXPECT_THROW(FileBlocks("/dev/null"), NotPlain);
  EXPECT_THROW(FileBlocks(folder_ / "nothing"), NotPlain);
}

TEST_F(ScannedFile, GivesFaultEventsAndLagSamplesInTheirPlaces) {
  std::string text;
  for (int i = 1; i <= 50; ++i) {
    text += line(i, "k");
    text += R"({"kind":"lag","time":)" + std::to_string(i) + R"(,"node":"n","lag_ms":)" + std::to_string(i) + "}\n";
    if (i % 9 == 0)
      text += R"({"kind":"fault","time":)" + std::to_string(i) +
              R"(,"fault":"stall","phase":"start"})"
              "\n";
  }
  write(text);
  const History whole = read_history(file_);
  Recorder recorder(2);
  const FileFacts facts = scan_file(FileBlocks(file_, 100), 2, 3, recorder);
  ASSERT_EQ(facts.lags.size(), 50U);
  ASSERT_EQ(facts.faults.size(), 5U);
  for (std::size_t i = 0; i < facts.lags.size(); ++i) {
    EXPECT_EQ(facts.lags[i].line, whole.lags[i].line);
    EXPECT_EQ(facts.lags[i].time, whole.lags[i].time);
  }
  for (std::size_t i = 0; i < facts.faults.size(); ++i)
    EXPECT_EQ(facts.faults[i].line, whole.faults[i].line);
}

TEST_F(ScannedFile, ThatWasCutOffSaysWhere) {
  write(line(1, "k") + line(2, "k") + "{\"kind\":\"o");
  Recorder recorder(1);
  const FileFacts facts = scan_file(FileBlocks(file_, 50), 1, 3, recorder);
  EXPECT_TRUE(facts.truncated);
  EXPECT_EQ(facts.notes, read_history(file_).notes);
}

/// Whatever goes wrong in one thread comes out, and nobody waits for it.
TEST_F(ScannedFile, PassesOnWhatAConsumerThrows) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += line(i, "k" + std::to_string(i));
  write(text);
  class Thrower : public ScanConsumer {
   public:
    void take(unsigned owner, const ScannedBlock& block, const OwnedOperations& /*operations*/) override {
      if (owner == 1 && block.lines_before > 100) throw std::runtime_error("enough");
    }
  } thrower;
  EXPECT_THROW(scan_file(FileBlocks(file_, 500), 2, 3, thrower), std::runtime_error);
}

}  // namespace
}  // namespace afterwrite
