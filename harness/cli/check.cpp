#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <thread>

#include "checkers/judge.hpp"
#include "harness/cli/asking.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/concluding.hpp"
#include "harness/cli/follow.hpp"
#include "harness/cli/interrupts.hpp"
#include "harness/cli/judge_file.hpp"
#include "harness/cli/judging_flags.hpp"
#include "harness/cli/out_folder.hpp"
#include "harness/cli/presenting.hpp"
#include "harness/cli/reading_flags.hpp"
#include "harness/cli/streams.hpp"
#include "harness/cli/witness_file.hpp"
#include "harness/history/byte_source.hpp"
#include "harness/history/reader.hpp"
#include "harness/history/text.hpp"
#include "harness/session/errors.hpp"
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

class CheckCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("check", "Judge recorded histories");
    parser->add_option("HISTORY", files_, "Histories, plain or packed with gzip or zstd; - is standard input")->required();
    judging_.add_to(*parser);
    parser->add_option("--expect", expect_, "Exit 0 iff every verdict is held, violated or unknown as named")
        ->check(not_empty)->type_name("VERDICT");
    gate_.add_to(*parser);
    reading_.add_to(*parser);
    parser->add_option("--threads", threads_, "How many threads read (default: two, if there are so many cores)")
        ->check(CLI::Range(1U, 64U))
        ->type_name("N");
    parser->add_option("--max-memory", max_memory_, "Keys that find no room in so much wait for another pass: 512MiB. Said where it cannot be kept")
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
    judging_.require_sense();
    const ReadOptions reading = reading_.options();
    std::optional<Verdict> expected;
    if (!expect_.empty()) {
      expected = parse_verdict(expect_);
      if (!expected) throw UsageError(fmt::format("--expect: '{}' is not known (known: held, violated, unknown)", expect_));
    }
    if (gate_.has_baseline() && expected) {
      throw UsageError("--baseline: the exit code tells what changed, and --expect what was found; leave one out");
    }
    if (gate_.has_baseline() && files_.size() > 1) throw UsageError("--baseline: is compared with one history; name one");
    gate_.prepare();
    if (!entries_.empty()) presenting_.entries = asked_entries(entries_);
    require_sense(witness_);
    if (follow_) require_one_to_follow();
    if (witness_.asked() && files_.size() > 1) throw UsageError("--witness: entries are numbered file by file; name one");
    if (wants_reports() && files_.size() > 1) throw UsageError("--out: takes the reports of one history; name one");
    std::vector<ExitCode> codes;
    for (const std::string& file : files_) {
      try {
        codes.push_back(check(file, reading, expected));
      } catch (const BadHistory& error) {
        say(fmt::format("afterwrite: {}\n", error.what()));
        codes.push_back(ExitCode::bad_input);
      }
    }
    return worst(codes);
  }

 private:
  void require_one_to_follow() const {
    if (files_.size() > 1) throw UsageError("--follow: follows one history; name one");
    if (is_standard_input(files_.front())) throw UsageError("--follow: follows a file; standard input is read to its end without it");
    if (!reading_.given().empty()) throw UsageError("--follow: reads afterwrite's own format only; leave the reading flags out");
  }

  /// One pass over the file where that will do. A witness is cut out of the whole history.
  JudgedFile judged(const std::string& file, const ReadOptions& reading, Question& question) const {
    const auto asks = [&](const History& history, bool whole) { return question = judging_.question_for(file, history, whole); };
    if (!follow_) {
      const bool exact = exact_ || witness_.asked();
      return judge_file(file, reading, asks,
                        {.threads = std::max(1U, threads_),
                         .exact = exact,
                         .max_memory = max_memory_,
                         .unbounded = [&](const std::string& why) { say_unbounded(file, why); },
                         .over_time = wants_reports()});
    }
    say_unbounded(file, "what is followed is held whole");
    Interrupts interrupts;
    const auto asks_so_far = [&](const History& so_far) { return judging_.question_for(file, so_far, false); };
    JudgedFile followed;
    followed.history = follow_history(file, asks_so_far, presenting_.json, interrupts.token());
    followed.judgement = judge(followed.history, asks(followed.history, true));
    followed.summary = summarise(followed.history);
    return followed;
  }

  void say_unbounded(const std::string& file, const std::string& why) const {
    if (max_memory_ != UINT64_MAX) say(fmt::format("afterwrite: {}: --max-memory: not kept: {}\n", visible_text(file), why));
  }

  ExitCode check(const std::string& file, const ReadOptions& reading, const std::optional<Verdict>& expected) const {
    Question question;
    JudgedFile found = judged(file, reading, question);
    say_how_to_repeat(found);
    note_silence(found.history, found.summary, found.judgement);
    gate_.compare_into(found.summary, found.judgement);
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
    gate_.write_summary(found.history, found.judgement, found.summary);
    return gate_.code(found.history, found.judgement, found.summary, expected);
  }

  void say_how_to_repeat(JudgedFile& found) const {
    GivenFlags given = reading_.given();
    add_given(given, judging_.given());
    found.summary.given = given;
    add_given(given, gate_.given());
    found.summary.curve_command = curve_command(found.history, given, wants_reports() ? witness_.out : "FOLDER");
  }

  bool wants_reports() const { return !witness_.asked() && !witness_.out.empty(); }

  std::vector<std::string> files_;
  ReadingFlags reading_;
  JudgingFlags judging_;
  GateFlags gate_;
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
