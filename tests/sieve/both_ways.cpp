#include "tests/sieve/both_ways.hpp"

#include <fstream>
#include <limits>
#include <stdexcept>

#include "harness/history/reader.hpp"
#include "results/report_json.hpp"

namespace afterwrite {

void HistoryFile::write(const std::string& text) const {
  std::ofstream stream(path_, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) throw std::runtime_error("the test's file cannot be written");
}

Judged outcome(const std::filesystem::path& file, const Question& question, const JudgingEffort& effort) {
  try {
    const JudgedFile judged = judge_file(
        file, {}, [&](const History&, bool) { return question; }, effort);
    constexpr auto every_witness = std::numeric_limits<std::size_t>::max();
    return {report_json(judged.history, judged.judgement, judged.summary, every_witness).dump(1),
            judged.history.operations.size()};
  } catch (const BadHistory& bad) {
    return {bad.what(), 0};
  }
}

}  // namespace afterwrite
