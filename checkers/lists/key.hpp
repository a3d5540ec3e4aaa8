#pragma once

#include <vector>

#include "checkers/key_history.hpp"

namespace afterwrite {

/// A key that holds a list, with its elements numbered.
struct ListKey {
  using Element = std::uint32_t;
  struct Origin {
    OperationIndex append = no_operation;  ///< the append that did not fail; none if there is none or more than one
    OperationIndex first_read = no_operation;
    bool acknowledged = false;
  };
  std::vector<Scalar> values;     ///< by element
  std::vector<Origin> origins;    ///< by element
  std::vector<Element> appended;  ///< parallel to KeyHistory::operations; meaningful for appends
  std::vector<std::vector<Element>>
      contents;              ///< likewise, of reads; elements that are nobody's or nobody's alone are left out
  std::vector<bool> judged;  ///< likewise: an answered read, or an append that did not fail
  std::vector<bool> early;   ///< likewise: a read that shows an element whose append began later, which is left out too
  /// By element: whether it may stand on two sides of another one. Empty if all lists agree with one order.
  std::vector<bool> contested;
};

/// Numbers the elements and finds the anomalies of lists; adds to `key.doubt` what keeps the key from being judged.
/// `deletes_in_flight`: a list may lack what an operation took away that was never recorded.
ListKey sort_list(const History& history, KeyHistory& key, const SortingRules& rules, bool deletes_in_flight,
                  SortedHistory& sorted);

}  // namespace afterwrite
