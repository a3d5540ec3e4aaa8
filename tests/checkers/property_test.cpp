// The checkers against the oracle on random histories, for each guarantee and joint set, each scope and each set of
// assumptions. AFTERWRITE_PROPERTY_RUNS sets how many histories for each set of assumptions, AFTERWRITE_PROPERTY_SEED
// which ones.

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

std::string compare(const Recipe& recipe, const Assumptions& assume, Evidence evidence, Tally* tally = nullptr) {
  const History history = cook(recipe);
  return has_lists(recipe.flavour) ? list_disagreements(history, assume, evidence, tally)
                                   : disagreements(history, assume, evidence, tally);
}

/// Stops at the first disagreement and shows the smallest history that has one. The evidence of every tenth is looked
/// at.
void agree_on(const std::vector<Flavour>& flavours, const Assumptions& assume, Tally& tally) {
  const std::uint64_t runs = from_environment("AFTERWRITE_PROPERTY_RUNS", histories(100'000));
  const std::uint64_t seed = from_environment("AFTERWRITE_PROPERTY_SEED", 1);
  std::mt19937_64 random(seed);
  for (std::uint64_t run = 0; run < runs; ++run) {
    Recipe recipe = random_recipe(random, flavours[run % flavours.size()]);
    recipe.transactions = run % 4 == 3;
    recipe.fine_clock = run / 12 % 2 == 1;
    const Evidence evidence = run % 10 == 0 ? Evidence::checked : Evidence::believed;
    if (!compare(recipe, assume, evidence, &tally).empty()) {
      const Recipe smallest =
          shrink(recipe, [&](const Recipe& other) { return !compare(other, assume, evidence).empty(); });
      FAIL() << "AFTERWRITE_PROPERTY_SEED=" << seed << ", run " << run << "\n"
             << as_text(cook(smallest)) << compare(smallest, assume, evidence).substr(0, 1500);
    }
  }
}

/// A row that is never violated, or always, tests nothing; nor does one that is never held with something at risk.
void expect_every_verdict(const Tally& tally, const Assumptions& assume) {
  EXPECT_EQ(tally.rows.size(), 45U);
  for (const auto& [row, verdicts] : tally.rows) {
    // What a user's sessions did cannot be compared without one clock: never held.
    const bool clocks_apart = row.ends_with(" user") && !has(assume, Assumption::one_clock);
    EXPECT_GE(verdicts.violated, tally.histories / 50) << row;
    EXPECT_LE(verdicts.violated, tally.histories - tally.histories / 50) << row;
    if (clocks_apart) {
      EXPECT_EQ(verdicts.held, 0U) << row;
    } else {
      EXPECT_GE(verdicts.held, tally.histories / 100) << row;
    }
  }
}

std::string name_of(const testing::TestParamInfo<const char*>& chosen) {
  std::string name = chosen.param;
  std::replace(name.begin(), name.end(), '+', '_');
  return name;
}

class OnRegisters : public testing::TestWithParam<const char*> {};

TEST_P(OnRegisters, CheckersAgreeWithOracle) {
  Tally tally;
  ASSERT_NO_FATAL_FAILURE(
      agree_on({Flavour::chaos, Flavour::chaos, Flavour::simulated}, assumptions(GetParam()), tally));
  expect_every_verdict(tally, assumptions(GetParam()));
  EXPECT_GE(tally.rows["ryw+mr session"].own, tally.histories / 500);
  for (const auto& [row, verdicts] : tally.rows) {
    // With writer-order, what monotonic-writes asks for is taken for granted; with realtime-writes, what
    // writes-follow-reads does. So only without them each joint row has violations that need several of its guarantees.
    if (assumptions(GetParam()).none()) {
      EXPECT_GE(verdicts.own, tally.histories / 10'000) << row << ": violations of its own";
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Assuming, OnRegisters, testing::Values("none", "wo", "wo+oc", "rt+oc", "all"), name_of);

class OnLists : public testing::TestWithParam<const char*> {};

TEST_P(OnLists, CheckersAgreeWithOracle) {
  Tally tally;
  ASSERT_NO_FATAL_FAILURE(agree_on({Flavour::lists, Flavour::jumbled}, assumptions(GetParam()), tally));
  expect_every_verdict(tally, assumptions(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(Assuming, OnLists, testing::Values("none", "oc"), name_of);

}  // namespace
}  // namespace afterwrite::oracle
