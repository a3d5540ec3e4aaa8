#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/text_layout.hpp"

namespace afterwrite {

/// The label `evidence` of what broke a row: what the system itself told about those operations, and how often. They
/// are counted once each.
std::map<std::string, std::uint64_t> evidence_of(const History& history, const Row& row);

/// Which groups' reads bear the label `promised`: `yes` is true. A group is named by its labels (Row::labels).
class Promises {
 public:
  /// `judgement` names the groups.
  Promises(const History& history, const Judgement& judgement);

  /// Nothing where the history does not say, or says both.
  std::optional<bool> of(const Row& row) const;

 private:
  std::vector<std::string> labels_;
  std::map<std::vector<std::string>, std::optional<bool>> groups_;
};

/// The names of the labels that rows are told apart by, in order of their names; none if there is no such row.
std::vector<std::string> grouping_labels(const Judgement& judgement);

/// True if rows are told apart by several labels: then there are so many that a table shows them.
bool is_tabular(const Judgement& judgement);

/// A table for each guarantee and scope: a line for each combination of all labels but the last, a column for each
/// value of the last. Below it, what broke the guarantee where the system promises it, with the evidence.
void write_group_tables(TextLayout& out, const History& history, const Judgement& judgement);

}  // namespace afterwrite
