#include "checkers/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <set>

#include "checkers/bank.hpp"
#include "checkers/causal/causal.hpp"
#include "checkers/causal/source.hpp"
#include "checkers/doubts.hpp"
#include "checkers/exposure.hpp"
#include "checkers/fault_proof.hpp"
#include "checkers/groups.hpp"
#include "checkers/key_history.hpp"
#include "checkers/key_judge.hpp"
#include "checkers/lost_write.hpp"
#include "checkers/notes.hpp"
#include "checkers/owed.hpp"
#include "checkers/recorded_member.hpp"
#include "checkers/row_work.hpp"
#include "checkers/transactions.hpp"
#include "checkers/verdict.hpp"

namespace afterwrite {

namespace {

class Judge {
 public:
  /// `own_times`: SortingRules'.
  Judge(const History& history, const Question& question, const Cleared& cleared, const std::vector<OwnTimes>* own_times)
      : history_(history),
        question_(question),
        cleared_(cleared),
        assumed_(assumptions_of(history, question)),
        rules_{has(assumed_, Assumption::one_clock), history.truncated || question.live, cleared.any_delete, own_times},
        exposure_(history),
        groups_(make_groups(history, question.group_by)) {}

  /// What is asked was answered.
  Judgement run(const FoundCausal& found) {
    make_rows();
    sorted_ = found.sorted;
    for (const KeyHistory& key : sorted_.keys) take_doubt(key);
    for (RowWork& work : rows_) take_causal(found.answer, scopings_.front(), work);
    finish();
    return std::move(judgement_);
  }

  Judgement run() {
    judgement_.faults = prove_faults(history_, cleared_);
    judgement_.bank = count_intents(history_);
    make_rows();
    sorted_ = sort_by_key(history_, rules_);
    KeyJudge judge({history_, rules_, assumed_, exposure_, scopings_, groups_}, rows_);
    for (KeyHistory& key : sorted_.keys) judge_key_safely(judge, key);
    if (causal_) judge_across_keys_safely();
    finish();
    return std::move(judgement_);
  }

 private:
  void make_rows();
  void judge_key_safely(KeyJudge& judge, KeyHistory& key);
  void take_doubt(const KeyHistory& key);
  void judge_across_keys_safely();
  void take_causal(const CausalAnswer& answer, const Scoping& scoping, RowWork& work) const;
  void finish();

  const History& history_;
  const Question& question_;
  const Cleared& cleared_;
  Assumptions assumed_;
  SortingRules rules_;
  Exposure exposure_;
  std::vector<Group> groups_;
  std::vector<Scoping> scopings_;
  SortedHistory sorted_;
  std::vector<RowWork> rows_;
  bool by_key_ = false;                 // a row is asked for that is judged key by key
  std::optional<CausalSource> causal_;  // if it is asked for
  Judgement judgement_;
};

void Judge::make_rows() {
  std::vector<Guarantees> sets = question_.guarantees;
  if (sets.empty()) {
    const Guarantees writes = only(Guarantee::read_your_writes);
    const Guarantees reads = only(Guarantee::monotonic_reads);
    sets = {writes, reads, writes | reads};
  }
  Guarantees with_own_row;
  for (const Guarantees& set : sets) {
    if (set.count() == 1) with_own_row |= set;
  }
  for (const Guarantees& set : sets) {
    if (has(set, Guarantee::causal) && !causal_) causal_.emplace(history_, rules_);
    by_key_ = by_key_ || !has(set, Guarantee::causal);
  }
  for (const Scope scope : question_.scopes) {
    scopings_.push_back(make_scoping(history_, scope, rules_.one_clock));
    for (std::size_t group = 0; group < groups_.size(); ++group) {
      for (const Guarantees& set : sets) {
        RowWork& work = rows_.emplace_back();
        work.row.guarantees = set;
        work.listed = set.count() == 1 ? set : set & ~with_own_row;
        work.row.scope = scope;
        work.row.group = groups_[group].name;
        work.row.labels = groups_[group].labels;
        work.group = group;
        const Cleared::Counts counted = cleared_.counts(set);
        work.row.decided = counted.decided;
        work.row.at_risk = counted.at_risk;
        work.decided_by = counted.assumptions;
        if (scope == Scope::user) {
          if (rules_.one_clock) {
            work.row.assumptions.set(static_cast<std::size_t>(Assumption::one_clock));
          } else {
            work.doubts.insert("the times of a user's sessions compare only with the assumption one-clock");
          }
        }
      }
    }
  }
}

/// A checker that fails by itself must not look like a system that keeps its promises.
void Judge::judge_key_safely(KeyJudge& judge, KeyHistory& key) {
  try {
    if (key.list) {
      const ListKey list = sort_list(history_, key, rules_, sorted_.deletes_in_flight, sorted_);
      if (causal_) causal_->take_list(key, list);
      if (by_key_) judge.judge_list(key, list);
    } else {
      if (causal_) causal_->take_register(key);
      if (by_key_) judge.judge_register(key);
    }
  } catch (const std::exception& failure) {
    for (RowWork& work : rows_) {
      work.doubts.insert(fmt::format("the checker failed on key {}: {}", key.key, failure.what()));
    }
  }
  take_doubt(key);
}

void Judge::take_doubt(const KeyHistory& key) {
  if (key.doubt.empty()) return;
  for (RowWork& work : rows_) work.doubts.insert(fmt::format("key {}: {}", key.key, key.doubt));
}

void Judge::judge_across_keys_safely() {
  for (std::size_t scope = 0; scope < scopings_.size(); ++scope) {
    for (RowWork& work : rows_) {
      if (!has(work.row.guarantees, Guarantee::causal) || work.row.scope != scopings_[scope].scope) continue;
      try {
        const CausalInput input = causal_->input(scopings_[scope], groups_[work.group].members);
        take_causal(judge_causal(input, exposure_, rules_.one_clock), scopings_[scope], work);
      } catch (const std::exception& failure) {
        work.doubts.insert(fmt::format("the checker failed: {}", failure.what()));
      }
    }
  }
}

void Judge::take_causal(const CausalAnswer& answer, const Scoping& scoping, RowWork& work) const {
  work.row.broken = answer.breaches.size();
  work.row.decided = answer.decided;
  work.row.at_risk = answer.at_risk;
  for (const CausalEvidence& breach : answer.breaches)
    work.found.push_back(tell_causal(history_, scoping, breach));
}

void Judge::finish() {
  const std::vector<std::string> shared = doubts_of({history_, question_.live, cleared_.any_operation, sorted_, judgement_.faults});
  // Whoever recorded a 0 still gets no `held` that nothing was at risk for.
  const std::uint64_t recorded =
      std::max<std::uint64_t>(recorded_count(history_.header.all, "min_at_risk").value_or(1), 1);
  const std::uint64_t min_at_risk = question_.min_at_risk.value_or(recorded);
  const std::vector<Promotion> promotions = find_promotions(history_);
  judgement_.grouped_by = group_labels(question_.group_by);
  bool first = true;
  for (RowWork& work : rows_) {
    std::set<std::size_t> listed;
    for (Violation& violation : work.found) {
      listed.insert(violation.operation);
      Nanoseconds from = history_.operations[violation.operations.front()].invoke;
      Nanoseconds until = history_.operations[violation.operation].complete;
      for (const std::size_t index : violation.operations) {
        from = std::min(from, history_.operations[index].invoke);
        until = std::max(until, history_.operations[index].complete);
      }
      violation.faults = faults_between(judgement_.faults, from, until);
      violation.lost_at = lost_at(history_, promotions, violation);
    }
    work.row.violations = listed.size();
    if (work.rests_on) work.row.assumptions |= *work.rests_on;
    work.row.entries = merge_entries(history_, std::move(work.found));
    conclude(work.row, {min_at_risk, shared, {work.doubts.begin(), work.doubts.end()}, exposure_.sampled(),
                        rules_.one_clock});
    if (work.row.verdict == Verdict::held) {
      work.row.assumptions |= work.decided_by;
      if (has(work.decided_by, Assumption::realtime_writes)) {
        work.row.assumptions.set(static_cast<std::size_t>(Assumption::one_clock));
      }
    }
    if (work.row.group != control_label) {
      judgement_.verdict = first ? work.row.verdict : worse(judgement_.verdict, work.row.verdict);
      first = false;
    }
    judgement_.rows.push_back(std::move(work.row));
  }
  number_entries(judgement_);
  judgement_.anomalies = sorted_.anomalies.counts;
  judgement_.anomaly_examples = sorted_.anomalies.examples;
  judgement_.notes = notes_of_judging({history_, question_, sorted_, groups_, exposure_.sampled()});
}

}  // namespace

Assumptions assumptions_of(const History& history, const Question& question) {
  if (question.assume) return *question.assume;
  Assumptions assumed;
  if (!history.header.assume) {
    assumed.set(static_cast<std::size_t>(Assumption::writer_order));
    return assumed;
  }
  for (const std::string& name : *history.header.assume) {
    if (const auto one = parse_assumption(name)) assumed.set(static_cast<std::size_t>(*one));
  }
  return assumed;
}

Judgement judge(const History& history, const Question& question) { return judge(history, question, Cleared{}); }

Judgement judge(const History& history, const Question& question, const Cleared& cleared) {
  if (!has_transactions(history)) return Judge(history, question, cleared, nullptr).run();
  const Steps steps = make_steps(history);
  Judgement judgement = Judge(steps.history, question, cleared, &steps.own_times).run();
  for (Row& row : judgement.rows) {
    for (Violation& violation : row.entries) steps.lead_back(violation);
  }
  return judgement;
}

Judgement judge(const History& shown, const Question& question, const FoundCausal& found) {
  Cleared cleared;
  cleared.any_operation = found.any_operation;
  return Judge(shown, question, cleared, nullptr).run(found);
}

}  // namespace afterwrite
