#pragma once

#include <filesystem>
#include <string_view>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// Where the reports of one history lie.
struct ReportFiles {
  std::filesystem::path json;   ///< report.json, for programs (results/report.schema.json)
  std::filesystem::path junit;  ///< junit.xml, for CI
  std::filesystem::path text;   ///< summary.txt, for people, without colour
  std::filesystem::path page;   ///< report.html, for people, to be opened in a browser
};

/// Their names in a folder; touches nothing.
ReportFiles report_files(const std::filesystem::path& folder);

/// Writes all of them into `folder`, which must be there. Each is complete or, if it cannot be written, as it was
/// before: never half. Throws std::runtime_error naming the file, the cause and what to do. Any thread may call; not
/// two at once for one folder.
ReportFiles write_reports(const std::filesystem::path& folder, const History& history, const Judgement& judgement,
                          const RunSummary& summary);

/// Writes `text` as the file `target`, which is complete afterwards or, if it cannot be written, as it was before. Throws as
/// write_reports() does. Any thread may call; not two at once for one file.
void write_whole(const std::filesystem::path& target, std::string_view text);

}  // namespace afterwrite
