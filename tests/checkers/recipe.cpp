#include <algorithm>
#include <rapidcheck/shrink/Shrink.h>
#include <vector>

#include "harness/history/writer.hpp"
#include "tests/checkers/random_history.hpp"

namespace afterwrite::oracle {

Recipe random_recipe(std::mt19937_64& random, Flavour flavour, std::size_t most_steps) {
  Recipe recipe;
  recipe.flavour = flavour;
  const auto fill = [&random](Recipe::Step& step) {
    for (std::uint8_t& byte : step) {
      byte = static_cast<std::uint8_t>(random() >> 32U);
    }
  };
  fill(recipe.shape);
  recipe.steps.resize(4 + random() % (most_steps - 3));
  for (Recipe::Step& step : recipe.steps) {
    fill(step);
  }
  return recipe;
}

Recipe shrink(Recipe recipe, const std::function<bool(const Recipe&)>& fails) {
  const auto smaller_step = [](const Recipe::Step& step) {
    return rc::shrink::eachElement(std::vector<std::uint8_t>(step.begin(), step.end()),
                                   [](std::uint8_t byte) { return rc::shrink::towards(byte, std::uint8_t{0}); });
  };
  for (bool again = true; again;) {
    again = false;
    const auto try_out = [&](const Recipe& smaller) {
      again = fails(smaller);
      if (again) {
        recipe = smaller;
      }
      return again;
    };
    const auto with_step = [&](std::size_t index, const std::vector<std::uint8_t>& bytes) {
      Recipe smaller = recipe;
      Recipe::Step& step = index == recipe.steps.size() ? smaller.shape : smaller.steps[index];
      std::copy(bytes.begin(), bytes.end(), step.begin());
      return smaller;
    };
    auto fewer = rc::shrink::removeChunks(recipe.steps);
    for (auto steps = fewer.next(); steps && !again; steps = fewer.next()) {
      Recipe smaller = recipe;
      smaller.steps = *steps;
      try_out(smaller);
    }
    for (std::size_t index = 0; index <= recipe.steps.size() && !again; ++index) {
      auto smaller = smaller_step(index == recipe.steps.size() ? recipe.shape : recipe.steps[index]);
      for (auto bytes = smaller.next(); bytes && !again; bytes = smaller.next()) {
        try_out(with_step(index, *bytes));
      }
    }
  }
  return recipe;
}

void part_equal_moments(History& history) {
  std::vector<Nanoseconds*> moments;
  for (Operation& operation : history.operations) {
    moments.push_back(&operation.invoke);
    moments.push_back(&operation.complete);
  }
  const auto step = static_cast<Nanoseconds>(moments.size());
  // In the order of the file, an operation's beginning before its end: this is what parts those that were the same.
  for (std::size_t i = 0; i < moments.size(); ++i)
    *moments[i] = *moments[i] * step + static_cast<Nanoseconds>(i);
  for (LagSample& sample : history.lags) {
    sample.time *= step;
    if (sample.beat_acknowledged) *sample.beat_acknowledged *= step;
  }
}

std::string as_text(const History& history) {
  std::string text;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    append_operation_line(text, history.operations[i], i);
    text += text.empty() || text.back() == '\n' ? "" : "\n";
  }
  for (const LagSample& sample : history.lags) {
    text += lag_line(sample) + "\n";
  }
  return text;
}

}  // namespace afterwrite::oracle
