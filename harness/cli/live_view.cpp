#include "harness/cli/live_view.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "harness/cli/streams.hpp"
#include "harness/history/text.hpp"
#include "harness/run/audit_run.hpp"

namespace afterwrite {

namespace {

constexpr Duration redraw = std::chrono::milliseconds(250);
constexpr Duration plain_line = std::chrono::seconds(5);
/// Behind by less than this is what every follower is at times, and not worth the room.
constexpr double noticeable_lag_ms = 10;

/// What of `text` fits into so many columns, whole characters only, with a sign that something is missing. Characters are taken
/// to be one column wide; what is wider is not ours.
std::string cut_to(const std::string& text, std::size_t columns) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  const auto width = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [&](char c) { return !continues(c); }));
  if (width <= columns) return text;
  std::size_t kept = 0;
  for (std::size_t characters = 0; kept < text.size(); ++kept) {
    if (!continues(text[kept]) && characters++ + 1 >= columns) break;
  }
  return text.substr(0, kept) + "…";
}

/// Node and fault names come from the user's own command line or from us; still, nothing that moves a cursor goes to the terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return text;
}

/// All at once, each line over what stood there: nothing is cleared first, so nothing flickers. Ends where it began.
void draw(const std::vector<std::string>& lines, bool alarming) {
  const TerminalSize size = terminal_size(STDERR_FILENO).value_or(TerminalSize{.columns = 80, .rows = 24});
  // The last row stays free, so that nothing scrolls that need not.
  const std::size_t shown = std::min(lines.size(), size.rows > 1 ? size.rows - 1 : 1);
  std::string text = "\r";
  for (std::size_t i = 0; i < shown; ++i) {
    constexpr std::size_t of_violations = 1;
    const bool red = i == of_violations && alarming && wants_colour(STDERR_FILENO);
    text += fmt::format("{}{}{}{}\033[K", i == 0 ? "" : "\n", red ? "\033[31m" : "", cut_to(lines[i], size.columns - 1), red ? "\033[0m" : "");
  }
  // Lines that a narrower terminal had broken, or that a longer screen had room for.
  text += "\033[J\r";
  if (shown > 1) text += fmt::format("\033[{}A", shown - 1);
  say(text);
}

}  // namespace

LiveView::Style LiveView::style_for(bool quiet) {
  if (quiet) return Style::none;
  return takes_escapes(STDERR_FILENO) ? Style::terminal : Style::lines;
}

LiveView::LiveView(Style style, std::function<std::uint64_t()> violations, Around around)
    : style_(style), violations_(std::move(violations)), around_(std::move(around)) {
  if (style_ == Style::none) return;
  drawing_ = std::jthread([this](const std::stop_token& stop) { draw_until_stopped(stop); });
}

LiveView::~LiveView() {
  drawing_ = {};
  if (style_ == Style::terminal) say("\r\033[J");
}

void LiveView::take(const Operation& operation) {
  ++operations_;
  if (operation.outcome == Outcome::info) ++unsure_;
}

void LiveView::take(const FaultEvent& event) {
  const std::scoped_lock lock(mutex_);
  const std::string name = event.episode.empty() ? event.fault : event.episode;
  if (event.phase == "start") {
    std::string text = event.fault;
    for (const std::string& target : event.targets) text += " " + target;
    faults_[name] = printable(std::move(text));
  } else if (event.phase == "end") {
    faults_.erase(name);
  }
}

void LiveView::take(const LagSample& sample) {
  const std::scoped_lock lock(mutex_);
  // Before its first answer a node was not measured: it may just not have been sent a beat.
  if (sample.reachable || lags_.contains(sample.node)) lags_[sample.node] = sample;
}

void LiveView::phase(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  phase_ = name;
  phase_begun_ = Clock::now();
  changed_.notify_all();
}

void LiveView::draw_until_stopped(const std::stop_token& stop) {
  std::string shown_phase;
  Clock::time_point shown_at = Clock::now();
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    const bool new_phase =
        changed_.wait_for(lock, stop, redraw, [&] { return phase_ != shown_phase; });
    if (stop.stop_requested()) return;
    if (phase_.empty()) continue;
    measure_rate();
    const std::vector<std::string> texts = style_ == Style::terminal ? lines() : std::vector{line()};
    shown_phase = phase_;
    // A terminal that was stopped (Ctrl-S) must not stop the run, which waits for this lock.
    lock.unlock();
    if (style_ == Style::terminal) {
      draw(texts, violations_() > 0);
    } else if ((new_phase && !around_.progress) || Clock::now() - shown_at >= plain_line) {
      say(texts.front() + "\n");
      shown_at = Clock::now();
    }
  }
}

void LiveView::measure_rate() {
  const auto now = Clock::now();
  const double elapsed = std::chrono::duration<double>(now - counted_at_).count();
  if (elapsed < 1.0) return;
  const std::uint64_t operations = operations_;
  rate_ = static_cast<double>(operations - counted_) / elapsed;
  counted_ = operations;
  counted_at_ = now;
}

std::string LiveView::phase_text() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - phase_begun_).count();
  std::string text = fmt::format("{} {:.0f} s", phase_, seconds);
  if (around_.duration && phase_ == to_string(RunPhase::running)) {
    text += fmt::format(" of {:.0f} s", std::chrono::duration<double>(*around_.duration).count());
  }
  return text;
}

std::string LiveView::counts_text() const {
  std::string text = counted(operations_, "operation");
  if (rate_ > 0) text += fmt::format(" ({:.0f}/s)", rate_);
  if (unsure_ > 0) text += fmt::format(", {} unsure", unsure_.load());
  return text;
}

std::string LiveView::lags_text() const {
  std::string text;
  for (const auto& [node, sample] : lags_) {
    if (sample.reachable && sample.lag_ms < noticeable_lag_ms) continue;
    if (!text.empty()) text += ", ";
    text += sample.reachable ? fmt::format("{} {:.0f} ms", printable(node), sample.lag_ms)
                             : fmt::format("{} no answer", printable(node));
  }
  return text;
}

std::string LiveView::faults_text() const {
  std::string text;
  for (const auto& [episode, fault] : faults_) text += (text.empty() ? "" : ", ") + fault;
  return text;
}

std::string LiveView::line() const {
  std::string text = around_.progress ? around_.progress() + " · " : "";
  text += fmt::format("{} · {} · {} violations", phase_text(), counts_text(), violations_());
  if (const std::string lags = lags_text(); !lags.empty()) text += " · behind: " + lags;
  if (const std::string faults = faults_text(); !faults.empty()) text += " · on: " + faults;
  return text;
}

/// Always as many, so that nothing jumps; the second is that of the violations.
std::vector<std::string> LiveView::lines() const {
  const auto or_dash = [](std::string text) { return text.empty() ? std::string("-") : text; };
  std::vector<std::string> all;
  all.push_back(fmt::format("{}{}{}", printable(around_.title), around_.title.empty() ? "" : " · ", phase_text()));
  all.push_back(fmt::format("  violations  {}", violations_()));
  all.push_back(fmt::format("  load        {}", counts_text()));
  all.push_back(fmt::format("  behind      {}", or_dash(lags_text())));
  all.push_back(fmt::format("  faults on   {}", or_dash(faults_text())));
  if (around_.progress) all.push_back("  sweep       " + around_.progress());
  return all;
}

}  // namespace afterwrite
