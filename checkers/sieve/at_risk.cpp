#include "checkers/sieve/at_risk.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace afterwrite {

namespace {

constexpr Nanoseconds never = INT64_MAX;

}  // namespace

void Staircase::add(Nanoseconds invoke, std::int64_t number) {
  auto later = steps_.end();  // the first that was invoked no earlier
  while (later != steps_.begin() && (later - 1)->invoke >= invoke)
    --later;
  if (later != steps_.end() && later->number <= number) return;
  // Those that this one undercuts; it may have begun with the next one.
  const auto end = later != steps_.end() && later->invoke == invoke ? later + 1 : later;
  auto begin = later;
  while (begin != steps_.begin() && (begin - 1)->number >= number)
    --begin;
  if (begin == end) {
    steps_.insert(begin, {invoke, number});
    return;
  }
  *begin = {invoke, number};
  steps_.erase(begin + 1, end);
}

std::int64_t Staircase::oldest_after(Nanoseconds moment) const {
  const auto found = std::upper_bound(steps_.begin(), steps_.end(), moment,
                                      [](Nanoseconds time, const Step& step) { return time < step.invoke; });
  return found == steps_.end() ? INT64_MAX : found->number;
}

LagTimeline::LagTimeline(const std::vector<LagSample>& samples) {
  std::vector<const LagSample*> sorted;
  for (const LagSample& sample : samples)
    sorted.push_back(&sample);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const LagSample* a, const LagSample* b) { return a->time < b->time; });
  const auto oldest = [](const std::map<std::string_view, Nanoseconds>& nodes) {
    Nanoseconds least = never;
    for (const auto& [node, invisible] : nodes)
      least = std::min(least, invisible);
    return least;
  };
  // From the last to the first, so that what each node shows next is at hand.
  std::map<std::string_view, Nanoseconds> next;
  for (auto sample = sorted.rbegin(); sample != sorted.rend();) {
    const Nanoseconds time = (*sample)->time;
    std::map<std::string_view, Nanoseconds> then = next;  // at that very moment: both what is shown then and next
    std::map<std::string_view, Nanoseconds> before = next;
    for (; sample != sorted.rend() && (*sample)->time == time; ++sample) {
      const std::string_view node = (*sample)->node;
      const auto beat = (*sample)->reachable ? (*sample)->beat_acknowledged : std::nullopt;
      any_behind_ = any_behind_ || beat.has_value();
      before[node] = beat.value_or(never);
      const auto later = then.emplace(node, never).first;
      later->second = std::max(later->second, beat.value_or(never));
    }
    next = std::move(before);
    until_.push_back({time, oldest(then), oldest(next)});
  }
  std::reverse(until_.begin(), until_.end());
}

Nanoseconds LagTimeline::invisible_since(Nanoseconds invoke) const {
  const auto found = std::lower_bound(until_.begin(), until_.end(), invoke,
                                      [](const Until& until, Nanoseconds time) { return until.time < time; });
  if (found == until_.end()) return never;
  return found->time == invoke ? found->oldest_then : found->oldest_before;
}

bool OwedRisk::push(Nanoseconds there_since, Origin origin) {
  constexpr std::uint16_t looked_at = 16;  // any_recent() of exposure.cpp
  const bool first = since < 0;
  since = std::max(since, there_since);
  if (first || origin > older) {
    older = origin;
    after = 0;
    of_first = first;
    return true;
  }
  after = origin == older ? 0 : static_cast<std::uint16_t>(after + 1);
  return after < looked_at || of_first;
}

KeyRisk::Session& KeyRisk::of_session(std::uint32_t session) {
  Session& slot = sessions.at(
      Session::hash_of(session + 1), [&](const Session& held) { return held.session == session + 1; }, 0, memory);
  slot.session = session + 1;
  return slot;
}

KeyRisk::Acknowledged& KeyRisk::of_version(std::int64_t number) {
  return acknowledged.at(
      Acknowledged::hash_of(number), [&](const Acknowledged& held) { return held.number == number; }, 0, memory);
}

void KeyRisk::acknowledge(std::int64_t number, Nanoseconds moment) {
  of_version(number) = {number, moment + 1};
}

Nanoseconds KeyRisk::acknowledged_at(std::int64_t number) {
  return of_version(number).moment_and_one - 1;
}

}  // namespace afterwrite
