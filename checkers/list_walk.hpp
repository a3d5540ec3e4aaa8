#pragma once

#include <vector>

#include "checkers/exposure.hpp"
#include "checkers/key_history.hpp"
#include "checkers/owed.hpp"

namespace afterwrite {

/// A key that holds a list, with its elements numbered.
struct ListKey {
  using Element = std::uint32_t;
  struct Origin {
    OperationIndex append = no_operation;  ///< the append that did not fail; none if there is none or more than one
    OperationIndex first_read = no_operation;
    bool acknowledged = false;
  };
  std::vector<Scalar> values;                   ///< by element
  std::vector<Origin> origins;                  ///< by element
  std::vector<Element> appended;                ///< parallel to KeyHistory::operations; meaningful for appends
  std::vector<std::vector<Element>> contents;   ///< likewise, of reads; elements that are nobody's or nobody's alone are left out
  std::vector<bool> judged;                     ///< likewise: an answered read, or an append that did not fail
};

/// Numbers the elements and finds the anomalies of lists; adds to `key.doubt` what keeps the key from being judged.
ListKey sort_list(const History& history, KeyHistory& key, const SortingRules& rules, SortedHistory& sorted);

/// What came of judging one list for one guarantee.
struct ListFindings {
  std::vector<Violation> violations;
  std::vector<OperationIndex> at_risk;  ///< reads owed something that could have failed
  std::vector<OperationIndex> decided;  ///< reads owed something
};

struct ListSubject {
  const History& history;
  const KeyHistory& key;
  const ListKey& list;
  const Scoping& scoping;
  const std::vector<bool>& in_group;
  const Exposure& exposure;
  bool one_clock;
};

/// Judges by containment: read-your-writes (a later read contains every own acknowledged element) or monotonic-reads (it contains all of the
/// earlier read, in its order). Needs no assumption.
ListFindings judge_list(const ListSubject& subject, Guarantee guarantee);

}  // namespace afterwrite
