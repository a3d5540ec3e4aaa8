#include "results/entries_text.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

#include "harness/history/text.hpp"
#include "results/promises.hpp"
#include "results/quantities.hpp"
#include "results/row_words.hpp"
#include "results/story.hpp"

namespace afterwrite {

namespace {

/// For a shell: only what could mean something else is quoted.
std::string quoted_for_shell(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("/._-+=:,@%").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain && !text.empty()) return text;
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// The command that shows the operations of the witness as they were recorded.
std::string show_lines(const History& history, const Violation& violation) {
  std::string lines;
  for (const std::size_t index : violation.operations) {
    const std::uint64_t line = history.operations[index].line;
    if (line == 0) return "";  // was not read from a file
    lines += fmt::format("{}p;", line);
  }
  // A name that cannot be shown as it is cannot be copied either.
  if (lines.empty() || visible_text(history.name, 4096) != history.name) return "";
  lines.pop_back();
  return fmt::format("sed -n '{}' {}", lines, quoted_for_shell(history.name));
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
  const std::string command = show_lines(history, *violation);
  if (!command.empty()) out.line("       lines  " + command);
}

}  // namespace

void write_entries(TextLayout& out, const History& history, const Judgement& judgement, std::size_t most) {
  const std::vector<ToldEntry> entries = entries_to_tell(history, judgement);
  const std::size_t shown = std::min(most, entries.size());
  for (std::size_t i = 0; i < shown; ++i)
    write_entry(out, history, judgement, entries[i], entries.size());
  if (shown == entries.size()) return;
  if (shown == 0) out.empty_line();
  out.item("        more  ",
           fmt::format("{}: `check --entries all` tells each, `check --witness N --out FILE` cuts one out",
                       entries.size() - shown == 1 ? std::string("1 more entry")
                                                   : fmt::format("{} more entries", entries.size() - shown)));
}

}  // namespace afterwrite
