#include "harness/cli/live_view.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <utility>

#include "harness/cli/streams.hpp"
#include "harness/history/text.hpp"

namespace afterwrite {

namespace {

constexpr Duration redraw = std::chrono::milliseconds(250);
constexpr Duration plain_line = std::chrono::seconds(5);
/// Behind by less than this is what every follower is at times, and not worth the room.
constexpr double noticeable_lag_ms = 10;

std::size_t terminal_width() {
  winsize size{};
  constexpr std::size_t usual = 80;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

/// What of `text` fits into so many columns, whole characters only, with a sign that something is missing. A byte counts as a
/// column, so it is never too wide.
std::string cut_to(const std::string& text, std::size_t columns) {
  if (text.size() <= columns) return text;
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U; };
  std::size_t kept = columns > 0 ? columns - 1 : 0;
  while (kept > 0 && continues(kept)) --kept;
  return text.substr(0, kept) + "…";
}

/// Node and fault names come from the user's own command line or from us; still, nothing that moves a cursor goes to the terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return text;
}

}  // namespace

LiveView::Style LiveView::style_for(bool quiet) {
  if (quiet) return Style::none;
  return isatty(STDERR_FILENO) != 0 ? Style::terminal : Style::lines;
}

LiveView::LiveView(Style style, std::function<std::uint64_t()> violations)
    : style_(style), violations_(std::move(violations)) {
  if (style_ == Style::none) return;
  drawing_ = std::jthread([this](const std::stop_token& stop) { draw_until_stopped(stop); });
}

LiveView::~LiveView() {
  drawing_ = {};
  if (style_ == Style::terminal) say("\r\033[K");
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
  lags_[sample.node] = sample;
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
    std::string text = line();
    shown_phase = phase_;
    // A terminal that was stopped (Ctrl-S) must not stop the run, which waits for this lock.
    lock.unlock();
    if (style_ == Style::terminal) {
      say(fmt::format("\r{}\033[K", cut_to(text, terminal_width() - 1)));
    } else if (new_phase || Clock::now() - shown_at >= plain_line) {
      say(text + "\n");
      shown_at = Clock::now();
    }
  }
}

std::string LiveView::line() {
  const auto now = Clock::now();
  const double elapsed = std::chrono::duration<double>(now - counted_at_).count();
  if (elapsed >= 1.0) {
    const std::uint64_t operations = operations_;
    rate_ = static_cast<double>(operations - counted_) / elapsed;
    counted_ = operations;
    counted_at_ = now;
  }
  std::string text = fmt::format("{} {:.0f} s · {}", phase_,
                                 std::chrono::duration<double>(now - phase_begun_).count(), counted(operations_, "operation"));
  if (rate_ > 0) text += fmt::format(" ({:.0f}/s)", rate_);
  if (unsure_ > 0) text += fmt::format(", {} unsure", unsure_.load());
  text += fmt::format(" · {}", counted(violations_(), "violation"));
  std::string lags;
  for (const auto& [node, sample] : lags_) {
    if (sample.reachable && sample.lag_ms < noticeable_lag_ms) continue;
    if (!lags.empty()) lags += ", ";
    lags += sample.reachable ? fmt::format("{} {:.0f} ms", printable(node), sample.lag_ms)
                             : fmt::format("{} no answer", printable(node));
  }
  if (!lags.empty()) text += " · behind: " + lags;
  std::string faults;
  for (const auto& [episode, fault] : faults_) faults += (faults.empty() ? "" : ", ") + fault;
  if (!faults.empty()) text += " · on: " + faults;
  return text;
}

}  // namespace afterwrite
