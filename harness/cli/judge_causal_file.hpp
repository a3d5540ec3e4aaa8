#pragma once

#include <cstdint>

#include "harness/cli/judge_file.hpp"
#include "harness/history/scan/file_blocks.hpp"

namespace afterwrite {

/// Whether judge_causal_file() can answer: nothing but `causal` is asked for, by session.
bool asks_for_causal_alone(const Question& question);

/// Judges a plain file for causal consistency from what one pass notes of each operation; of the operations themselves,
/// those alone are read that are shown or that no judgement explains. `judged` holds the header. Throws NotPlain where
/// the reader is to have the last word.
void judge_causal_file(const FileBlocks& file, const Question& question, const JudgingEffort& effort, std::uint64_t seed,
                       JudgedFile& judged);

}  // namespace afterwrite
