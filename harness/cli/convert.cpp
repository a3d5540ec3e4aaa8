#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <optional>

#include "harness/cli/asking.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/new_file.hpp"
#include "harness/cli/reading_flags.hpp"
#include "harness/cli/streams.hpp"
#include "harness/history/reader.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite {

namespace {

constexpr const char* footer =
    R"(Reads a history of any format that `check` reads, and writes it in another, so that other programs can confirm a verdict.
What that format cannot say is said on stderr. docs/history-formats.md says how each is read and written.

Examples
  afterwrite convert history.jsonl --to plume --out history.txt
  afterwrite convert store/latest/history.edn --to jsonl | less)";

constexpr std::size_t piece = 1U << 20U;

class ConvertCommand : public Subcommand {
 public:
  CLI::App* add_to(CLI::App& app) override {
    CLI::App* parser = app.add_subcommand("convert", "Write a history in another program's format");
    parser->add_option("HISTORY", file_, "A history; - is standard input")->required();
    parser->add_option("--to", to_, "jsonl, jepsen-edn or plume")->type_name("FORMAT")->required();
    parser->add_option("--out", out_, "File to write, which must not exist; - or nothing is standard output")
        ->check(not_empty)
        ->type_name("FILE");
    reading_.add_to(*parser);
    parser->footer(footer);
    return parser;
  }

  ExitCode run(const CommandLine& /*typed*/) override {
    const FormatKind& kind = kind_of(asked_format(to_, "--to"));
    if (kind.write == nullptr)
      throw UsageError(fmt::format("--to: {} is only read; write jsonl, jepsen-edn or plume", to_));
    const bool to_file = !out_.empty() && out_ != "-";
    if (!to_file && stdout_was_closed()) {
      throw EnvironmentError("standard output is closed, so there is nowhere to write to; open it, or name a file with --out");
    }
    // Before what may take long: a name that is taken is told at once.
    std::optional<NewFile> file;
    if (to_file) file.emplace(out_);
    const History history = read_history(file_, reading_.options());
    if (history.operations.empty() && kind.format != HistoryFormat::jsonl) {
      throw BadHistory(
          fmt::format("{}: holds no operation; {} has no word for a run without any", history.name, kind.name));
    }
    const Losses losses = file ? write_file(kind, history, *file) : write_stdout(kind, history);
    for (const std::string& note : history.notes)
      say(fmt::format("afterwrite: {}: {}\n", history.name, note));
    for (const std::string& loss : losses)
      say(fmt::format("afterwrite: in {}, {}\n", kind.name, loss));
    return ExitCode::held;
  }

 private:
  static Losses write_file(const FormatKind& kind, const History& history, NewFile& file) {
    Losses losses = kind.write(history, [&](std::string_view text) { file.write(text); });
    file.finish();
    return losses;
  }

  static Losses write_stdout(const FormatKind& kind, const History& history) {
    std::string held;
    Losses losses = kind.write(history, [&](std::string_view text) {
      held += text;
      if (held.size() < piece) return;
      print(held);
      held.clear();
    });
    print(held);
    return losses;
  }

  std::string file_;
  std::string to_;
  std::string out_;
  ReadingFlags reading_;
};

}  // namespace

std::unique_ptr<Subcommand> make_convert_command() {
  return std::make_unique<ConvertCommand>();
}

}  // namespace afterwrite
