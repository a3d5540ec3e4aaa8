#include "results/entries_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "harness/history/text.hpp"
#include "results/promises.hpp"
#include "results/quantities.hpp"
#include "results/repeating.hpp"
#include "results/row_words.hpp"
#include "results/story.hpp"

namespace afterwrite {

namespace {

/// The operations of the witness as they were recorded.
void write_lines(TextLayout& out, const History& history, const Violation& violation) {
  std::vector<std::uint64_t> lines;
  for (const std::size_t index : violation.operations)
    lines.push_back(history.operations[index].line);
  constexpr const char* label = "       lines  ";
  const std::string command = lines_command(history, lines);
  if (!command.empty()) out.line(label + command);
  if (!history.is_stream) return;
  out.item(label, fmt::format("those of {}, which could be read only once; keep the history in a file to look at them",
                              visible_text(history.name, 200)));
}

void write_entry(TextLayout& out, const History& history, const Judgement& judgement, const ToldEntry& entry,
                 std::size_t count) {
  const auto& [row, violation] = entry;
  const Story story = tell(history, judgement, *violation, row->scope);
  std::string which = count > 1 ? fmt::format("entry {} of {}; ", violation->number, count) : "";
  // One guarantee of several, broken by itself.
  if (violation->guarantees != row->guarantees) which += to_string(violation->guarantees) + " alone; ";
  out.heading(fmt::format("How {} was broken ({}{})", row_name(*row), which, story.whose));
  for (const StoryStep& step : story.steps) {
    const std::uint64_t line = history.operations[step.operation].line;
    const std::string at = step.at_ms ? "+" + milliseconds_text(*step.at_ms) : "";
    out.item(fmt::format("{:>12}  ", at),
             line == 0 ? step.words : fmt::format("{} (line {})", step.words, line),
             step.operation == violation->operation ? Tone::bad : Tone::plain);
  }
  for (const std::string& reason : story.reasons)
    out.item("     because  ", reason);
  for (const std::string& circumstance : story.circumstances)
    out.item("              ", circumstance);
  write_lines(out, history, *violation);
}

/// How to come to the entries that are not told here, of which `next` is the first.
void write_ways_to_more(TextLayout& out, const History& history, const GivenFlags& given, std::size_t count,
                        std::uint64_t next) {
  const std::string more = count == 1 ? "1 more entry" : fmt::format("{} more entries", count);
  const std::string all = judging_command(history, given, {"--entries", "all"});
  constexpr const char* label = "        more  ";
  if (all.empty()) {
    out.item(label, more + ": `--entries all` tells each, `--witness N --out FILE` cuts one out");
    return;
  }
  out.item(label, fmt::format("{}; {}to tell each, and to cut one out:", more,
                              history.is_stream ? "pipe the history in once more " : ""));
  const std::string number = fmt::format("{}", next);
  for (const std::string& command :
       {all, judging_command(history, given, {"--witness", number, "--out", fmt::format("witness-{}.jsonl", number)})})
    out.line("              " + command);
}

}  // namespace

void write_entries(TextLayout& out, const History& history, const Judgement& judgement, const GivenFlags& given,
                   std::size_t most) {
  const std::vector<ToldEntry> entries = entries_to_tell(history, judgement);
  const std::size_t shown = std::min(most, entries.size());
  for (std::size_t i = 0; i < shown; ++i)
    write_entry(out, history, judgement, entries[i], entries.size());
  if (shown == entries.size()) return;
  if (shown == 0) out.empty_line();
  write_ways_to_more(out, history, given, entries.size() - shown, entries[shown].violation->number);
}

}  // namespace afterwrite
