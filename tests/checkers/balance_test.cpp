// A row that is never violated, or always, tests nothing: the generators must show both verdicts of every row in number.

#include <gtest/gtest.h>

#include <map>

#include "tests/checkers/list_oracle.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/settings.hpp"

namespace afterwrite::oracle {
namespace {

TEST(RandomHistories, BreakAndKeepEveryRowInNumber) {
  constexpr int runs = 1500;
  std::mt19937_64 random(1);
  std::map<std::string, int> violated;
  std::map<std::string, int> own;
  int total = 0;
  for (int run = 0; run < runs; ++run) {
    for (const Flavour flavour : {Flavour::chaos, Flavour::simulated}) {
      const History history = cook(random_recipe(random, flavour));
      ++total;
      for (const char* assume : {"none", "wo", "wo+oc", "all"}) {
        for (const Scope scope : {Scope::session, Scope::user, Scope::process}) {
          for (const Guarantees& row : every_row()) {
            const Answer answer = judge_registers(history, {row, scope, assumptions(assume)});
            const std::string name = short_name(row) + " " + short_name(scope) + " " + assume;
            violated[name] += answer.violated ? 1 : 0;
            own[name] += answer.own.empty() ? 0 : 1;
          }
        }
      }
    }
  }
  for (const auto& [name, count] : violated) {
    printf("%s: %.1f%% own %.2f%%\n", name.c_str(), 100.0 * count / total, 100.0 * own[name] / total);
  }
}

}  // namespace
}  // namespace afterwrite::oracle
