#include "harness/cli/presenting.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "harness/cli/streams.hpp"
#include "harness/session/errors.hpp"
#include "results/report_json.hpp"
#include "results/run_summary.hpp"
#include "results/summary_text.hpp"

namespace afterwrite {

namespace {

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0');
}

}  // namespace

void present(const History& history, const Judgement& judgement, const Presenting& presenting) {
  const RunSummary summary = summarise(history);
  const std::string text = presenting.json
                               ? report_json(history, judgement, summary).dump() + "\n"
                               : summary_text(history, judgement, summary, {wants_colour(), presenting.folder});
  print(text);
  if (const auto failure = stdout_failure()) {
    throw EnvironmentError(
        fmt::format("stdout cannot be written ({}); the verdict is {}", *failure, to_string(judgement.verdict)));
  }
}

}  // namespace afterwrite
