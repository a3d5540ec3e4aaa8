#include "checkers/lost_write.hpp"

#include <algorithm>
#include <optional>

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

/// A beat that was acknowledged after the promotion came from the new leader. A node that shows it holds all that the
/// leader had before.
void find_caught_up(const History& history, Promotion& promotion) {
  std::optional<Nanoseconds> beat;
  for (const LagSample& sample : history.lags) {
    if (!sample.beat_acknowledged || *sample.beat_acknowledged < promotion.time) continue;
    if (!beat || *sample.beat_acknowledged < *beat) beat = sample.beat_acknowledged;
  }
  if (!beat) return;
  for (const LagSample& sample : history.lags) {
    if (!sample.reachable || sample.time < *beat) continue;
    if (sample.beat_acknowledged && *sample.beat_acknowledged <= *beat) continue;
    Nanoseconds& since = promotion.caught_up.emplace(sample.node, sample.time).first->second;
    since = std::min(since, sample.time);
  }
}

/// Whether what the promoted leader had is all that the read could show.
bool shows_the_new_leaders_state(const Operation& read, const Promotion& promotion) {
  if (read.invoke < promotion.time) return false;
  if (read.role == Role::leader && (promotion.node.empty() || read.node == promotion.node)) return true;
  const auto since = promotion.caught_up.find(read.node);
  return since != promotion.caught_up.end() && read.invoke >= since->second;
}

}  // namespace

std::vector<Promotion> find_promotions(const History& history) {
  std::vector<Promotion> all;
  for (const FaultEvent& event : history.faults) {
    if (event.fault != "failover" || event.phase != "proof") continue;
    if (!recorded_flag(event.detail, "accepted_write").value_or(false)) continue;
    Promotion& promotion = all.emplace_back();
    promotion.episode = event.episode.empty() ? event.fault : event.episode;
    promotion.node = recorded_text(event.detail, "promoted").value_or("");
    promotion.time = event.time;
    find_caught_up(history, promotion);
  }
  return all;
}

std::string lost_at(const History& history, const std::vector<Promotion>& promotions, const Violation& violation) {
  const Operation& read = history.operations[violation.operation];
  if (promotions.empty() || read.is_write()) return "";
  if (lists(violation.observed, violation.expected)) return "";  // it moved within the list, and is there
  for (const Promotion& promotion : promotions) {
    if (!shows_the_new_leaders_state(read, promotion)) continue;
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
