#include "harness/history/formats/initial_value.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace afterwrite {
namespace {

/// Of one key it might as well be a reset in mid-run.
constexpr std::size_t fewest_keys_of_a_setup = 2;

bool writes_initial(const Operation& op, const Value& initial) {
  return op.function == Function::write && op.value == initial;
}

/// The name of the transaction that set every key up; empty if there is none. Any other write of the initial value, of
/// whatever outcome, would leave open which of them a read saw.
std::string_view setup_transaction(const History& history, const Value& initial) {
  std::unordered_map<std::string_view, std::string_view> first_of_session;
  std::unordered_set<std::string_view> keys;
  std::unordered_set<std::string_view> set_up;
  std::string_view setup;
  for (const Operation& op : history.operations) {
    const std::string_view first = first_of_session.emplace(op.session, op.txn).first->second;
    keys.insert(op.key);
    if (!writes_initial(op, initial)) continue;
    if (setup.empty()) setup = op.txn;
    if (op.txn.empty() || op.txn != setup || op.txn != first || op.outcome != Outcome::ok) return {};
    if (!set_up.insert(op.key).second) return {};
  }
  if (set_up.size() != keys.size() || keys.size() < fewest_keys_of_a_setup) return {};
  const bool writes_alone = std::all_of(history.operations.begin(), history.operations.end(), [&](const Operation& op) {
    return op.txn != setup || writes_initial(op, initial);
  });
  return writes_alone ? setup : std::string_view{};
}

}  // namespace

void take_initial_value(History& history, const Scalar& initial_scalar) {
  const Value initial = to_value(initial_scalar);
  if (const std::string setup(setup_transaction(history, initial)); !setup.empty()) {
    std::erase_if(history.operations, [&](const Operation& op) { return op.txn == setup; });
    history.notes.push_back(fmt::format(
        "transaction {} sets every key to {}: taken for the initial state, and not judged", setup, display(initial)));
  }
  for (Operation& op : history.operations) {
    if (op.value != initial) continue;
    if (op.function == Function::read) op.value = {};
    if (op.function == Function::write) {
      op.function = Function::remove;
      op.value = {};
    }
  }
}

}  // namespace afterwrite
