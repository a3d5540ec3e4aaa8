#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checkers/judge.hpp"
#include "harness/history/history.hpp"
#include "results/text_layout.hpp"

namespace afterwrite {

/// What reads of one write saw for a while: it, not yet it, or, after it had been seen, no longer it.
enum class Phase { fresh, stale, gone };
std::string_view to_string(Phase phase);

/// One read of a write of its own session.
struct CourseRead {
  std::size_t operation = 0;  ///< an index into History::operations
  Nanoseconds after = 0;      ///< since the acknowledgement
  Phase saw = Phase::fresh;
};

/// How one write looked to its own session over time, through the reads of one group.
struct Course {
  std::size_t write = 0;          ///< an index into History::operations
  std::vector<CourseRead> reads;  ///< in order of invocation; at least two
};

/// All writes of a group that went through the same phases, one after the other.
struct CourseKind {
  std::string group;                          ///< as in Row
  std::map<std::string, std::string> labels;  ///< the same
  std::vector<Phase> phases;                  ///< two that follow each other differ
  std::uint64_t writes = 0;
  Course example;  ///< the one with the most reads
};

/// What was found of courses, or in a sentence why there are none.
struct CourseFindings {
  std::vector<CourseKind> kinds;
  std::string why_none;  ///< empty if there are some
};

/// The courses of all writes that their session read at least twice in a group before it wrote the key again; of reads
/// whose relation to the write is known. In order of groups, the most frequent course of a group first. None where rows
/// are not told apart by labels, where read-your-writes by session was not judged, or no times were measured.
/// `judgement` is that of the whole history for the question. A pure function; any thread may call.
CourseFindings write_courses(const History& history, const Question& question, const Judgement& judgement);

/// For the report.
nlohmann::ordered_json courses_json(const History& history, const std::vector<CourseKind>& courses);

/// A line for each group in which a write was gone after it had been seen; or `why_none`, if there are no courses.
void write_courses_text(TextLayout& out, const std::vector<CourseKind>& courses, const std::string& why_none);

}  // namespace afterwrite
