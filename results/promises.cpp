#include "results/promises.hpp"

#include <fmt/format.h>
#include <utility>

#include "harness/history/text.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {
namespace {

using Labels = std::map<std::string, std::string>;

Labels labels_of(const Operation& operation, const std::vector<std::string>& names) {
  Labels labels;
  for (const std::string& name : names) {
    const auto found = operation.labels.find(name);
    labels[name] = found == operation.labels.end() ? "" : found->second;
  }
  return labels;
}

void count(VerdictCounts& counts, Verdict verdict) {
  switch (verdict) {
    case Verdict::violated:
      ++counts.violated;
      break;
    case Verdict::held:
      ++counts.held;
      break;
    case Verdict::unknown:
      ++counts.unknown;
      break;
  }
}

std::string in_words(const VerdictCounts& counts) {
  return fmt::format("{} violated, {} held, {} unknown", counts.violated, counts.held, counts.unknown);
}

/// Of all rows, whether or not the history speaks of promises.
PromisedRows counted_rows(const Promises& promises, const Judgement& judgement) {
  PromisedRows rows;
  for (const Row& row : judgement.rows) {
    if (is_of_control(row) || repeats_another(row, judgement)) continue;
    if (promises.any() && row.verdict == Verdict::unknown && promises.is_of_final_check_alone(row)) continue;
    count(promises.counts(row) ? rows.promised : rows.not_promised, row.verdict);
  }
  return rows;
}

}  // namespace

Promises::Promises(const History& history, const Judgement& judgement) {
  if (judgement.grouped_by.empty()) return;
  for (const Operation& operation : history.operations) {
    Labels labels = labels_of(operation, judgement.grouped_by);
    if (!is_of_final_check(operation)) loaded_.insert(labels);
    const auto promised = operation.labels.find("promised");
    if (operation.is_write() || promised == operation.labels.end()) continue;
    // Of another word nobody knows what it says.
    const bool yes = promised->second == "yes";
    const auto says = yes || promised->second == "no" ? std::optional(yes) : std::nullopt;
    const auto [known, fresh] = groups_.try_emplace(std::move(labels), says);
    if (!fresh && known->second != says) known->second.reset();
  }
}

std::optional<bool> Promises::of(const Row& row) const {
  const auto found = groups_.find(row.labels);
  return found == groups_.end() ? std::nullopt : found->second;
}

Verdict VerdictCounts::verdict() const {
  if (violated > 0) return Verdict::violated;
  return unknown > 0 || held == 0 ? Verdict::unknown : Verdict::held;
}

std::optional<PromisedRows> count_promised(const History& history, const Judgement& judgement) {
  const Promises promises(history, judgement);
  if (!promises.any()) return std::nullopt;
  return counted_rows(promises, judgement);
}

Verdict promised_verdict(const History& history, const Judgement& judgement) {
  return counted_rows(Promises(history, judgement), judgement).promised.verdict();
}

std::string violated_in_words(const std::optional<PromisedRows>& rows) {
  if (!rows || rows->promised.violated + rows->not_promised.violated == 0) return "";
  const std::string promised =
      rows->promised.violated == 0 ? "no promised row" : counted(rows->promised.violated, "promised row");
  return fmt::format("{} violated, {} not promised", promised, rows->not_promised.violated);
}

std::string counts_in_words(const PromisedRows& rows) {
  return fmt::format("rows that the system promises: {}; others: {}", in_words(rows.promised),
                     in_words(rows.not_promised));
}

nlohmann::ordered_json promises_json(const PromisedRows& rows) {
  const auto counts = [](const VerdictCounts& of) {
    return nlohmann::ordered_json{{"violated", of.violated}, {"held", of.held}, {"unknown", of.unknown}};
  };
  return {{"verdict", to_string(rows.promised.verdict())},
          {"promised", counts(rows.promised)},
          {"not_promised", counts(rows.not_promised)}};
}

std::vector<ToldEntry> entries_to_tell(const History& history, const Judgement& judgement) {
  const Promises promises(history, judgement);
  enum Turn { promised, not_promised, control };
  std::vector<ToldEntry> entries;
  for (const Turn turn : {promised, not_promised, control}) {
    for (const Row& row : judgement.rows) {
      const Turn of_row = is_of_control(row) ? control : promises.counts(row) ? promised : not_promised;
      if (of_row != turn) continue;
      for (const Violation& violation : row.entries)
        entries.push_back({&row, &violation});
    }
  }
  return entries;
}

}  // namespace afterwrite
