#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// How much of the rows by label goes onto a page. What is left out is counted.
struct GroupRoom {
  std::size_t row_bytes = 200'000;     ///< of all rows; where that is not enough, violated ones come first
  std::size_t course_bytes = 100'000;  ///< of all courses of writes
  std::size_t course_reads = 60;       ///< of one
};

/// The rows that are told apart by several labels, for a table; null where no row is:
///   labels      the labels' names, in the order asked for
///   tables      what each table is about: guarantee and scope
///   rows        of the judgement, in its order, but for those that repeat another (repeats_another()): its table, the labels' values, verdict, counts, whether the system
///               promises it (null: not said), what the answers told, the number of its first entry (null: none)
///   rows_left_out
///   courses     how writes looked to their own session (write_courses.hpp): the labels' values, phases, how many
///               writes, and the reads of one of them as [ms since the acknowledgement, phase]
///   courses_left_out
///   no_courses  why there are none; absent if there are some
/// A pure function; any thread may call.
nlohmann::ordered_json page_groups(const History& history, const Judgement& judgement, const RunSummary& summary,
                                   const GroupRoom& room = {});

}  // namespace afterwrite
