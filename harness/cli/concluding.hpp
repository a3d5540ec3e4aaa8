#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "checkers/judge.hpp"
#include "harness/cli/exit_code.hpp"
#include "harness/history/history.hpp"
#include "results/baseline.hpp"
#include "results/run_summary.hpp"

namespace CLI {
class App;
}

namespace afterwrite {

/// The flags that say how a judged history is passed on to those who gate on it. Outlives the parser, which writes into
/// it.
class GateFlags {
 public:
  /// `group` is the heading under which `--help` shows them; empty: the usual one.
  void add_to(CLI::App& parser, const std::string& group = "");

  /// Reads the baseline, and sees that the file of --summary can be written: before a run is made for nothing. Throws
  /// UsageError, EnvironmentError.
  void prepare();

  /// Compares with the baseline, if there is one.
  void compare_into(RunSummary& summary, const Judgement& judgement) const;

  /// Appends to the file of --summary, if there is one. Throws EnvironmentError.
  void write_summary(const History& history, const Judgement& judgement, const RunSummary& summary) const;

  /// By what changed, if there is a baseline; else by the verdict, that of the promised rows alone if so asked, and what
  /// was expected.
  ExitCode code(const History& history, const Judgement& judgement, const RunSummary& summary,
                const std::optional<Verdict>& expected) const;

  /// Those that were given and say what is compared and told by the exit code, for a command that makes the same reports.
  GivenFlags given() const;

  bool has_baseline() const { return !baseline_file_.empty(); }

 private:
  bool only_promised() const { return gate_ == "promised"; }

  std::string gate_;
  std::string baseline_file_;
  std::string summary_file_;
  std::optional<Baseline> baseline_;
};

/// What is to become of a judged history.
struct Concluding {
  std::filesystem::path folder;  ///< where the reports go
  bool json = false;             ///< the report on stdout, else the summary
  bool must_write = false;       ///< the reports are all that is wanted: not to write one is a failure
  std::optional<Verdict> expected;
};

/// What a history and its judgement do not say by themselves: own reads.
RunSummary summary_of(const History& history, const Question& question, const Judgement& judgement);

/// Notes before all else that nothing was answered at all, if so.
void note_silence(const History& history, const RunSummary& summary, Judgement& judgement);

/// Larger files are passed over by `afterwrite report` without being kept, where that will do.
inline constexpr std::uintmax_t kept_whole = 64U << 20U;

/// The command that makes the reports of a history with the staleness curve. Empty if it cannot be copied.
std::string curve_command(const History& history, const GivenFlags& given, const std::string& folder);

/// Writes all reports into the folder, presents the results, appends the summary. That a report could not be written is
/// said and changes no verdict, unless it must be. Throws EnvironmentError if stdout refuses.
ExitCode conclude(const History& history, const Judgement& judgement, RunSummary summary, const GateFlags& gate,
                  const Concluding& concluding);

}  // namespace afterwrite
