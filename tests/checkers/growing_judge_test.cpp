#include "checkers/growing_judge.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "checkers/groups.hpp"
#include "tests/checkers/agreement.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/settings.hpp"

namespace afterwrite::oracle {
namespace {

/// What stands of all that was told: row, whose, key and line of each entry.
using Standing = std::multiset<std::string>;

std::string name_of(const Row& row, const Violation& entry, std::uint64_t line) {
  return short_name(row.guarantees) + "/" + short_name(row.scope) + "/" + row.group + " " +
         short_name(entry.guarantees) + " line " + std::to_string(line);
}

class Ledger : public GrowingJudge::Listener {
 public:
  void found(const History& part, const Judgement& /*judged*/, const Row& row, const Violation& entry) override {
    const std::uint64_t line = part.operations[entry.operation].line;
    standing.insert(name_of(row, entry, line));
    ++lines[line];
  }
  void taken_back(std::uint64_t line, const std::string& /*what*/) override {
    ++taken;
    --lines[line];
  }
  void put_in_doubt(std::uint64_t line, const std::string& /*what*/) override {
    ++doubted;
    --lines[line];
  }

  Standing standing;
  std::map<std::uint64_t, int> lines;  ///< how many entries stand at each
  std::size_t taken = 0;
  std::size_t doubted = 0;
};

/// However a history grows: what was told and not taken back are the entries of the whole.
TEST(GrowingJudge, TellsWhatTheWholeShows) {
  std::mt19937_64 random(1);
  std::size_t taken_back = 0;
  std::size_t doubted = 0;
  std::size_t told = 0;
  for (int run = 0; run < 1500; ++run) {
    const Flavour flavour = run % 3 == 0 ? Flavour::chaos : run % 3 == 1 ? Flavour::simulated : Flavour::lists;
    const History whole = cook(random_recipe(random, flavour));
    Question asked = ask_everything(assumptions(run % 2 == 0 ? "wo" : "all"));
    Ledger ledger;
    GrowingJudge judge_of_part(asked, ledger);
    History grown = whole;
    grown.operations.clear();
    for (const Operation& operation : whole.operations) {
      grown.operations.push_back(operation);
      if (random() % 2 == 0) {
        judge_of_part.look(grown);
      }
    }
    judge_of_part.look(grown);
    ASSERT_TRUE(judge_of_part.has_seen_all(whole));
    asked.live = true;
    Standing expected;
    std::map<std::uint64_t, int> lines = ledger.lines;
    const Judgement judged = judge(whole, asked);
    for (const Row& row : judged.rows) {
      for (const Violation& entry : row.entries) {
        const std::uint64_t line = whole.operations[entry.operation].line;
        ASSERT_TRUE(ledger.standing.contains(name_of(row, entry, line))) << as_text(whole);
        --lines[line];
        ++told;
      }
    }
    for (const auto& [line, count] : lines) {
      ASSERT_EQ(count, 0) << "at line " << line << " of\n" << as_text(whole);
    }
    taken_back += ledger.taken;
    doubted += ledger.doubted;
  }
  EXPECT_GT(told, 1000U);
  EXPECT_GT(taken_back, 10U);
  EXPECT_GT(doubted, 10U);
}

/// Nothing contradicts a read of nothing when another key is deleted later; only, the delete of its own may not be
/// recorded yet.
TEST(GrowingJudge, ADeleteElsewhereContradictsNothing) {
  History grown;
  const auto add = [&](Function function, const std::string& session, const std::string& key, Value value) {
    Operation operation;
    operation.session = session;
    operation.function = function;
    operation.key = key;
    operation.value = std::move(value);
    operation.outcome = Outcome::ok;
    operation.invoke = static_cast<Nanoseconds>(2 * grown.operations.size());
    operation.complete = operation.invoke + 1;
    operation.line = grown.operations.size() + 1;
    grown.operations.push_back(operation);
  };
  Question asked;
  asked.guarantees = {only(Guarantee::read_your_writes)};
  Ledger ledger;
  GrowingJudge judge_of_part(asked, ledger);
  add(Function::write, "a", "x", std::int64_t{1});
  add(Function::read, "a", "x", {});
  judge_of_part.look(grown);
  EXPECT_EQ(ledger.standing.size(), 1U);
  add(Function::remove, "b", "other", {});
  judge_of_part.look(grown);
  EXPECT_EQ(ledger.taken, 0U);
  EXPECT_EQ(ledger.doubted, 1U);
  EXPECT_EQ(judge(grown, asked).rows.front().violations, 1U) << "the end tells";
}

/// One key among many grows: a look costs what that key costs.
TEST(GrowingJudge, JudgesWhatWasTouchedAlone) {
  class Sizes : public GrowingJudge::Listener {
   public:
    void found(const History& part, const Judgement& /*judged*/, const Row& /*row*/, const Violation&) override {
      largest = std::max(largest, part.operations.size());
      ++count;
    }
    void taken_back(std::uint64_t /*line*/, const std::string& /*what*/) override {}
    void put_in_doubt(std::uint64_t /*line*/, const std::string& /*what*/) override {}
    std::size_t largest = 0;
    std::size_t count = 0;
  } sizes;
  Question asked;
  asked.guarantees = {only(Guarantee::read_your_writes)};
  GrowingJudge judge_of_part(asked, sizes);
  History grown;
  Nanoseconds now = 0;
  const auto add = [&](Function function, const std::string& key, const char* value) {
    Operation operation;
    operation.session = "s";
    operation.function = function;
    operation.key = key;
    operation.value = std::string(value);
    operation.outcome = Outcome::ok;
    operation.invoke = operation.complete = ++now;
    grown.operations.push_back(operation);
  };
  for (int key = 0; key < 500; ++key) {
    add(Function::write, "k" + std::to_string(key), "a");
    add(Function::write, "k" + std::to_string(key), "b");
    judge_of_part.look(grown);
    add(Function::read, "k" + std::to_string(key), "a");
    judge_of_part.look(grown);
  }
  EXPECT_EQ(sizes.count, 500U);
  EXPECT_EQ(sizes.largest, 3U);
}

/// What a transaction did to other keys may tell when its operations were.
TEST(GrowingJudge, TransactionsTieKeysTogether) {
  class Sizes : public GrowingJudge::Listener {
   public:
    void found(const History& part, const Judgement& /*judged*/, const Row& /*row*/, const Violation&) override {
      size = part.operations.size();
    }
    void taken_back(std::uint64_t /*line*/, const std::string& /*what*/) override {}
    void put_in_doubt(std::uint64_t /*line*/, const std::string& /*what*/) override {}
    std::size_t size = 0;
  } sizes;
  GrowingJudge judge_of_all({}, sizes);
  History grown;
  for (const auto& [key, value] : {std::pair("x", "a"), {"x", "b"}, {"y", "c"}, {"x", "a"}}) {
    Operation operation;
    operation.session = "s";
    operation.function = grown.operations.size() < 3 ? Function::write : Function::read;
    operation.key = key;
    operation.value = std::string(value);
    operation.outcome = Outcome::ok;
    operation.txn = "t" + std::to_string(grown.operations.size());
    operation.invoke = operation.complete = static_cast<Nanoseconds>(grown.operations.size());
    grown.operations.push_back(operation);
    judge_of_all.look(grown);
  }
  EXPECT_EQ(sizes.size, 4U);
}

}  // namespace
}  // namespace afterwrite::oracle
