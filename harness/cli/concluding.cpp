#include "harness/cli/concluding.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/cli/appended_file.hpp"
#include "harness/cli/asking.hpp"
#include "harness/cli/presenting.hpp"
#include "harness/cli/streams.hpp"
#include "harness/session/errors.hpp"
#include "results/markdown.hpp"
#include "results/promises.hpp"
#include "results/report_files.hpp"
#include "results/staleness_curve.hpp"
#include "results/write_courses.hpp"

namespace afterwrite {

namespace {

/// Reads that were asked for, none of which gave a value; 0 if one did.
std::uint64_t reads_without_value(const RunSummary& summary) {
  std::uint64_t reads = 0;
  for (const FunctionSummary& function : summary.functions) {
    if (function.function != Function::read) continue;
    if (function.outcomes.ok > 0) return 0;
    reads += function.outcomes.all();
  }
  return reads;
}

/// How to see what became of them.
std::string_view where_to_look(const Header& header) {
  if (header.workload == "views") return "see to the service, then audit again";
  if (header.all.contains("scenario")) return "`afterwrite audit ... --dry-run` shows what is sent and answered";
  return "see to the system, or to what recorded `type`, then record again";
}

}  // namespace

void GateFlags::add_to(CLI::App& parser, const std::string& group) {
  const auto file = [&](const char* name, std::string& value, const char* help) {
    CLI::Option* option = parser.add_option(name, value, help)->check(not_empty)->type_name("FILE");
    if (!group.empty()) option->group(group);
  };
  file("--baseline", baseline_file_,
       "An earlier report.json: exit 1 only for what is new or worse than there, beyond noise");
  CLI::Option* rows =
      parser.add_option("--gate", gate_, "Which rows the exit code speaks of: all, or promised by the system (all)")
          ->check(CLI::IsMember({"all", "promised"}))
          ->type_name("ROWS");
  if (!group.empty()) rows->group(group);
  file("--summary", summary_file_, "Append a summary in Markdown, for a CI job's page");
}

void GateFlags::prepare() {
  if (only_promised() && has_baseline()) {
    throw UsageError("--gate promised: speaks of what is promised, and --baseline of what changed; leave one out");
  }
  if (!baseline_file_.empty()) {
    try {
      baseline_ = read_baseline(baseline_file_);
    } catch (const BadBaseline& error) {
      throw UsageError(error.what());
    }
  }
  if (!summary_file_.empty()) AppendedFile(summary_file_, "--summary");
}

void GateFlags::compare_into(RunSummary& summary, const Judgement& judgement) const {
  if (baseline_) summary.against_baseline = compare(*baseline_, judgement);
}

void GateFlags::write_summary(const History& history, const Judgement& judgement, const RunSummary& summary) const {
  if (!summary_file_.empty())
    AppendedFile(summary_file_, "--summary").write(markdown_summary(history, judgement, summary));
}

ExitCode GateFlags::code(const History& history, const Judgement& judgement, const RunSummary& summary,
                         const std::optional<Verdict>& expected) const {
  if (only_promised()) return exit_code(promised_verdict(history, judgement), expected);
  if (!summary.against_baseline) return exit_code(judgement.verdict, expected);
  if (summary.against_baseline->worse()) return ExitCode::violated;
  return summary.against_baseline->undecided() ? ExitCode::unknown : ExitCode::held;
}

GivenFlags GateFlags::given() const {
  GivenFlags given;
  add_given(given, {{"--baseline", baseline_file_}, {"--gate", gate_}});
  return given;
}

RunSummary summary_of(const History& history, const Question& question, const Judgement& judgement) {
  RunSummary summary = summarise(history);
  OwnReadFindings own = summarise_own_reads(history, question, judgement);
  summary.own_reads = std::move(own.summary);
  summary.no_own_reads = std::move(own.why_none);
  CourseFindings courses = write_courses(history, question, judgement);
  summary.courses = std::move(courses.kinds);
  summary.no_courses = std::move(courses.why_none);
  return summary;
}

// Said loudly, for then nothing else that is reported says anything of the system.
void note_silence(const History& history, const RunSummary& summary, Judgement& judgement) {
  const std::uint64_t reads = reads_without_value(summary);
  if (reads == 0) return;
  judgement.notes.insert(judgement.notes.begin(),
                         fmt::format("NOT ONE of {} was answered with a value, so nothing was found out; {}",
                                     counted(reads, "read"), where_to_look(history.header)));
}

std::string curve_command(const History& history, const GivenFlags& given, const std::string& folder) {
  std::vector<std::string> command{"report"};
  std::error_code unknown;
  const std::uintmax_t size = history.is_stream ? 0 : std::filesystem::file_size(history.name, unknown);
  if (!unknown && size > kept_whole) command.emplace_back("--exact");
  return command_on_file(command, given, history.is_stream ? "-" : history.name, {"--out", folder});
}

ExitCode conclude(const History& history, const Judgement& judgement, RunSummary summary, const GateFlags& gate,
                  const Concluding& concluding) {
  gate.compare_into(summary, judgement);
  std::optional<std::string> unwritten;
  try {
    write_reports(concluding.folder, history, judgement, summary);
  } catch (const std::runtime_error& error) {
    unwritten = error.what();
  }
  present(history, judgement, summary, {concluding.json, unwritten ? std::filesystem::path{} : concluding.folder});
  if (unwritten && concluding.must_write) throw EnvironmentError(*unwritten);
  if (unwritten) say(fmt::format("afterwrite: {}\n", *unwritten));
  try {
    gate.write_summary(history, judgement, summary);
  } catch (const EnvironmentError& error) {
    unwritten = error.what();
    say(fmt::format("afterwrite: {}\n", error.what()));
  }
  const ExitCode code = gate.code(history, judgement, summary, concluding.expected);
  // Whoever reads nothing but the code must not take for whole what is not.
  return unwritten && code == ExitCode::held ? ExitCode::environment_failed : code;
}

}  // namespace afterwrite
