#include "results/own_reads_text.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "harness/history/text.hpp"
#include "results/quantities.hpp"

namespace afterwrite {
namespace {

constexpr std::size_t reason_bytes = 1000;

/// So that nobody reckons with 12591 minutes.
std::string run_time_text(std::uint64_t minutes) {
  constexpr std::uint64_t an_hour = 60;
  constexpr std::uint64_t a_day = 24 * an_hour;
  const auto rounded_up = [&](std::uint64_t unit) { return (minutes + unit - 1) / unit; };
  if (minutes <= 2 * an_hour) return counted(minutes, "minute");
  return minutes <= 2 * a_day ? counted(rounded_up(an_hour), "hour") : counted(rounded_up(a_day), "day");
}

/// `of_ours`: of an audit, so that its flags can be named.
std::string safe_window_text(const SafeWindow& safe, bool of_ours) {
  if (safe.window_ms) {
    return fmt::format("{} after the write ({} that late or later)", milliseconds_text(*safe.window_ms),
                       counted(safe.reads, "read"));
  }
  if (safe.reads == 0) {
    return fmt::format("not known: among the latest reads some were stale; {}",
                       of_ours ? "read later after writes (--read-delay)" : "it takes reads that come later after their writes");
  }
  const std::string from = safe.fresh_from_ms > 0 ? fmt::format(" {} or more after the write", milliseconds_text(safe.fresh_from_ms)) : "";
  std::string text = fmt::format("not known: of {}{} none was stale, and it takes {}", counted(safe.reads, "read"), from, safe.needs_reads);
  if (safe.about_minutes)
    text += fmt::format(": {} {}", of_ours ? "run for about" : "record some", run_time_text(*safe.about_minutes));
  return text;
}

/// How long a user would have had to stick to the leader.
void write_safe_windows(TextLayout& out, const History& history, const RunSummary& summary) {
  if (!summary.own_reads) return;
  out.heading(fmt::format("Safe window: the delay after which at most this share of the own reads{} was stale, at 95 %",
                          summary.own_reads->from_followers ? " from followers" : ""));
  const bool of_ours = history.header.all.contains("scenario");
  std::string last;
  for (const SafeWindow& safe : summary.own_reads->safe) {
    std::string text = safe_window_text(safe, of_ours);
    out.item(fmt::format("  {:<7} ", percent_text(safe.share)), text == last ? "the same" : text);
    last = std::move(text);
  }
}

/// Reports were made, and lack what a command would have made.
void write_no_curve(TextLayout& out, const RunSummary& summary) {
  if (summary.own_reads || summary.curve_command.empty()) return;
  out.heading("No staleness curve");
  out.item("  ", fmt::format("Why: {}. This makes it:", visible_text(summary.no_own_reads, reason_bytes)));
  out.line("  " + summary.curve_command);
}

}  // namespace

void write_own_reads_text(TextLayout& out, const History& history, const RunSummary& summary, bool reports_made) {
  write_safe_windows(out, history, summary);
  if (reports_made) write_no_curve(out, summary);
}

}  // namespace afterwrite
