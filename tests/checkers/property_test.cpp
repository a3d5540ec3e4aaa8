// The checkers against the oracle on random histories. AFTERWRITE_PROPERTY_RUNS sets how many (10,000),
// AFTERWRITE_PROPERTY_SEED which ones.

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

#include "tests/checkers/agreement.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/settings.hpp"

namespace afterwrite::oracle {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

std::string compare(const Recipe& recipe, const Assumptions& assume, Tally* tally = nullptr) {
  const History history = cook(recipe);
  return recipe.flavour == Flavour::lists ? list_disagreements(history, assume, tally)
                                          : disagreements(history, assume, tally);
}

/// Stops at the first disagreement and shows the smallest history that has one.
void agree_on(std::uint64_t runs, const std::vector<Flavour>& flavours, const Assumptions& assume, Tally& tally) {
  std::mt19937_64 random(from_environment("AFTERWRITE_PROPERTY_SEED", 1));
  for (std::uint64_t run = 0; run < runs; ++run) {
    const Recipe recipe = random_recipe(random, flavours[run % flavours.size()]);
    if (!compare(recipe, assume, &tally).empty()) {
      const Recipe smallest = shrink(recipe, [&](const Recipe& other) { return !compare(other, assume).empty(); });
      FAIL() << "run " << run << "\n" << as_text(cook(smallest)) << compare(smallest, assume).substr(0, 1500);
    }
  }
}

/// A row that is never violated, or always, tests nothing.
void expect_both_verdicts(const Tally& tally, std::size_t rows) {
  EXPECT_EQ(tally.violated.size(), rows);
  for (const auto& [row, violated] : tally.violated) {
    EXPECT_GE(violated, tally.histories / 50) << row;
    EXPECT_LE(violated, tally.histories - tally.histories / 50) << row;
  }
}

class CheckersAgreeWithOracle : public testing::TestWithParam<const char*> {};

TEST_P(CheckersAgreeWithOracle, OnRandomRegisters) {
  Tally tally;
  ASSERT_NO_FATAL_FAILURE(agree_on(from_environment("AFTERWRITE_PROPERTY_RUNS", 10'000) / 4,
                                   {Flavour::chaos, Flavour::chaos, Flavour::simulated}, assumptions(GetParam()),
                                   tally));
  expect_both_verdicts(tally, 45);
  EXPECT_GE(tally.own["ryw+mr session"], tally.histories / 500) << "violations that need both guarantees";
}

INSTANTIATE_TEST_SUITE_P(Assuming, CheckersAgreeWithOracle, testing::Values("none", "wo", "wo+oc", "all"),
                         [](const auto& chosen) {
                           std::string name = chosen.param;
                           std::replace(name.begin(), name.end(), '+', '_');
                           return name;
                         });

TEST(CheckersAgreeOnLists, WithOracle) {
  for (const char* assume : {"none", "oc"}) {
    Tally tally;
    ASSERT_NO_FATAL_FAILURE(agree_on(from_environment("AFTERWRITE_PROPERTY_RUNS", 10'000) / 4, {Flavour::lists},
                                     assumptions(assume), tally));
    expect_both_verdicts(tally, 9);
  }
}

}  // namespace
}  // namespace afterwrite::oracle
