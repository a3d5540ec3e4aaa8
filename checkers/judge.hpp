#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkers/causal/causal.hpp"
#include "checkers/judgement.hpp"
#include "checkers/key_history.hpp"
#include "checkers/sieve/cleared.hpp"

namespace afterwrite {

/// What to judge.
struct Question {
  /// Rows wanted; empty means read-your-writes, monotonic-reads and the two jointly.
  std::vector<Guarantees> guarantees;
  std::vector<Scope> scopes{Scope::session};
  /// In place of what the header says; absent: the header's, or `writer-order` if it does not speak.
  std::optional<Assumptions> assume;
  /// Fewer at-risk reads than this make a row `unknown`; absent: the header's `min_at_risk`, but at least 1. With 0 a row is `held` as soon
  /// as nothing speaks against it, which shows nothing of a system: for tests of the rules alone; the command refuses it.
  std::optional<std::uint64_t> min_at_risk;
  /// A label, or several with commas: rows are made for each of its values, or each combination of them, apart (groups.hpp).
  std::string group_by;
  /// The run still goes on: values not yet recorded as written are no phantoms.
  bool live = false;
};

/// What a history is judged under: what the question says, else the header, else `writer-order`.
Assumptions assumptions_of(const History& history, const Question& question);

/// Judges a recorded history: a pure function of it. Any thread may call. Never throws for what a history holds; a checker that
/// fails by itself makes its row `unknown` with the reason.
Judgement judge(const History& history, const Question& question = {});

/// The same where the sieve has cleared the other keys of the history: `suspects` holds what is left of its operations (and everything
/// else of it), `cleared` what was counted on the rest. The judgement is that of the whole history, but for its indices,
/// which are those of `suspects`.
Judgement judge(const History& suspects, const Question& question, const Cleared& cleared);

/// What was found out of a whole history about causal consistency, of which only some operations are at hand.
struct FoundCausal {
  CausalAnswer answer;  ///< names operations by their indices in what is at hand
  SortedHistory sorted; ///< what it says of the whole history; those of its keys alone that have a doubt
  bool any_operation = false;
};

/// The same for a question that asks for nothing but `causal` by session, once that was answered. `shown` holds at least
/// the operations that the answer names. The judgement is that of the whole history, but for its indices, which are
/// those of `shown`.
Judgement judge(const History& shown, const Question& question, const FoundCausal& found);

}  // namespace afterwrite
