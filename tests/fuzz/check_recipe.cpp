// Bytes as the recipe of a history (tests/checkers/random_history.hpp), so that every input is one: the checkers against the oracle, guided by
// what the checkers' code does. The first byte chooses the kind of history, the assumptions, whether there are transactions, and whether
// `causal` is asked for too.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>

#include "checkers/judge.hpp"
#include "tests/checkers/agreement.hpp"
#include "tests/checkers/causal_oracle.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/whole_steps.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace afterwrite::fuzz {
namespace {

void require_agreement_on_causal(const History& history, const Assumptions& assume) {
  Question question;
  question.guarantees = {only(Guarantee::causal)};
  question.scopes = {Scope::session, Scope::user, Scope::process};
  question.assume = assume;
  question.min_at_risk = 0;
  Judgement judgement = judge(history, question);
  const oracle::WholeSteps whole = oracle::whole_steps(history);
  whole.lead(judgement);
  for (const Row& row : judgement.rows) {
    std::set<std::size_t> accused;
    for (const Violation& violation : row.entries) {
      accused.insert(violation.operation);
      for (const Repeat& repeat : violation.repeats) accused.insert(repeat.operation);
    }
    const oracle::CausalAnswer answer =
        oracle::judge_causally(whole.history, row.scope, has(assume, Assumption::one_clock));
    const bool same = accused == answer.broken && answer.violated == !accused.empty() &&
                      (row.verdict == Verdict::violated) == answer.violated && row.decided == answer.decided.size() &&
                      row.at_risk <= answer.at_risk.size();
    require(same, fmt::format("causal at scope {}, accused {} (oracle {}), {} (oracle {}), decided {} (oracle {}), at risk {} (oracle {})\n{}",
                              to_string(row.scope), fmt::join(accused, " "), fmt::join(answer.broken, " "), to_string(row.verdict),
                              answer.violated ? "violated" : "not", row.decided, answer.decided.size(), row.at_risk,
                              answer.at_risk.size(), oracle::as_text(history)));
  }
}

}  // namespace
}  // namespace afterwrite::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace afterwrite;
  constexpr std::size_t step = std::tuple_size_v<oracle::Recipe::Step>;
  constexpr std::size_t most_steps = 14;
  if (size < 1 + step) return 0;
  oracle::Recipe recipe;
  recipe.flavour = static_cast<oracle::Flavour>(data[0] % 4U);
  const Assumptions assume(data[0] / 4U % 8U);
  recipe.transactions = (data[0] & 0x20U) != 0;
  std::copy_n(data + 1, step, recipe.shape.begin());
  for (std::size_t at = 1 + step; at + step <= size && recipe.steps.size() < most_steps; at += step) {
    std::copy_n(data + at, step, recipe.steps.emplace_back().begin());
  }
  const History history = oracle::cook(recipe);
  const std::string found = oracle::has_lists(recipe.flavour)
                                ? oracle::list_disagreements(history, assume, oracle::Evidence::checked)
                                : oracle::disagreements(history, assume, oracle::Evidence::checked);
  fuzz::require(found.empty(), found + "\n" + oracle::as_text(history));
  if (data[0] & 0x40U) fuzz::require_agreement_on_causal(history, assume);
  return 0;
}
