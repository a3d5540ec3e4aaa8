#pragma once

#include <set>
#include <string_view>
#include <utility>

#include "harness/history/history.hpp"

namespace afterwrite {

/// What the operations of a history were really told. A transaction is acknowledged only as a whole
/// (docs/guarantees.md, "Transactions"): where one of its operations is not `ok`, the others are `info` at best, as
/// what was told to be done may have been undone with the rest. A transaction is known by its session and its name.
///
/// Keeps views of the history's names: that must outlive it, unchanged. Any thread may ask.
class Acknowledgement {
 public:
  explicit Acknowledgement(const History& history);

  Outcome outcome(const Operation& op) const;

 private:
  std::set<std::pair<std::string_view, std::string_view>> not_as_a_whole_;  // session and name
};

}  // namespace afterwrite
