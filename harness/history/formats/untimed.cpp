#include "harness/history/formats/untimed.hpp"

#include <algorithm>
#include <utility>

namespace afterwrite {

void UntimedHistory::add(const Place& place, std::uint64_t line, Function function, std::string key, Value value,
                         Outcome outcome) {
  Operation& op = history_.operations.emplace_back();
  op.line = line;
  op.session = op.process = place.session;
  op.function = function;
  op.key = std::move(key);
  if (function != Function::read || outcome == Outcome::ok) op.value = std::move(value);
  op.outcome = outcome;
  op.invoke = place.invoke;
  op.complete = place.complete;
  op.txn = place.txn;
}

History UntimedHistory::finish(std::string_view format) {
  const auto earlier = [](const Operation& a, const Operation& b) { return a.complete < b.complete; };
  std::vector<Operation>& operations = history_.operations;
  // A transaction may have been picked up again after others.
  if (!std::is_sorted(operations.begin(), operations.end(), earlier)) {
    std::stable_sort(operations.begin(), operations.end(), earlier);
  }
  history_.header.assume = std::vector<std::string>{"writer-order"};
  history_.header.all["recorded_as"] = format;
  history_.header.all["times"] = "none";
  return std::move(history_);
}

}  // namespace afterwrite
