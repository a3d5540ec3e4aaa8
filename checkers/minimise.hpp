#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "checkers/judge.hpp"

namespace afterwrite {

/// The question that finds the entries of one row again, and no other row: its guarantees, its scope, its group.
Question question_of_row(const History& history, const Question& asked, const Row& row);

/// A history of these operations alone (indices, ascending), with the same header and a footer if there was one;
/// without faults and lag samples, which tell how a breach came about but not that there is one.
History part_of(const History& history, const std::vector<std::size_t>& operations);

/// The entry that `violation`, an entry of `row` found in `history`, is in a part of that history: the same guarantees,
/// session, key, operations, versions and edges. Null if the part does not show it. `judged` is what
/// judge(part_of(history, operations), question_of_row(...)) says.
const Violation* same_entry(const Violation& violation, const Row& row, const std::vector<std::size_t>& operations,
                            const Judgement& judged);

/// The operations (indices, ascending) that a violation takes to be found again: those of its witness, and what else is
/// needed for the same verdict, such as the write of a value that only shows who wrote it, or the read that proves a
/// write of unknown outcome to be in effect. Found by judging parts of the history again and again: none of them can be
/// left out. Nothing if the whole history, judged for this row alone, does not show the violation: it was not found by
/// judge(history, asked).
///
/// Takes a few rounds of judging the operations of the session or of the key as a rule. Any thread may call.
std::optional<std::vector<std::size_t>> minimise(const History& history, const Question& asked, const Row& row,
                                                 const Violation& violation);

}  // namespace afterwrite
