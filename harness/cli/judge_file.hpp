#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "checkers/judge.hpp"
#include "harness/history/history.hpp"
#include "harness/history/reader.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// How a file is gone about; none of it changes what is found.
struct JudgingEffort {
  unsigned threads = 1;
  /// Every key by the exact judge, without the sieve (docs/decisions/004): slower, in far more memory.
  bool exact = false;
  /// What the sieve may take, in bytes, as far as can be estimated beforehand: keys that do not find room wait for
  /// another pass over the file. What the exact judge needs for the keys that were not cleared comes on top of it.
  std::uint64_t max_memory = UINT64_MAX;
  /// Told why `max_memory` cannot be kept, in words that go on from the name of the file, before what takes more is done.
  std::function<void(const std::string& why)> unbounded = [](const std::string&) {};
  std::uint64_t block_bytes = 128U << 10U;  ///< read at once by each thread
  bool over_time = true;                    ///< sums up the run over time as well, for the report page
};

/// A file's verdicts, and what it takes to present them.
struct JudgedFile {
  /// Whole, or the operations of those keys alone that the sieve did not clear (History::places).
  History history;
  Judgement judgement;
  RunSummary summary;
  bool whole = true;  ///< the history is
};

/// What is asked of a history. First called with header and name alone (`whole` is false); again with the whole history
/// where that had to be read.
using Asking = std::function<Question(const History& history, bool whole)>;

/// Judges a history in a file: by one pass over it that clears most keys, and the exact judge for the others, where the
/// file is plain and the question is one by session and by key; else by the exact judge alone, unless only causal is asked
/// for (judge_causal_file.hpp). Throws BadHistory, and
/// what `asked` throws. Any thread may call.
JudgedFile judge_file(const std::filesystem::path& file, const ReadOptions& reading, const Asking& asked,
                      const JudgingEffort& effort);

}  // namespace afterwrite
