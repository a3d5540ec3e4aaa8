#include "checkers/lost_write.hpp"

#include <algorithm>

#include "checkers/recorded_member.hpp"

namespace afterwrite {

namespace {

bool lists(const Value& value, const Value& element) {
  if (!is_list(value) || is_null(element) || is_list(element)) return false;
  const List& list = std::get<List>(value);
  return std::find(list.begin(), list.end(), to_scalar(element)) != list.end();
}

/// What the violation's operation should have shown was written by this one, as the system itself said.
bool wrote_what_was_owed(const Operation& op, const Violation& violation) {
  return op.is_write() && op.outcome == Outcome::ok && op.key == violation.key && op.value == violation.expected;
}

}  // namespace

std::vector<Promotion> find_promotions(const History& history) {
  std::vector<Promotion> all;
  for (const FaultEvent& event : history.faults) {
    if (event.fault != "failover" || event.phase != "proof") continue;
    if (!recorded_flag(event.detail, "accepted_write").value_or(false)) continue;
    all.push_back({event.episode.empty() ? event.fault : event.episode,
                   recorded_text(event.detail, "promoted").value_or(""), event.time});
  }
  return all;
}

std::string lost_at(const History& history, const std::vector<Promotion>& promotions, const Violation& violation) {
  const Operation& read = history.operations[violation.operation];
  if (promotions.empty() || read.is_write() || read.role != Role::leader) return "";
  if (lists(violation.observed, violation.expected)) return "";  // it moved within the list, and is there
  for (const Promotion& promotion : promotions) {
    if (read.invoke < promotion.time || (!promotion.node.empty() && read.node != promotion.node)) continue;
    for (const std::size_t index : violation.operations) {
      const Operation& write = history.operations[index];
      if (!wrote_what_was_owed(write, violation) || write.complete > promotion.time) continue;
      // What the promoted node acknowledged itself was not lost by promoting it.
      if (promotion.node.empty() || write.node != promotion.node) return promotion.episode;
    }
  }
  return "";
}

}  // namespace afterwrite
