#pragma once

#include <map>
#include <vector>

#include "checkers/causal/input.hpp"
#include "checkers/key_history.hpp"
#include "checkers/lists/walk.hpp"
#include "checkers/owed.hpp"

namespace afterwrite {

/// Gathers what causal consistency is judged by from a history that is sorted by key, one key after the other. The
/// operations of a transaction stand together (checkers/transactions.hpp). The operation numbers are those of the
/// history, and the keys' numbers their order here. The history must outlive it.
class CausalSource {
 public:
  CausalSource(const History& history, const SortingRules& rules);

  void take_register(const KeyHistory& key);
  void take_list(const KeyHistory& key, const ListKey& list);

  /// For one scope; only the reads in the group count (empty: all), but all writes.
  CausalInput input(const Scoping& scoping, const std::vector<bool>& in_group) const;

 private:
  using Index = CausalInput::Index;

  static void find_fresh(CausalInput& input);
  std::vector<Index> not_seen(const KeyHistory& key, OperationIndex read) const;
  void name_sessions(CausalInput& input, const Scoping& scoping) const;
  void add_write(OperationIndex operation, bool removal);

  const History& history_;
  SortingRules rules_;
  std::vector<Index> step_of_;     // by operation
  CausalInput base_;               // steps without owners; reads in order of keys
  std::vector<Index> write_of_;    // by operation
  std::vector<Index> deletes_of_;  // by read of base_: how many it may have seen, if it is unclear
  std::map<std::size_t, std::vector<Index>> not_seen_;  // by read of base_: deletes that began too late for it
};

}  // namespace afterwrite
