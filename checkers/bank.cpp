#include "checkers/bank.hpp"

#include <cstdlib>
#include <map>
#include <unordered_set>

#include "checkers/key_history.hpp"

namespace afterwrite {

namespace {

struct Intent {
  std::uint64_t carried_out = 0;
  bool unsure = false;
  std::int64_t amount = 0;
};

/// Every element that some read of a key showed, by key.
std::map<std::string_view, std::unordered_set<Scalar, ScalarHash>> seen_elements(const History& history) {
  std::map<std::string_view, std::unordered_set<Scalar, ScalarHash>> seen;
  for (const Operation& op : history.operations) {
    if (op.is_write() || op.outcome != Outcome::ok || !is_list(op.value)) continue;
    const List& list = std::get<List>(op.value);
    seen[op.key].insert(list.begin(), list.end());
  }
  return seen;
}

}  // namespace

std::optional<BankSummary> count_intents(const History& history) {
  std::map<std::string_view, Intent> intents;
  const auto seen = seen_elements(history);
  for (const Operation& op : history.operations) {
    if (op.intent.empty() || op.function != Function::append) continue;
    Intent& intent = intents[op.intent];
    const auto amount = op.labels.find("amount");
    if (amount != op.labels.end()) intent.amount = std::strtoll(amount->second.c_str(), nullptr, 10);
    const auto list = seen.find(op.key);
    const bool shown = op.outcome == Outcome::info && !is_null(op.value) && list != seen.end() &&
                       list->second.contains(to_scalar(op.value));
    if (op.outcome == Outcome::ok || shown) ++intent.carried_out;
    if (op.outcome == Outcome::info) intent.unsure = true;
  }
  if (intents.empty()) return std::nullopt;
  BankSummary summary;
  summary.intents = intents.size();
  constexpr std::size_t shown_examples = 5;
  for (const auto& [name, intent] : intents) {
    if (intent.carried_out < 2) continue;
    if (intent.unsure) {
      ++summary.twice_after_unknown_outcome;
      continue;
    }
    ++summary.carried_out_twice;
    summary.money_moved_twice += static_cast<std::int64_t>(intent.carried_out - 1) * intent.amount;
    if (summary.examples.size() < shown_examples) summary.examples.emplace_back(name);
  }
  return summary;
}

}  // namespace afterwrite
