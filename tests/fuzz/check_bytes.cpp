// Bytes as a history of any format, judged for everything: the first byte chooses the assumptions, and whether the run still goes on. No
// history makes judge() or the reports throw, and the whole is consistent with its parts. What may be our own format is judged as a file too: the
// report is the same with the sieve before the exact judge as without.

#include <algorithm>
#include <optional>
#include <string_view>

#include "checkers/judge.hpp"
#include "harness/history/reader.hpp"
#include "results/report_json.hpp"
#include "results/run_summary.hpp"
#include "results/summary_text.hpp"
#include "results/witness_history.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/sieve/both_ways.hpp"

namespace afterwrite::fuzz {
namespace {

Question question_of(std::uint8_t choice) {
  Question question;
  for (unsigned bits = 1; bits < (1U << guarantee_count); ++bits) question.guarantees.emplace_back(bits);
  question.guarantees.push_back(only(Guarantee::causal));
  question.scopes = {Scope::session, Scope::user, Scope::process};
  if (choice & 0x08U) question.assume = Assumptions(choice & 0x07U);
  if (choice & 0x10U) question.group_by = "route";
  question.live = (choice & 0x20U) != 0;
  return question;
}

void require_sense(const History& history, const Question& question, const Judgement& judgement) {
  std::uint64_t number = 0;
  for (const Row& row : judgement.rows) {
    require(row.at_risk <= row.decided, "more at risk than decided");
    require((row.verdict == Verdict::violated) == (row.broken > 0), "a verdict that its count contradicts");
    require(!row.reason.empty(), "a verdict without a reason");
    require(row.reason.find("the checker failed") == std::string::npos, row.reason);
    for (const Violation& violation : row.entries) {
      require(violation.number == ++number, "entries are numbered in order");
      require(!violation.cycle.empty() && !violation.operations.empty(), "an entry without evidence");
      require(std::binary_search(violation.operations.begin(), violation.operations.end(), violation.operation),
              "a witness without the operation that it is of");
      require(violation.operations.back() < history.operations.size(), "a witness of what is not there");
    }
  }
  // Cutting out judges again and again; one is enough for an input.
  for (const Row& row : judgement.rows) {
    if (row.entries.empty() || history.operations.size() > 40) continue;
    require(witness_history(history, question, row, row.entries.back()).has_value(), "an entry that is not found again");
    return;
  }
}

/// The sieve takes only what is asked by key and by session.
void require_the_same_with_sieve(std::string_view text, std::uint8_t choice) {
  if (text.find('{') == std::string_view::npos) return;
  static const HistoryFile file;
  file.write(std::string(text));
  Question question = question_of(choice);
  question.guarantees.pop_back();
  question.scopes = {Scope::session};
  question.group_by.clear();
  question.live = false;
  question.min_at_risk = 1;
  const JudgingEffort sieving{.threads = 1, .exact = false, .block_bytes = choice & 0x40U ? 256U : 1U << 18U};
  const std::string exact = outcome(file.path(), question, {.threads = 1, .exact = true}).report;
  const std::string sieved = outcome(file.path(), question, sieving).report;
  require(exact == sieved, "the report with the sieve differs:\n" + exact + "\n" + sieved);
}

}  // namespace
}  // namespace afterwrite::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace afterwrite;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  fuzz::require_the_same_with_sieve(text, data[0]);
  std::optional<History> history;
  try {
    history = read_history_text(text, "fuzzed");
  } catch (const BadHistory&) {
    return 0;
  }
  const Question question = fuzz::question_of(data[0]);
  const Judgement judgement = judge(*history, question);
  fuzz::require_sense(*history, question, judgement);
  const RunSummary summary = summarise(*history);
  fuzz::require(!report_json(*history, judgement, summary).dump().empty(), "no report");
  fuzz::require(!summary_text(*history, judgement, summary, {.colour = false, .folder = {}, .entries = 3}).empty(),
                "no summary");
  return 0;
}
