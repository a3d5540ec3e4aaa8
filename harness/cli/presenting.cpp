#include "harness/cli/presenting.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string>

#include "harness/cli/asking.hpp"
#include "harness/cli/streams.hpp"
#include "harness/session/errors.hpp"
#include "results/report_json.hpp"
#include "results/run_summary.hpp"
#include "results/summary_text.hpp"

namespace afterwrite {

namespace {

/// As wide as the terminal, if it is narrower than what is good to read.
std::size_t summary_columns() {
  constexpr std::size_t least = 40;
  const std::size_t wide = SummaryOptions{}.columns;
  const auto size = terminal_size(STDOUT_FILENO);
  return size ? std::clamp(size->columns, least, wide) : wide;
}

}  // namespace

std::size_t asked_entries(const std::string& text) {
  return text == "all" ? std::numeric_limits<std::size_t>::max() : whole_number(text, "--entries");
}

void present(const History& history, const Judgement& judgement, const Presenting& presenting) {
  present(history, judgement, summarise(history), presenting);
}

void present(const History& history, const Judgement& judgement, const RunSummary& summary,
             const Presenting& presenting) {
  const std::string text =
      presenting.json
          ? report_json(history, judgement, summary, presenting.entries.value_or(most_witnesses_a_row)).dump() + "\n"
          : summary_text(history, judgement, summary,
                         {wants_colour(STDOUT_FILENO), presenting.folder, presenting.entries.value_or(1), summary_columns()});
  print(text);
  if (const auto failure = stdout_failure()) {
    throw EnvironmentError(
        fmt::format("stdout cannot be written ({}); the verdict is {}", *failure, to_string(judgement.verdict)));
  }
}

}  // namespace afterwrite
