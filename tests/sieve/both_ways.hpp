#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "harness/cli/judge_file.hpp"
#include "tests/run/temporary_folder.hpp"

namespace afterwrite {

/// A file of a test's own, removed with it.
class HistoryFile {
 public:
  void write(const std::string& text) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  fake::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "history.jsonl";
};

/// What judging a file came to, in full.
struct Judged {
  std::string report;          ///< report.json, every witness in it; or what BadHistory said
  std::size_t operations = 0;  ///< that the exact judge saw
};
Judged outcome(const std::filesystem::path& file, const Question& question, const JudgingEffort& effort);

}  // namespace afterwrite
