#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "tests/checkers/oracle.hpp"

namespace afterwrite::oracle {

/// What a row must say of the lists in a history, by containment straight from docs/guarantees.md. No assumption on
/// the order of versions plays a part; one-clock does where sessions of one user are compared.
struct ListAnswer {
  /// The violations: of read-your-writes and monotonic-reads reads, of monotonic-writes and writes-follow-reads
  /// appends.
  std::set<std::size_t> broken;
  std::set<std::size_t> decided;  ///< operations that are owed something, and whose relation to it some list shows
  std::set<std::size_t> at_risk;  ///< of these, the ones that could have failed
};

ListAnswer judge_lists(const History& history, const Setting& setting);

/// How many elements of reads, and how many appends, are each anomaly but `incompatible-order`.
std::map<std::string, std::size_t> list_anomalies(const History& history, const Assumptions& assume);

/// Whether some list is not judged, since what it lacks may have been taken from it.
bool lists_may_shrink(const History& history);

/// Whether no one order of the elements of some list explains all reads of it.
bool lists_contradict(const History& history, const Assumptions& assume);

}  // namespace afterwrite::oracle
