#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/text_layout.hpp"

namespace afterwrite {

/// The label `evidence` of what broke a row: what the system itself told about those operations, and how often. They
/// are counted once each.
std::map<std::string, std::uint64_t> evidence_of(const History& history, const Row& row);

/// True if rows are told apart by several labels: then there are so many that a table shows them.
bool is_tabular(const Judgement& judgement);

/// A table for each guarantee and scope: a line for each combination of all labels but the last, a column for each
/// value of the last. Below it, what broke the guarantee where the system promises it, with the evidence.
void write_group_tables(TextLayout& out, const History& history, const Judgement& judgement);

}  // namespace afterwrite
