#include "checkers/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <set>

#include "checkers/bank.hpp"
#include "checkers/causal.hpp"
#include "checkers/causal_source.hpp"
#include "checkers/doubts.hpp"
#include "checkers/exposure.hpp"
#include "checkers/fault_proof.hpp"
#include "checkers/groups.hpp"
#include "checkers/key_history.hpp"
#include "checkers/key_order.hpp"
#include "checkers/list_walk.hpp"
#include "checkers/lost_write.hpp"
#include "checkers/notes.hpp"
#include "checkers/owed.hpp"
#include "checkers/recorded_member.hpp"
#include "checkers/register_walk.hpp"
#include "checkers/transactions.hpp"
#include "checkers/verdict.hpp"

namespace afterwrite {

namespace {

/// One row in the making.
struct RowWork {
  Row row;
  std::size_t group = 0;
  Guarantees listed;  // those whose own breaches are listed in this row
  Assumptions decided_by;
  std::optional<Assumptions> rests_on;  // of a violated register
  std::set<std::string> doubts;
  std::vector<Violation> found;
};

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
    for (KeyHistory& key : sorted_.keys) judge_key_safely(key);
    if (causal_) judge_across_keys_safely();
    finish();
    return std::move(judgement_);
  }

 private:
  void make_rows();
  void judge_key_safely(KeyHistory& key);
  void take_doubt(const KeyHistory& key);
  void judge_across_keys_safely();
  void take_causal(const CausalAnswer& answer, const Scoping& scoping, RowWork& work) const;
  void judge_register(const KeyHistory& key, std::size_t scope);
  void judge_register_group(const RegisterSubject& subject, const LaterReads& later,
                            std::vector<RowWork*> rows);
  static void list_own(RowWork& work, Guarantee guarantee, const std::vector<Violation>& alone);
  static void note_least_tier(const RegisterSubject& subject, RowWork& work);
  static bool sound(const RegisterSubject& subject, Guarantees set, const Assumptions& tier);
  void judge_list_key(const KeyHistory& key, const ListKey& list, const LaterLists& later, std::size_t scope);
  /// Those of guarantees that are judged key by key.
  std::vector<RowWork*> rows_of(std::size_t scope, std::size_t group);
  bool idle(const KeyHistory& key, const Group& group, const std::vector<RowWork*>& rows) const;
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

std::vector<RowWork*> Judge::rows_of(std::size_t scope, std::size_t group) {
  // As make_rows() made them: scope by scope, group by group.
  const std::size_t each = rows_.size() / (scopings_.size() * groups_.size());
  std::vector<RowWork*> found;
  for (std::size_t i = 0; i < each; ++i) {
    RowWork& work = rows_[(scope * groups_.size() + group) * each + i];
    if (!has(work.row.guarantees, Guarantee::causal)) found.push_back(&work);
  }
  return found;
}

/// Whether nothing that a group does on a key can break anything: own writes of a group without reads of its own.
bool Judge::idle(const KeyHistory& key, const Group& group, const std::vector<RowWork*>& rows) const {
  if (group.members.empty()) return false;
  Guarantees asked;
  for (const RowWork* work : rows) asked |= work->row.guarantees;
  const bool of_writes = has(asked, Guarantee::monotonic_writes) || has(asked, Guarantee::writes_follow_reads);
  return std::none_of(key.operations.begin(), key.operations.end(), [&](OperationIndex index) {
    return group.members[index] && (of_writes || !history_.operations[index].is_write());
  });
}

/// A checker that fails by itself must not look like a system that keeps its promises.
void Judge::judge_key_safely(KeyHistory& key) {
  try {
    if (key.list) {
      const ListKey list = sort_list(history_, key, rules_, sorted_.deletes_in_flight, sorted_);
      if (causal_) causal_->take_list(key, list);
      const LaterLists later(history_, key, list, rules_.one_clock);
      for (std::size_t scope = 0; scope < scopings_.size() && by_key_; ++scope) judge_list_key(key, list, later, scope);
    } else {
      if (causal_) causal_->take_register(key);
      for (std::size_t scope = 0; scope < scopings_.size() && by_key_; ++scope) judge_register(key, scope);
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

void Judge::judge_register(const KeyHistory& key, std::size_t scope) {
  const KeyOrder order(history_, key, assumed_);
  const LaterReads later(history_, key, order, rules_.one_clock);
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    const Scoping& scoping = scopings_[scope];
    const auto rows = rows_of(scope, group);
    if (idle(key, groups_[group], rows)) continue;
    const SessionViews views = view_sessions(history_, key, scoping, groups_[group].members);
    const RegisterSubject subject{history_, key, order, views, scoping, groups_[group].members, rules_};
    for (RowWork* work : rows) {
      for (const std::string& name : names(order.dropped())) {
        work->row.dropped.push_back(
            fmt::format("{} on key {}: what was recorded contradicts it", name, key.key));
      }
    }
    judge_register_group(subject, later, rows);
  }
}

bool Judge::sound(const RegisterSubject& subject, Guarantees set, const Assumptions& tier) {
  const Flagged none;
  return RegisterWalk(subject, set, {tier}, none).sound();
}

/// What a violated row rests on is the least that it is violated under on some key, whichever operation is blamed.
void Judge::note_least_tier(const RegisterSubject& subject, RowWork& work) {
  for (const Assumptions& tier : subject.order.tiers()) {
    if (sound(subject, work.row.guarantees, tier)) continue;
    Assumptions rests_on = tier;
    if (has(tier, Assumption::realtime_writes)) rests_on.set(static_cast<std::size_t>(Assumption::one_clock));
    if (!work.rests_on || rests_on.count() < work.rests_on->count()) work.rests_on = rests_on;
    return;
  }
}

void Judge::judge_register_group(const RegisterSubject& subject, const LaterReads& later,
                                 std::vector<RowWork*> rows) {
  Guarantees asked;
  for (const RowWork* work : rows) asked |= work->row.guarantees;
  std::vector<std::vector<Violation>> alone(guarantee_count);
  const auto& tiers = subject.order.tiers();
  // The fast way out: if nothing breaks all guarantees together under all assumptions, nothing breaks fewer.
  const bool all_sound = sound(subject, asked, tiers.back());
  for (std::size_t i = 0; i < guarantee_count && !all_sound; ++i) {
    const Flagged none;
    if (asked.test(i)) alone[i] = RegisterWalk(subject, only(static_cast<Guarantee>(i)), tiers, none).run();
  }
  for (RowWork* work : rows) {
    const Guarantees set = work->row.guarantees;
    Flagged broken;
    for (std::size_t i = 0; i < guarantee_count; ++i) {
      if (!set.test(i)) continue;
      for (const Violation& violation : alone[i]) broken.insert(static_cast<OperationIndex>(violation.operation));
      list_own(*work, static_cast<Guarantee>(i), alone[i]);
    }
    if (!all_sound && set.count() > 1) {
      std::vector<Violation> jointly = RegisterWalk(subject, set, tiers, broken).run();
      for (const Violation& violation : jointly) broken.insert(static_cast<OperationIndex>(violation.operation));
      std::move(jointly.begin(), jointly.end(), std::back_inserter(work->found));
    }
    if (!broken.empty()) note_least_tier(subject, *work);
    const Measure measure =
        measure_register({history_, subject.key, subject.order, subject.views, subject.in_group, exposure_, later},
                         set, broken);
    work->row.broken += broken.size();
    work->row.decided += measure.decided;
    work->row.at_risk += measure.at_risk;
    work->decided_by |= measure.assumptions;
  }
}

/// What breaks one guarantee of a row by itself is listed in that guarantee's own row, or here if it has none.
void Judge::list_own(RowWork& work, Guarantee guarantee, const std::vector<Violation>& alone) {
  if (has(work.listed, guarantee)) {
    work.found.insert(work.found.end(), alone.begin(), alone.end());
  } else if (!alone.empty()) {
    work.row.listed_elsewhere |= only(guarantee);
  }
}

void Judge::judge_list_key(const KeyHistory& key, const ListKey& list, const LaterLists& later, std::size_t scope) {
  const Scoping& scoping = scopings_[scope];
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    const auto rows = rows_of(scope, group);
    if (idle(key, groups_[group], rows)) continue;
    Guarantees asked;
    for (const RowWork* work : rows) asked |= work->row.guarantees;
    const ListVerdicts found =
        judge_list({history_, key, list, scoping, groups_[group].members, exposure_, later}, asked);
    for (RowWork* work : rows) {
      std::set<OperationIndex> decided;
      std::set<OperationIndex> at_risk;
      std::set<std::size_t> broken;
      for (std::size_t i = 0; i < guarantee_count; ++i) {
        if (!work->row.guarantees.test(i)) continue;
        decided.insert(found[i].decided.begin(), found[i].decided.end());
        at_risk.insert(found[i].at_risk.begin(), found[i].at_risk.end());
        for (const Violation& violation : found[i].violations) broken.insert(violation.operation);
        list_own(*work, static_cast<Guarantee>(i), found[i].violations);
        if (!found[i].violations.empty()) work->rests_on = Assumptions{};
      }
      work->row.broken += broken.size();
      work->row.decided += decided.size();
      work->row.at_risk += at_risk.size();
    }
  }
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
