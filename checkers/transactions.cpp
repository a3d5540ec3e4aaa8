#include "checkers/transactions.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "harness/history/acknowledgement.hpp"

namespace afterwrite {

namespace {

struct Whole {
  Nanoseconds invoke = 0;
  Nanoseconds complete = 0;
  std::size_t last = 0;  // where its last operation stands
};

/// The transaction of each operation that is part of one, and where each operation is to stand.
class StepMaker {
 public:
  explicit StepMaker(const History& history)
      : all_(history.operations), acknowledgement_(history), step_of_(all_.size(), none) {
    using Name = std::pair<std::string_view, std::string_view>;  // of the session, and its own
    std::map<Name, std::size_t> names;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const Operation& op = all_[i];
      if (op.txn.empty()) continue;
      const auto [place, fresh] = names.emplace(Name(op.session, op.txn), wholes_.size());
      if (fresh) wholes_.push_back({op.invoke, op.complete, i});
      step_of_[i] = place->second;
      Whole& whole = wholes_[place->second];
      whole.invoke = std::min(whole.invoke, op.invoke);
      whole.complete = std::max(whole.complete, op.complete);
      whole.last = i;
    }
  }

  std::vector<OperationIndex> order() const {
    std::vector<OperationIndex> order(all_.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      order[i] = static_cast<OperationIndex>(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](OperationIndex a, OperationIndex b) { return stands_at(a) < stands_at(b); });
    return order;
  }

  Operation operation(std::size_t i) const {
    Operation op = all_[i];
    if (step_of_[i] == none) return op;
    const Whole& whole = wholes_[step_of_[i]];
    op.invoke = whole.invoke;
    op.complete = whole.complete;
    op.outcome = acknowledgement_.outcome(all_[i]);
    return op;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::size_t stands_at(std::size_t i) const { return step_of_[i] == none ? i : wholes_[step_of_[i]].last; }

  const std::vector<Operation>& all_;
  Acknowledgement acknowledgement_;
  std::vector<std::size_t> step_of_;
  std::vector<Whole> wholes_;
};

}  // namespace

void Steps::lead_back(Violation& violation) const {
  const auto lead = [&](std::size_t& index) { index = origin[index]; };
  lead(violation.operation);
  for (std::size_t& index : violation.operations)
    lead(index);
  std::sort(violation.operations.begin(), violation.operations.end());
  for (Edge& edge : violation.cycle) {
    for (std::size_t& index : edge.operations)
      lead(index);
  }
  for (Repeat& repeat : violation.repeats)
    lead(repeat.operation);
}

bool has_transactions(const History& history) {
  return std::any_of(history.operations.begin(), history.operations.end(),
                     [](const Operation& op) { return !op.txn.empty(); });
}

Steps make_steps(const History& history) {
  const StepMaker maker(history);
  Steps steps;
  steps.origin = maker.order();
  steps.history.name = history.name;
  steps.history.header = history.header;
  steps.history.faults = history.faults;
  steps.history.lags = history.lags;
  steps.history.truncated = history.truncated;
  steps.history.notes = history.notes;
  steps.history.footer = history.footer;
  steps.history.operations.reserve(history.operations.size());
  for (const OperationIndex i : steps.origin) {
    steps.history.operations.push_back(maker.operation(i));
    steps.own_times.push_back({history.operations[i].invoke, history.operations[i].complete});
  }
  return steps;
}

}  // namespace afterwrite
