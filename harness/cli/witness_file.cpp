#include "harness/cli/witness_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "harness/cli/asking.hpp"
#include "harness/cli/new_file.hpp"
#include "harness/cli/streams.hpp"
#include "harness/history/text.hpp"
#include "harness/session/errors.hpp"
#include "results/quantities.hpp"
#include "results/witness_history.hpp"

namespace afterwrite {

namespace {

std::pair<const Row*, const Violation*> entry_of(const Judgement& judgement, const std::string& typed) {
  const std::uint64_t number = whole_number(typed, "--witness");
  std::uint64_t count = 0;
  for (const Row& row : judgement.rows) {
    for (const Violation& entry : row.entries) {
      if (entry.number == number) return {&row, &entry};
      ++count;
    }
  }
  throw UsageError(count == 0 ? "--witness: nothing was violated, so there is no entry to cut out"
                              : fmt::format("--witness: no entry is numbered {}; they go from 1 to {}", number, count));
}

}  // namespace

void require_sense(const WitnessWish& wish) {
  if (!wish.number.empty() && wish.out.empty()) {
    throw UsageError("--witness: name the file to write with --out FILE");
  }
  if (wish.out == "-") throw UsageError("--out: standard output has the report already; name a file for a witness, a folder for the reports");
  if (wish.asked()) whole_number(wish.number, "--witness");
}

void write_witness(const WitnessWish& wish, const History& history, const Question& asked, const Judgement& judgement) {
  const auto [row, entry] = entry_of(judgement, wish.number);
  const auto text = witness_history(history, asked, *row, *entry);
  if (!text) {
    throw EnvironmentError(
        fmt::format("--witness: entry {} is not found again when it is judged by itself; please report this history",
                    entry->number));
  }
  NewFile file(wish.out);
  file.write(*text);
  file.finish();
  const auto lines = static_cast<std::uint64_t>(std::count(text->begin(), text->end(), '\n'));
  const std::uint64_t others = history.truncated ? 1 : 2;  // header and footer
  say(fmt::format("{}: {} that show entry {}, {} of {} {}; check it again\n", wish.out,
                  counted(lines - others, "operation"), entry->number, to_string(entry->guarantees),
                  to_string(row->scope), visible_text(entry->scope_name)));
}

}  // namespace afterwrite
