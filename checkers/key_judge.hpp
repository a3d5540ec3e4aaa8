#pragma once

#include <vector>

#include "checkers/exposure.hpp"
#include "checkers/groups.hpp"
#include "checkers/key_history.hpp"
#include "checkers/key_order.hpp"
#include "checkers/lists/key.hpp"
#include "checkers/lists/walk.hpp"
#include "checkers/owed.hpp"
#include "checkers/register_walk.hpp"
#include "checkers/row_work.hpp"

namespace afterwrite {

/// What one key is judged by besides itself. Refers to what others own; they outlive it.
struct KeyTerms {
  const History& history;
  const SortingRules& rules;
  const Assumptions& assumed;
  const Exposure& exposure;
  const std::vector<Scoping>& scopings;
  const std::vector<Group>& groups;
};

/// Judges key by key, for every scope and group, and adds what it finds to the rows. The rows are of every scope, in each of every group,
/// in each of the guarantees asked for; those of `causal` are left alone.
class KeyJudge {
 public:
  KeyJudge(const KeyTerms& terms, std::vector<RowWork>& rows) : terms_(terms), rows_(rows) {}

  void judge_register(const KeyHistory& key);
  void judge_list(const KeyHistory& key, const ListKey& list);

 private:
  void judge_register_group(const RegisterSubject& subject, const LaterReads& later, const std::vector<RowWork*>& rows);
  void judge_list_group(const ListSubject& subject, const std::vector<RowWork*>& rows);
  std::vector<RowWork*> rows_of(std::size_t scope, std::size_t group);
  bool idle(const KeyHistory& key, const Group& group, const Guarantees& asked) const;

  KeyTerms terms_;
  std::vector<RowWork>& rows_;
};

}  // namespace afterwrite
