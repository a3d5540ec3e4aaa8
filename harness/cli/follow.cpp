#include "harness/cli/follow.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <vector>

#include "checkers/growing_judge.hpp"
#include "harness/cli/followed_file.hpp"
#include "harness/cli/streams.hpp"
#include "harness/history/bad_history.hpp"
#include "harness/history/formats/bad_place.hpp"
#include "harness/history/formats/jsonl.hpp"
#include "harness/history/text.hpp"
#include "results/row_words.hpp"
#include "results/story.hpp"

namespace afterwrite {

namespace {

/// After each look a pause of so many times what it took: looking never takes more than a small share of the machine,
/// however long the history.
constexpr int pause_per_look = 8;

/// A violation in a line, where it stands in the file first, as compilers do.
class LinePrinter : public GrowingJudge::Listener {
 public:
  LinePrinter(std::string name, bool quiet_stdout) : name_(std::move(name)), quiet_stdout_(quiet_stdout) {}

  void found(const History& part, const Judgement& judged, const Row& row, const Violation& entry) override {
    const Story story = tell(part, judged, entry, row.scope);
    std::string words;
    std::vector<std::uint64_t> others;
    for (const StoryStep& step : story.steps) {
      if (step.operation == entry.operation) {
        words = step.words;
      } else {
        others.push_back(part.operations[step.operation].line);
      }
    }
    write(fmt::format("{}:{}: {} broken, {}: {}; see {} {}\n", name_, part.operations[entry.operation].line,
                      row_name(row), story.whose, words, others.size() == 1 ? "line" : "lines",
                      fmt::join(others, ", ")));
  }

  void taken_back(std::uint64_t line, const std::string& what) override {
    write(fmt::format("{}:{}: taken back: {}; what came since contradicts it\n", name_, line, what));
  }

  void put_in_doubt(std::uint64_t line, const std::string& what) override {
    write(
        fmt::format("{}:{}: in doubt until the end: {}; something was deleted since, and what that read missed may "
                    "have been, too\n",
                    name_, line, what));
  }

 private:
  void write(const std::string& line) const {
    if (quiet_stdout_) return say(line);
    print(line);
    // Promptly, also into a pipe. That it cannot be written is told at the end.
    static_cast<void>(stdout_failure());
  }

  std::string name_;
  bool quiet_stdout_;
};

class Following {
 public:
  Following(const std::string& file, const std::function<Question(const History&)>& question_for, bool quiet_stdout,
            const std::stop_token& stop)
      : file_(file, stop),
        question_for_(question_for),
        stop_(stop),
        printer_(visible_text(file, 4096), quiet_stdout),
        lines_([this](char* buffer, std::size_t size) { return more(buffer, size); }) {}

  bool is_open() const { return file_.is_open(); }

  History run() {
    while (lines_.take())
      continue;
    look();  // a pause may have been on
    return lines_.finish();
  }

 private:
  /// More of the file, when there is more; nothing once that ends the history.
  std::size_t more(char* buffer, std::size_t size) {
    while (true) {
      if (Clock::now() >= next_look_) look();
      const std::size_t count = stop_.stop_requested() ? 0 : file_.read(buffer, size);
      if (count > 0 || lines_.complete() || stop_.stop_requested()) return count;
      const bool all_seen = !judge_ || judge_->has_seen_all(lines_.so_far());
      file_.wait(all_seen ? Deadline::max() : next_look_);
    }
  }

  void look() {
    const History& so_far = lines_.so_far();
    if (so_far.operations.empty()) return;
    if (!judge_) judge_.emplace(question_for_(so_far), printer_);
    if (judge_->has_seen_all(so_far)) return;
    const auto begun = Clock::now();
    judge_->look(so_far);
    next_look_ = Clock::now() + pause_per_look * (Clock::now() - begun);
  }

  FollowedFile file_;
  const std::function<Question(const History&)>& question_for_;
  std::stop_token stop_;
  LinePrinter printer_;
  std::optional<GrowingJudge> judge_;
  Deadline next_look_{};
  JsonlLines lines_;  // last: its source is a method of this
};

}  // namespace

History follow_history(const std::string& file, const std::function<Question(const History&)>& question_for,
                       bool quiet_stdout, const std::stop_token& stop) {
  Following following(file, question_for, quiet_stdout, stop);
  if (following.is_open()) say(fmt::format("following {} until its footer; Ctrl-C judges what is there\n", file));
  if (!following.is_open()) {
    throw BadHistory(fmt::format("{}: was not there yet when the waiting was interrupted", file));
  }
  try {
    History history = following.run();
    history.name = file;
    return history;
  } catch (const BadPlace& bad) {
    throw BadHistory(fmt::format("{}:{}: {}", file, bad.line(), bad.what()));
  } catch (const EmptyHistory& empty) {
    throw BadHistory(fmt::format("{}: {}", file, empty.what()));
  }
}

}  // namespace afterwrite
