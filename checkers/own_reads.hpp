#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "checkers/judge.hpp"
#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// A read of a key that its session had written before, and that was acknowledged: read-your-writes says what it owed.
struct OwnRead {
  std::size_t operation = 0;  ///< an index into History::operations
  std::size_t write = 0;      ///< the newest own acknowledged write of the key: another
  Nanoseconds delay = 0;      ///< from that one's completion to the read's invocation; never negative
  bool stale = false;         ///< read-your-writes accuses it
};

/// All reads, by session, whose relation to their session's own writes is known: what is not known counts neither as
/// stale nor as fresh. Whoever served them, control sessions' too, in order of the file. Keys that cannot be judged in
/// full are left out. Absent if the judgement has no row that read-your-writes by session is judged in, or the history
/// has no measured times.
///
/// `judgement` is that of the whole history for the question. A pure function; any thread may call.
std::optional<std::vector<OwnRead>> find_own_reads(const History& history, const Question& question,
                                                   const Judgement& judgement);

}  // namespace afterwrite
