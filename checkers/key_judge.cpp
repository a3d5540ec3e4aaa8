#include "checkers/key_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "checkers/verdict.hpp"

namespace afterwrite {

namespace {

Guarantees asked_of(const std::vector<RowWork*>& rows) {
  Guarantees asked;
  for (const RowWork* work : rows) asked |= work->row.guarantees;
  return asked;
}

bool sound(const RegisterSubject& subject, const Guarantees& set, const Assumptions& tier) {
  const Flagged none;
  return RegisterWalk(subject, set, {tier}, none).sound();
}

/// What a violated row rests on is the least that it is violated under on some key, whichever operation is blamed.
void note_least_tier(const RegisterSubject& subject, RowWork& work) {
  for (const Assumptions& tier : subject.order.tiers()) {
    if (sound(subject, work.row.guarantees, tier)) continue;
    Assumptions rests_on = tier;
    if (has(tier, Assumption::realtime_writes)) rests_on.set(static_cast<std::size_t>(Assumption::one_clock));
    if (!work.rests_on || rests_on.count() < work.rests_on->count()) work.rests_on = rests_on;
    return;
  }
}

/// What breaks one guarantee of a row by itself is listed in that guarantee's own row, or here if it has none.
void list_own(RowWork& work, Guarantee guarantee, const std::vector<Violation>& alone) {
  if (has(work.listed, guarantee)) {
    work.found.insert(work.found.end(), alone.begin(), alone.end());
  } else if (!alone.empty()) {
    work.row.listed_elsewhere |= only(guarantee);
  }
}

}  // namespace

std::vector<RowWork*> KeyJudge::rows_of(std::size_t scope, std::size_t group) {
  const std::size_t each = rows_.size() / (terms_.scopings.size() * terms_.groups.size());
  std::vector<RowWork*> found;
  for (std::size_t i = 0; i < each; ++i) {
    RowWork& work = rows_[(scope * terms_.groups.size() + group) * each + i];
    if (!has(work.row.guarantees, Guarantee::causal)) found.push_back(&work);
  }
  return found;
}

/// Whether nothing that a group does on a key can break anything: own writes of a group without reads of its own.
bool KeyJudge::idle(const KeyHistory& key, const Group& group, const Guarantees& asked) const {
  if (group.members.empty()) return false;
  const bool of_writes = has(asked, Guarantee::monotonic_writes) || has(asked, Guarantee::writes_follow_reads);
  return std::none_of(key.operations.begin(), key.operations.end(), [&](OperationIndex index) {
    return group.members[index] && (of_writes || !terms_.history.operations[index].is_write());
  });
}

void KeyJudge::judge_register(const KeyHistory& key) {
  const KeyOrder order(terms_.history, key, terms_.assumed);
  const LaterReads later(terms_.history, key, order, terms_.rules.one_clock);
  for (std::size_t scope = 0; scope < terms_.scopings.size(); ++scope) {
    const Scoping& scoping = terms_.scopings[scope];
    for (std::size_t group = 0; group < terms_.groups.size(); ++group) {
      const std::vector<bool>& members = terms_.groups[group].members;
      const auto rows = rows_of(scope, group);
      if (idle(key, terms_.groups[group], asked_of(rows))) continue;
      for (RowWork* work : rows) {
        for (const std::string& name : names(order.dropped())) {
          work->row.dropped.push_back(fmt::format("{} on key {}: what was recorded contradicts it", name, key.key));
        }
      }
      const SessionViews views = view_sessions(terms_.history, key, scoping, members);
      judge_register_group({terms_.history, key, order, views, scoping, members, terms_.rules}, later, rows);
    }
  }
}

void KeyJudge::judge_register_group(const RegisterSubject& subject, const LaterReads& later,
                                    const std::vector<RowWork*>& rows) {
  const Guarantees asked = asked_of(rows);
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
    const Measure measure = measure_register(
        {terms_.history, subject.key, subject.order, subject.views, subject.in_group, terms_.exposure, later}, set, broken);
    work->row.broken += broken.size();
    work->row.decided += measure.decided;
    work->row.at_risk += measure.at_risk;
    work->decided_by |= measure.assumptions;
  }
}

void KeyJudge::judge_list(const KeyHistory& key, const ListKey& list) {
  const LaterLists later(terms_.history, key, list, terms_.rules.one_clock);
  for (std::size_t scope = 0; scope < terms_.scopings.size(); ++scope) {
    for (std::size_t group = 0; group < terms_.groups.size(); ++group) {
      const std::vector<bool>& members = terms_.groups[group].members;
      const auto rows = rows_of(scope, group);
      if (idle(key, terms_.groups[group], asked_of(rows))) continue;
      judge_list_group({terms_.history, key, list, terms_.scopings[scope], members, terms_.exposure, later}, rows);
    }
  }
}

void KeyJudge::judge_list_group(const ListSubject& subject, const std::vector<RowWork*>& rows) {
  const ListVerdicts found = afterwrite::judge_list(subject, asked_of(rows));
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

}  // namespace afterwrite
