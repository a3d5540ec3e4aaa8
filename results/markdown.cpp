#include "results/markdown.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "harness/history/text.hpp"
#include "results/promises.hpp"
#include "results/quantities.hpp"
#include "results/repeating.hpp"
#include "results/row_words.hpp"
#include "results/story.hpp"

namespace afterwrite {
namespace {

/// So much of a story is enough to see what happened; the report has all of it.
constexpr std::size_t most_lines = 6;

std::string bold_if(bool bold, std::string_view text) {
  return bold ? fmt::format("**{}**", text) : std::string(text);
}

/// What Markdown and HTML understand wherever it stands, `$` and `~` of GitHub and GitLab among it.
constexpr std::string_view meaningful = "&<>`*_\\[]|~$";

/// `http://` and `www.` make links by themselves.
bool makes_link(std::string_view line, std::size_t at) {
  const char c = line[at];
  if (c == ':') return line.substr(at + 1, 1) == "/";
  return c == '.' && at > 0 && (line[at - 1] == 'w' || line[at - 1] == 'W');
}

bool begins_with_digit(std::string_view text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

/// What makes a heading, a list, a rule or code of a line that begins with it.
bool begins_block(std::string_view line, std::size_t at) {
  constexpr std::string_view beginnings = "#+-=";
  const char c = line[at];
  const std::string_view next = line.substr(at + 1, 1);
  if (at == 0 && c == ' ') return true;
  if (at == 0) return beginnings.find(c) != std::string_view::npos && !next.empty() && (next[0] == ' ' || next[0] == c);
  return (c == '.' || c == ')') && (next.empty() || next == " ") && line.substr(0, at).find_first_not_of("0123456789") == std::string_view::npos;
}

std::string table_of_rows(const History& history, const Judgement& judgement) {
  const Promises promises(history, judgement);
  std::string text = "| guarantee | verdict | evidence |\n|---|---|---|\n";
  for (const Row& row : judgement.rows) {
    text += fmt::format("| {} | {}{} | {} |\n", markdown_line(row_name(row)),
                        bold_if(row.verdict != Verdict::held && !is_of_control(row), to_string(row.verdict)),
                        promises.counts(row) ? "" : ", not promised",
                        markdown_line(shortened_text(row_evidence_and_assumptions(row, times_of(history.header)), 600)));
  }
  return text;
}

std::string table_of_changes(const Comparison& comparison) {
  std::string text = fmt::format("\nAgainst the baseline {}:\n\n| guarantee | change | figures |\n|---|---|---|\n",
                                 markdown_text(comparison.file));
  for (const ComparedRow& row : comparison.rows) {
    const bool bad = row.change == Change::fresh || row.change == Change::worse;
    text += fmt::format("| {} | {} | {} |\n", markdown_line(row_name(row.name)), bold_if(bad, to_string(row.change)),
                        markdown_line(change_in_words(row)));
  }
  return text;
}

std::string first_violation(const History& history, const Judgement& judgement) {
  for (const auto& [row, entry] : entries_to_tell(history, judgement)) {
    if (is_of_control(*row)) continue;
    const Violation& violation = *entry;
    const Story story = tell(history, judgement, violation, row->scope);
    std::string text = fmt::format("\nHow {} was broken, the first time ({}):\n\n", to_string(violation.guarantees),
                                   markdown_line(story.whose));
    std::size_t lines = 0;
    for (const StoryStep& step : story.steps) {
      if (lines++ == most_lines) break;
      const std::string when = step.at_ms ? fmt::format("+{}: ", milliseconds_text(*step.at_ms)) : "";
      text += fmt::format("- {}\n", markdown_line(fmt::format("{}{} (line {})", when, step.words,
                                                              history.operations[step.operation].line)));
    }
    for (const std::string& reason : story.reasons) {
      if (lines++ >= most_lines) break;
      text += fmt::format("- because {}\n", markdown_line(shortened_text(reason, 300)));
    }
    return text;
  }
  return "";
}

std::string run_line(const Header& header) {
  std::string text;
  const auto add = [&](std::string_view before, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}{}{}", text.empty() ? "" : ", ", before, markdown_text(value, 100));
  };
  add("", header.system);
  add("read policy ", header.policy);
  add("workload ", header.workload);
  if (header.seed) add("seed ", fmt::format("{}", *header.seed));
  return text.empty() ? text : text + "\n\n";
}

std::string safe_window_line(const RunSummary& summary) {
  if (!summary.own_reads) return "";
  for (const SafeWindow& safe : summary.own_reads->safe) {
    if (!safe.window_ms) continue;
    return fmt::format("\nOf own reads{}, at most {} were stale from {} after the write on ({}).\n",
                       summary.own_reads->from_followers ? " from followers" : "", percent_text(safe.share), milliseconds_text(*safe.window_ms), counted(safe.reads, "read"));
  }
  return "";
}

}  // namespace

std::string markdown_text(std::string_view text, std::size_t limit) {
  return markdown_line(visible_text(text, limit));
}

std::string markdown_line(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '@' || (c == '#' && begins_with_digit(line.substr(i + 1)))) {
      // Neither a mail address, nor whoever is called so on the server, nor an issue: a character by its number would be all that.
      out += fmt::format("{}<!-- -->", c);
      continue;
    }
    // By number, not by backslash: a backslash before a pipe or a line's end means something else again in tables.
    const bool means_something = meaningful.find(c) != std::string_view::npos || makes_link(line, i) || begins_block(line, i);
    out += means_something ? fmt::format("&#{};", static_cast<int>(c)) : std::string(1, c);
    // It was doubled to tell it from that of an escape.
    if (c == '\\' && line.substr(i + 1, 1) == "\\") ++i;
  }
  return out;
}

std::string markdown_command(std::string_view command) {
  const std::string line = visible_command(command);
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : line) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  // A blank at each end is taken off again where there is one at both; without them a fence would grow by a backtick beside it.
  const bool apart = line.starts_with('`') || line.ends_with('`') || (line.starts_with(' ') && line.ends_with(' '));
  return apart ? fmt::format("{} {} {}", fence, line, fence) : fence + line + fence;
}

std::string markdown_summary(const History& history, const Judgement& judgement, const RunSummary& summary) {
  const std::string promised = violated_in_words(count_promised(history, judgement));
  std::string text =
      fmt::format("### afterwrite: {}{}{}\n\n", to_string(judgement.verdict), promised.empty() ? "" : ": ", promised);
  text += run_line(history.header);
  if (summary.outcomes.all() == 0) text += "No operation was recorded.\n\n";
  text += table_of_rows(history, judgement);
  if (summary.against_baseline) text += table_of_changes(*summary.against_baseline);
  text += first_violation(history, judgement);
  text += safe_window_line(summary);
  for (const auto& [name, count] : judgement.anomalies)
    text += fmt::format("\nAnomaly: {} x {}\n", count, markdown_text(name));
  for (const FaultEpisode& episode : judgement.faults) {
    if (!episode.bit)
      text +=
          fmt::format("\nDid not bite: {}: {}\n", markdown_line(fault_in_words(episode)), markdown_text(episode.proof));
  }
  const std::string again = repeating_command(history.header);
  if (!again.empty()) text += fmt::format("\nAgain: {}, into another `--out`\n", markdown_command(again));
  const std::string check = judging_command(history, summary.given);
  if (!check.empty()) {
    text += fmt::format("\nJudge again{}: {}\n", history.is_stream ? ", with the history piped in" : "", markdown_command(check));
  }
  return text + "\n";
}

}  // namespace afterwrite
