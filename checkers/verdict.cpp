#include "checkers/verdict.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "checkers/interval.hpp"

namespace afterwrite {

namespace {

void set_rate(Row& row, std::uint64_t broken) {
  if (row.at_risk == 0) return;
  const std::uint64_t hits = std::min(broken, row.at_risk);
  const Interval interval = share_interval(hits, row.at_risk);
  row.rate = static_cast<double>(hits) / static_cast<double>(row.at_risk);
  row.rate_low = interval.low;
  row.rate_high = interval.high;
}

bool is_list_violation(const Violation& violation) {
  return !violation.cycle.empty() && violation.cycle.front().kind == EdgeKind::list_contents;
}

/// Whether a list contains an element.
bool shows(const Value& list, const Value& element) {
  if (!is_list(list) || is_null(element) || is_list(element)) return false;
  const List& elements = std::get<List>(list);
  return std::find(elements.begin(), elements.end(), to_scalar(element)) != elements.end();
}

std::string held_reason(const Row& row) {
  std::string reason = fmt::format("none of {} at-risk operation{} broke it", row.at_risk, row.at_risk == 1 ? "" : "s");
  constexpr std::uint64_t rule_of_three = 3;
  if (row.at_risk > rule_of_three) {
    reason += fmt::format("; below about {:.2g} % at 95 % if they were independent",
                          100.0 * rule_of_three / static_cast<double>(row.at_risk));
  }
  return reason;
}

std::string too_few_reason(const Row& row, const VerdictGrounds& grounds) {
  std::string reason = fmt::format("only {} of {} decided operations were at risk ({} needed)", row.at_risk,
                                   row.decided, grounds.min_at_risk);
  if (!grounds.sampled) {
    reason += "; no lag was sampled, so only what others were later seen to miss counts";
    if (!grounds.one_clock) reason += ", and without the assumption one-clock only the session's own later reads";
  }
  return reason;
}

/// Which of the guarantees the operations of a joint row broke, and where those are that the row does not list.
std::string violated_reason(const Row& row) {
  std::string reason = fmt::format("{} of {} at-risk operation{} broke it", row.broken, row.at_risk, row.at_risk == 1 ? "" : "s");
  if (row.guarantees.count() == 1) return reason;
  std::array<std::uint64_t, guarantee_count> alone{};
  std::uint64_t jointly = 0;
  for (const Violation& violation : row.entries) {
    std::uint64_t* count = &jointly;
    for (std::size_t i = 0; i < guarantee_count; ++i) {
      if (violation.guarantees == only(static_cast<Guarantee>(i))) count = &alone[i];
    }
    *count += violation.count;
  }
  std::vector<std::string> counts;
  for (std::size_t i = 0; i < guarantee_count; ++i) {
    if (alone[i] > 0) counts.push_back(fmt::format("{} {} alone", alone[i], to_string(only(static_cast<Guarantee>(i)))));
  }
  if (jointly > 0) counts.push_back(fmt::format("{} only jointly", jointly));
  reason += counts.empty() ? ", none only jointly" : fmt::format(": {}", fmt::join(counts, ", "));
  if (row.listed_elsewhere.none()) return reason;
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < guarantee_count; ++i) {
    if (row.listed_elsewhere.test(i)) rows.push_back(to_string(only(static_cast<Guarantee>(i))));
  }
  return reason + fmt::format("; for the others see the {} {}", rows.size() == 1 ? "row" : "rows",
                              fmt::join(rows, ", "));
}

}  // namespace

void conclude(Row& row, const VerdictGrounds& grounds) {
  set_rate(row, row.broken);
  std::vector<std::string> doubts = grounds.doubts;
  doubts.insert(doubts.end(), grounds.row_doubts.begin(), grounds.row_doubts.end());
  for (const std::string& dropped : row.dropped) doubts.push_back(dropped);
  if (row.broken > 0) {
    row.verdict = Verdict::violated;
    row.reason = violated_reason(row);
  } else if (!doubts.empty()) {
    row.verdict = Verdict::unknown;
    row.reason = fmt::format("{}", fmt::join(doubts, "; "));
  } else if (row.decided == 0) {
    const bool writes_alone = row.guarantees == only(Guarantee::monotonic_writes) ||
                              row.guarantees == only(Guarantee::writes_follow_reads);
    row.reason = writes_alone ? "nothing recorded orders these writes"
                              : "nothing was decided: no operation was owed anything whose order is known";
  } else if (row.at_risk < grounds.min_at_risk) {
    row.reason = too_few_reason(row, grounds);
  } else {
    row.verdict = Verdict::held;
    row.reason = held_reason(row);
  }
}

namespace {

/// Two violations with the same key are the same met again.
using EntryKey = std::tuple<unsigned long, std::string, std::string, Value, bool, unsigned long>;

EntryKey entry_key(const History& history, const Violation& violation) {
  const auto key = [&](const Value& value, bool kind) {
    return EntryKey(violation.guarantees.to_ulong(), violation.scope_name, violation.key, value, kind,
                    violation.assumptions.to_ulong());
  };
  if (is_list_violation(violation)) return key(violation.expected, shows(violation.observed, violation.expected));
  // A write does not meet what a read met, though the value be the same.
  return key(violation.observed, history.operations[violation.operation].is_write());
}

}  // namespace

std::vector<Violation> merge_entries(const History& history, std::vector<Violation> violations) {
  std::stable_sort(violations.begin(), violations.end(),
                   [](const Violation& a, const Violation& b) { return a.operation < b.operation; });
  std::vector<Violation> merged;
  std::map<EntryKey, std::size_t> places;
  for (Violation& violation : violations) {
    const auto [place, fresh] = places.emplace(entry_key(history, violation), merged.size());
    if (fresh) {
      merged.push_back(std::move(violation));
    } else {
      Violation& first = merged[place->second];
      first.count += violation.count;
      first.repeats.push_back({violation.operation, violation.staleness_ms, violation.versions_behind});
      if (first.lost_at.empty()) first.lost_at = violation.lost_at;
    }
  }
  return merged;
}

}  // namespace afterwrite
