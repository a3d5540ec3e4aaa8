// The checkers against the oracle on random histories.

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/checkers/agreement.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/settings.hpp"

namespace afterwrite::oracle {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

struct Assumed {
  const char* name;
  Flavour flavour;
  const char* assume;
};

class CheckersAgreeWithOracle : public testing::TestWithParam<Assumed> {};

TEST_P(CheckersAgreeWithOracle, OnRandomHistories) {
  const std::uint64_t runs = from_environment("AFTERWRITE_PROPERTY_RUNS", 10'000) / 8;
  std::mt19937_64 random(from_environment("AFTERWRITE_PROPERTY_SEED", 1));
  const Assumptions assume = assumptions(GetParam().assume);
  const auto compare = [&](const Recipe& recipe) {
    const History history = cook(recipe);
    return recipe.flavour == Flavour::lists ? list_disagreements(history, assume) : disagreements(history, assume);
  };
  for (std::uint64_t run = 0; run < runs; ++run) {
    const Recipe recipe = random_recipe(random, GetParam().flavour);
    if (!compare(recipe).empty()) {
      const Recipe smallest = shrink(recipe, [&](const Recipe& other) { return !compare(other).empty(); });
      FAIL() << "run " << run << "\n" << as_text(cook(smallest)) << compare(smallest).substr(0, 1500);
    }
  }
}

constexpr Assumed settings[] = {
    {"ChaosNone", Flavour::chaos, "none"},
    {"ChaosWriterOrder", Flavour::chaos, "wo"},
    {"ChaosWriterOrderOneClock", Flavour::chaos, "wo+oc"},
    {"ChaosAll", Flavour::chaos, "all"},
    {"SimulatedNone", Flavour::simulated, "none"},
    {"SimulatedWriterOrder", Flavour::simulated, "wo"},
    {"SimulatedWriterOrderOneClock", Flavour::simulated, "wo+oc"},
    {"SimulatedAll", Flavour::simulated, "all"},
    {"ListsNone", Flavour::lists, "none"},
    {"ListsOneClock", Flavour::lists, "oc"},
};
INSTANTIATE_TEST_SUITE_P(Assuming, CheckersAgreeWithOracle, testing::ValuesIn(settings),
                         [](const auto& chosen) { return std::string(chosen.param.name); });

}  // namespace
}  // namespace afterwrite::oracle
