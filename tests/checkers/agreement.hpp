#pragma once

#include <map>
#include <string>

#include "checkers/judge.hpp"
#include "harness/history/history.hpp"

namespace afterwrite::oracle {

/// The question that asks for all fifteen rows at every scope, with these assumptions and no minimum of at-risk reads.
Question ask_everything(const Assumptions& assume);

/// The row for these guarantees at this scope; null if there is none.
const Row* find_row(const Judgement& judgement, const Guarantees& guarantees, Scope scope);

/// How often each row got which verdict over many histories.
struct Tally {
  struct Verdicts {
    std::size_t violated = 0;
    std::size_t held = 0;  ///< with something at risk
    std::size_t own = 0;   ///< with entries of its own; differs for joint rows
  };
  std::size_t histories = 0;
  std::map<std::string, Verdicts> rows;  ///< by `row scope`

  void count(const Row& row);
};

/// Whether the evidence of each violation is looked at, which takes longer than all the rest, and the oracle checked
/// against itself.
enum class Evidence { believed, checked };

/// Has the checkers judge a history of registers and tells where they and the oracle disagree, and what is wrong with
/// the evidence; empty if all is well.
std::string disagreements(const History& history, const Assumptions& assume, Evidence evidence, Tally* tally = nullptr);

/// The same for a history of lists.
std::string list_disagreements(const History& history, const Assumptions& assume, Evidence evidence,
                               Tally* tally = nullptr);

}  // namespace afterwrite::oracle
