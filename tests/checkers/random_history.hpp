#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "harness/history/history.hpp"

namespace afterwrite::oracle {

/// How a random history comes about.
enum class Flavour {
  chaos,      ///< any read may return anything: most break something
  simulated,  ///< a store with a log, lagging nodes, at times a failover that loses writes: many hold
  lists,      ///< the same store, with appends
  jumbled,    ///< lists of which elements are missing, moved, twice there, or nobody's
};

/// Whether the keys hold lists.
inline bool has_lists(Flavour flavour) {
  return flavour == Flavour::lists || flavour == Flavour::jumbled;
}

/// What a history is cooked from. Any bytes are a recipe, so steps can be left out and bytes made smaller to find the
/// smallest history that still shows a disagreement.
struct Recipe {
  using Step = std::array<std::uint8_t, 12>;
  Flavour flavour = Flavour::chaos;
  bool transactions = false;  ///< some operations are parts of transactions
  bool fine_clock = false;    ///< no two moments of operations are the same
  Step shape{};               ///< of the whole: sessions, users, keys, what is recorded
  std::vector<Step> steps;
};

/// Draws up to `most_steps` operations. The same generator state gives the same recipe on every platform.
Recipe random_recipe(std::mt19937_64& random, Flavour flavour, std::size_t most_steps = 14);

/// At most three sessions of at most two users, at most two keys with at most seven versions each, the initial
/// one among them; file in order of completion, times from 0 with many ties unless the clock is fine.
History cook(const Recipe& recipe);

/// The same history by a clock so fine that no two moments of operations are the same: what one line ends, a later line
/// begins afterwards.
void part_equal_moments(History& history);

/// The smallest recipe, found step by step, that `fails` still holds for. `recipe` itself must be one.
Recipe shrink(Recipe recipe, const std::function<bool(const Recipe&)>& fails);

/// The history as lines of history.jsonl.
std::string as_text(const History& history);

}  // namespace afterwrite::oracle
