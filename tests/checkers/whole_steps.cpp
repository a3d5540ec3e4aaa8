#include "tests/checkers/whole_steps.hpp"

#include <algorithm>
#include <utility>

namespace afterwrite::oracle {
namespace {

const std::string own_invoke = "own invoke";
const std::string own_complete = "own complete";

/// What a transaction's operations have in common; an operation by itself has all of it alone.
struct Step {
  std::size_t last = 0;
  Nanoseconds invoke = 0;
  Nanoseconds complete = 0;
  bool all_ok = true;
};

Step step_of(const History& history, std::size_t operation) {
  const Operation& own = history.operations[operation];
  Step step{operation, own.invoke, own.complete, true};
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    if (!same_transaction(history, i, operation)) {
      continue;
    }
    const Operation& other = history.operations[i];
    step.last = std::max(step.last, i);
    step.invoke = std::min(step.invoke, other.invoke);
    step.complete = std::max(step.complete, other.complete);
    step.all_ok = step.all_ok && other.outcome == Outcome::ok;
  }
  return step;
}

/// Whether the operation's transaction wrote its key at a place of the file between these two (exclusive).
bool written_between(const History& history, std::size_t operation, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    const Operation& other = history.operations[i];
    if (i != operation && same_transaction(history, i, operation) && other.is_write() &&
        other.outcome != Outcome::fail && other.key == history.operations[operation].key) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool same_transaction(const History& history, std::size_t a, std::size_t b) {
  const Operation& one = history.operations[a];
  const Operation& other = history.operations[b];
  return !one.txn.empty() && one.txn == other.txn && one.session == other.session;
}

bool is_internal(const History& history, std::size_t operation) {
  return !history.operations[operation].is_write() && written_between(history, operation, 0, operation);
}

bool is_intermediate(const History& history, std::size_t operation) {
  const Operation& write = history.operations[operation];
  return write.is_write() && write.outcome != Outcome::fail &&
         written_between(history, operation, operation + 1, history.operations.size());
}

void WholeSteps::lead(Violation& entry) const {
  const auto lead_one = [&](std::size_t& index) { index = place.at(index); };
  lead_one(entry.operation);
  std::for_each(entry.operations.begin(), entry.operations.end(), lead_one);
  std::sort(entry.operations.begin(), entry.operations.end());
  for (Edge& edge : entry.cycle) {
    std::for_each(edge.operations.begin(), edge.operations.end(), lead_one);
  }
  for (Repeat& repeat : entry.repeats) {
    lead_one(repeat.operation);
  }
}

void WholeSteps::lead(Judgement& judgement) const {
  for (Row& row : judgement.rows) {
    for (Violation& entry : row.entries) {
      lead(entry);
    }
  }
}

Moments own_moments(const Operation& operation) {
  const auto complete = operation.labels.find(own_complete);
  if (complete == operation.labels.end()) {
    return {operation.invoke, operation.complete};
  }
  return {std::stoll(operation.labels.at(own_invoke)), std::stoll(complete->second)};
}

WholeSteps whole_steps(const History& history) {
  std::vector<std::pair<std::size_t, std::size_t>> order;  // where its step stands, operation
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    order.emplace_back(step_of(history, i).last, i);
  }
  std::sort(order.begin(), order.end());
  WholeSteps whole{history, std::vector<std::size_t>(order.size())};
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::size_t from = order[place].second;
    const Step step = step_of(history, from);
    Operation& operation = whole.history.operations[place];
    operation = history.operations[from];
    if (!operation.txn.empty()) {
      operation.labels[own_invoke] = std::to_string(operation.invoke);
      operation.labels[own_complete] = std::to_string(operation.complete);
    }
    operation.invoke = step.invoke;
    operation.complete = step.complete;
    if (operation.outcome == Outcome::ok && !step.all_ok) {
      operation.outcome = Outcome::info;
    }
    whole.place[from] = place;
  }
  return whole;
}

}  // namespace afterwrite::oracle
