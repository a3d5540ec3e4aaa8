// Bytes as the recipe of a history (tests/checkers/random_history.hpp), so that every input is one: the checkers against the oracle, guided by
// what the checkers' code does. The first byte chooses the kind of history and the assumptions.

#include <algorithm>

#include "tests/checkers/agreement.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/fuzz/fuzz_target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace afterwrite;
  constexpr std::size_t step = std::tuple_size_v<oracle::Recipe::Step>;
  constexpr std::size_t most_steps = 14;
  if (size < 1 + step) return 0;
  oracle::Recipe recipe;
  recipe.flavour = static_cast<oracle::Flavour>(data[0] % 3U);
  const Assumptions assume(data[0] / 4U % 8U);
  std::copy_n(data + 1, step, recipe.shape.begin());
  for (std::size_t at = 1 + step; at + step <= size && recipe.steps.size() < most_steps; at += step) {
    std::copy_n(data + at, step, recipe.steps.emplace_back().begin());
  }
  const History history = oracle::cook(recipe);
  const std::string found =
      recipe.flavour == oracle::Flavour::lists ? oracle::list_disagreements(history, assume, oracle::Evidence::checked)
                                               : oracle::disagreements(history, assume, oracle::Evidence::checked);
  fuzz::require(found.empty(), found + "\n" + oracle::as_text(history));
  return 0;
}
