#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <thread>

#include "harness/cli/asking.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/concluding.hpp"
#include "harness/cli/judge_file.hpp"
#include "harness/cli/judging_flags.hpp"
#include "harness/cli/reading_flags.hpp"
#include "harness/history/byte_source.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {

namespace {

namespace fs = std::filesystem;

constexpr const char* footer =
    R"(Makes again from a recorded run what its audit made: report.html, report.json, junit.xml, summary.txt.
Where no flag says otherwise, guarantees, scope and the least number of at-risk reads are those of the history's header.
Histories of more than 64 MiB are passed over without being kept; their report has the staleness curve with --exact
alone, which takes some 600 MB of memory for a million operations.

Examples
  afterwrite report afterwrite-runs/nightly
  afterwrite report --out report store/latest/history.edn
  afterwrite report --baseline main/report.json --summary "$GITHUB_STEP_SUMMARY" run)";

constexpr const char* recorded = "history.jsonl";

class ReportCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("report", "Make all reports again from a recorded run");
    parser->add_option("RUN", run_, "The folder of a run, or a history")->required()->type_name("DIR|HISTORY");
    parser->add_option("--out", out_, "Folder for the reports; default: that of the run")
        ->check(not_empty)
        ->type_name("DIR");
    judging_.add_to(*parser);
    gate_.add_to(*parser);
    reading_.add_to(*parser);
    parser->add_flag("--exact", exact_, "Keep the history whole whatever its size, for the staleness curve");
    parser->add_flag("--json", json_, "Print the report as JSON on stdout");
    parser->footer(footer);
    return parser;
  }

  ExitCode run(const CommandLine& /*typed*/) override {
    judging_.require_sense();
    const ReadOptions reading = reading_.options();
    const fs::path history = history_file();
    const fs::path folder = out_folder(history);
    gate_.prepare();
    make(folder);
    Question question;
    const auto asks = [&](const History& read, bool whole) {
      return question = judging_.question_for(history.string(), read, whole);
    };
    std::error_code unknown_size;
    const std::uintmax_t size = fs::file_size(history, unknown_size);
    JudgedFile found = judge_file(history, reading, asks,
                                  {.threads = std::max(1U, std::min(2U, std::thread::hardware_concurrency())),
                                   .exact = exact_ || unknown_size || size <= kept_whole});
    GivenFlags given = reading_.given();
    add_given(given, judging_.given());
    if (found.whole) {
      found.summary = summary_of(found.history, question, found.judgement);
    } else {
      found.summary.no_own_reads = fmt::format(
          "the history has {} MiB, and one of more than {} is passed over without being kept; the curve takes longer, and some "
          "600 MB of memory for a million operations",
          size >> 20U, kept_whole >> 20U);
      GivenFlags all = given;
      add_given(all, gate_.given());
      found.summary.curve_command = curve_command(found.history, all, folder.string());
    }
    found.summary.given = std::move(given);
    note_silence(found.history, found.summary, found.judgement);
    return conclude(found.history, found.judgement, std::move(found.summary), gate_,
                    {.folder = folder, .json = json_, .must_write = true, .expected = {}});
  }

 private:
  fs::path history_file() const {
    std::error_code unseen;
    if (!is_standard_input(run_) && !fs::exists(run_, unseen)) {
      throw UsageError(fmt::format("{}: there is no such folder or history; check the path", run_));
    }
    if (!fs::is_directory(run_, unseen)) return run_;
    if (fs::exists(fs::path(run_) / recorded, unseen)) return fs::path(run_) / recorded;
    throw UsageError(fmt::format("{}: holds no {}; name the folder of a run, or a history", run_, recorded));
  }

  /// Reports beside a file that is not a run's own might be put over those of another.
  fs::path out_folder(const fs::path& history) const {
    if (!out_.empty()) return out_;
    if (!is_standard_input(history) && history.filename() == recorded) {
      return history.has_parent_path() ? history.parent_path() : fs::path(".");
    }
    throw UsageError(
        fmt::format("{}: is not {} in the folder of a run; say with --out where the reports go", run_, recorded));
  }

  static void make(const fs::path& folder) {
    std::error_code cause;
    fs::create_directories(folder, cause);
    if (cause) {
      throw EnvironmentError(fmt::format("{}: the folder for the reports cannot be made ({}); name another with --out",
                                         folder.string(), cause.message()));
    }
  }

  std::string run_;
  std::string out_;
  JudgingFlags judging_;
  GateFlags gate_;
  ReadingFlags reading_;
  bool exact_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_report_command() {
  return std::make_unique<ReportCommand>();
}

}  // namespace afterwrite
