#pragma once

#include <map>
#include <string>

#include "checkers/judge.hpp"
#include "harness/history/history.hpp"

namespace afterwrite::oracle {

/// The question that asks for all fifteen rows at every scope, with these assumptions and no minimum of at-risk reads.
Question ask_everything(const Assumptions& assume);

/// How often each row was violated over many histories, by `row scope`.
struct Tally {
  std::size_t histories = 0;
  std::map<std::string, std::size_t> violated;
  std::map<std::string, std::size_t> own;  ///< with entries of its own; differs for joint rows
};

/// Has the checkers judge a history of registers and tells where they and the oracle disagree, and what is wrong with
/// the evidence of each violation; empty if all is well.
std::string disagreements(const History& history, const Assumptions& assume, Tally* tally = nullptr);

/// The same for a history of lists.
std::string list_disagreements(const History& history, const Assumptions& assume, Tally* tally = nullptr);

}  // namespace afterwrite::oracle
