#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <set>
#include <thread>

#include "checkers/groups.hpp"
#include "checkers/judge.hpp"
#include "harness/cli/asking.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/follow.hpp"
#include "harness/cli/interrupts.hpp"
#include "harness/cli/judge_file.hpp"
#include "harness/cli/out_folder.hpp"
#include "harness/cli/presenting.hpp"
#include "harness/cli/reading_flags.hpp"
#include "harness/cli/streams.hpp"
#include "harness/cli/witness_file.hpp"
#include "harness/history/byte_source.hpp"
#include "harness/history/reader.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"
#include "results/report_files.hpp"

namespace afterwrite {

namespace {

constexpr const char* footer =
    R"(Each file is judged for itself. Where no flag says otherwise, guarantees, scope and the least number of
at-risk reads are those of the history's header, as its audit asked; a history of another program is judged for
read-your-writes and monotonic-reads by session. docs/history-format.md says how to log one. Histories of
Jepsen, Plume, AWDIT and dbcop are read as they are (docs/history-formats.md).

Examples
  afterwrite check history.jsonl
  afterwrite check --assume none --guarantee read-your-writes history.jsonl
  afterwrite check store/latest/history.edn
  afterwrite check --follow afterwrite-runs/now/history.jsonl
  afterwrite check --witness 1 --out witness.jsonl history.jsonl
  afterwrite check --out reports history.jsonl
  afterwrite check --json a.jsonl b.jsonl | jq .verdict)";

std::vector<std::string> texts_of(const nlohmann::json& object, const char* name) {
  std::vector<std::string> texts;
  const auto found = object.find(name);
  if (found == object.end()) return texts;
  if (found->is_string()) texts.push_back(found->get<std::string>());
  if (!found->is_array()) return texts;
  for (const auto& text : *found) {
    if (text.is_string()) texts.push_back(text.get<std::string>());
  }
  return texts;
}

/// Grouped by a label that no operation bears, a history would say nothing, and so would the verdict.
void require_label(const History& history, const std::string& label) {
  std::set<std::string> known;
  for (const Operation& operation : history.operations) {
    for (const auto& [name, value] : operation.labels) known.insert(name);
  }
  if (known.contains(label)) return;
  throw BadHistory(fmt::format("{}: no operation bears the label '{}' of --group-by{}", history.name, label,
                               known_names_hint(label, {known.begin(), known.end()})));
}

/// An assumption on what no time tells would order sessions by the places of their lines.
void require_comparable_times(const std::string& file, const History& history, const Question& question) {
  if (times_of(history.header) != Times::none) return;
  const Assumptions assumed = assumptions_of(history, question);
  for (const Assumption one : {Assumption::one_clock, Assumption::realtime_writes}) {
    if (!has(assumed, one)) continue;
    throw BadHistory(
        fmt::format("{}: has no times, so nothing tells which of two sessions was first, and {} cannot be assumed; leave "
                    "it out, or convert the history to jsonl, write its times and take `times` out of the header",
                    file, to_string(one)));
  }
}

class CheckCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("check", "Judge recorded histories");
    parser->add_option("HISTORY", files_, "Histories, plain or packed with gzip or zstd; - is standard input")->required();
    parser->add_option("--guarantee", guarantees_, "Guarantees to judge; `afterwrite list guarantees`")
        ->type_name("NAME[,NAME]")
        ->expected(1)
        ->allow_extra_args(false)
        ->take_all();
    parser->add_option("--scope", scopes_, "session, user, process; several with commas")->check(not_empty)->type_name("SCOPE");
    parser->add_option("--assume", assume_, "writer-order, realtime-writes, one-clock; or none")
        ->check(not_empty)->type_name("A[,A]");
    parser->add_option("--min-at-risk", min_at_risk_, "Fewer at-risk reads than this make a verdict unknown")
        ->check(not_empty)->type_name("N");
    parser->add_option("--group-by", group_by_, "Judge the values of this label apart, or each combination of several")->check(not_empty)->type_name("LABEL[,LABEL]");
    parser->add_option("--expect", expect_, "Exit 0 iff every verdict is held, violated or unknown as named")
        ->check(not_empty)->type_name("VERDICT");
    reading_.add_to(*parser);
    parser->add_option("--threads", threads_, "How many threads read (default: two, if there are so many cores)")
        ->check(CLI::Range(1U, 64U))
        ->type_name("N");
    parser->add_option("--max-memory", max_memory_, "Keys that find no room in so much wait for another pass: 512MiB")
        ->transform(CLI::AsSizeValue(false))
        ->type_name("SIZE");
    parser->add_flag("--exact", exact_, "Each key by the exact method at once: the same results, slower");
    parser->add_flag("--json", presenting_.json, "One report a line on stdout, in the order of the files");
    parser->add_flag("--follow", follow_, "Tell violations as they appear in a history that is still being written");
    parser->add_option("--entries", entries_, "Tell so many violations, or `all` (1; with --json 200 of each guarantee)")
        ->check(not_empty)->type_name("N");
    parser->add_option("--witness", witness_.number, "Cut the smallest history out that shows the entry of this number")
        ->check(not_empty)->type_name("N");
    parser->add_option("--out", witness_.out, "Where --witness writes it: a new file. Without --witness: the folder for the reports")
        ->check(not_empty)->type_name("FILE|DIR");
    parser->footer(footer);
    return parser;
  }

  ExitCode run(const CommandLine& /*typed*/) override {
    Question asked = question_of_flags();
    const ReadOptions reading = reading_.options();
    std::optional<Verdict> expected;
    if (!expect_.empty()) {
      expected = parse_verdict(expect_);
      if (!expected) throw UsageError(fmt::format("--expect: '{}' is not known (known: held, violated, unknown)", expect_));
    }
    if (!entries_.empty()) presenting_.entries = asked_entries(entries_);
    require_sense(witness_);
    if (follow_) require_one_to_follow();
    if (witness_.asked() && files_.size() > 1) throw UsageError("--witness: entries are numbered file by file; name one");
    if (wants_reports() && files_.size() > 1) throw UsageError("--out: takes the reports of one history; name one");
    std::vector<ExitCode> codes;
    for (const std::string& file : files_) {
      try {
        codes.push_back(exit_code(check(file, asked, reading), expected));
      } catch (const BadHistory& error) {
        say(fmt::format("afterwrite: {}\n", error.what()));
        codes.push_back(ExitCode::bad_input);
      }
    }
    return worst(codes);
  }

 private:
  Question question_of_flags() const {
    Question question;
    if (!guarantees_.empty()) question.guarantees = asked_guarantees(guarantees_);
    if (!scopes_.empty()) question.scopes = asked_scopes(scopes_);
    if (!assume_.empty()) question.assume = asked_assumptions(assume_);
    if (!min_at_risk_.empty()) question.min_at_risk = whole_number(min_at_risk_, "--min-at-risk");
    if (question.min_at_risk == 0U) {
      throw UsageError("--min-at-risk: with 0 a history that could not have failed would count as held; give at least 1");
    }
    question.group_by = group_by_;
    return question;
  }

  /// What the flags ask, and where they do not speak, the header.
  Question question_for(const std::string& file, const History& history, Question question) const {
    try {
      if (const auto names = texts_of(history.header.all, "guarantees"); guarantees_.empty() && !names.empty()) {
        question.guarantees = asked_guarantees(names);
      }
      if (const auto names = texts_of(history.header.all, "scope"); scopes_.empty() && names.size() == 1) {
        question.scopes = asked_scopes(names.front());
      }
      const std::vector<std::string> assumed = history.header.assume.value_or(std::vector<std::string>{});
      if (assume_.empty() && !assumed.empty()) asked_assumptions(fmt::format("{}", fmt::join(assumed, ",")));
    } catch (const UsageError& error) {
      throw BadHistory(fmt::format("{}: the header asks for what is not known: {}", file, error.what()));
    }
    if (const auto names = texts_of(history.header.all, "group_by"); group_by_.empty() && names.size() == 1) {
      question.group_by = names.front();
    }
    require_comparable_times(file, history, question);
    return question;
  }

  void require_one_to_follow() const {
    if (files_.size() > 1) throw UsageError("--follow: follows one history; name one");
    if (is_standard_input(files_.front())) throw UsageError("--follow: follows a file; standard input is read to its end without it");
    if (reading_.given()) throw UsageError("--follow: reads afterwrite's own format only; leave the reading flags out");
  }

  /// One pass over the file where that will do. A witness is cut out of the whole history.
  JudgedFile judged(const std::string& file, const Question& asked, const ReadOptions& reading, Question& question) const {
    const auto asks = [&](const History& history, bool whole) {
      question = question_for(file, history, asked);
      for (const std::string& label : group_labels(question.group_by)) {
        if (whole) require_label(history, label);
      }
      return question;
    };
    if (!follow_) {
      const bool exact = exact_ || witness_.asked();
      return judge_file(file, reading, asks,
                        {.threads = std::max(1U, threads_), .exact = exact, .max_memory = max_memory_});
    }
    Interrupts interrupts;
    const auto asks_so_far = [&](const History& so_far) { return question_for(file, so_far, asked); };
    JudgedFile followed;
    followed.history = follow_history(file, asks_so_far, presenting_.json, interrupts.token());
    followed.judgement = judge(followed.history, asks(followed.history, true));
    followed.summary = summarise(followed.history);
    return followed;
  }

  Verdict check(const std::string& file, const Question& asked, const ReadOptions& reading) const {
    Question question;
    const JudgedFile found = judged(file, asked, reading, question);
    if (!presenting_.json && files_.size() > 1) print(file + "\n");
    std::optional<std::string> unwritten;
    Presenting presenting = presenting_;
    if (wants_reports()) {
      try {
        make_folder(witness_.out);
        write_reports(witness_.out, found.history, found.judgement, found.summary);
        presenting.folder = witness_.out;
      } catch (const std::runtime_error& error) {
        unwritten = error.what();
      }
    }
    present(found.history, found.judgement, found.summary, presenting);
    if (unwritten) throw EnvironmentError(*unwritten);
    if (witness_.asked()) write_witness(witness_, found.history, question, found.judgement);
    if (!presenting_.json && files_.size() > 1) print("\n");
    return found.judgement.verdict;
  }

  bool wants_reports() const { return !witness_.asked() && !witness_.out.empty(); }

  std::vector<std::string> files_;
  ReadingFlags reading_;
  std::vector<std::string> guarantees_;
  std::string scopes_;
  std::string assume_;
  std::string min_at_risk_;
  std::string group_by_;
  std::string expect_;
  WitnessWish witness_;
  bool follow_ = false;
  std::string entries_;
  Presenting presenting_;
  unsigned threads_ = std::min(2U, std::thread::hardware_concurrency());
  std::uint64_t max_memory_ = UINT64_MAX;
  bool exact_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace afterwrite
