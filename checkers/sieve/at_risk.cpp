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

std::int64_t Staircase::oldest_since(Nanoseconds moment) const {
  const auto found = std::lower_bound(steps_.begin(), steps_.end(), moment,
                                      [](const Step& step, Nanoseconds time) { return step.invoke < time; });
  return found == steps_.end() ? INT64_MAX : found->number;
}

LagTimeline::LagTimeline(const std::vector<LagSample>& samples) {
  std::vector<const LagSample*> sorted;
  for (const LagSample& sample : samples)
    sorted.push_back(&sample);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const LagSample* a, const LagSample* b) { return a->time < b->time; });
  // From the last to the first, so that what each node shows next is at hand.
  std::map<std::string_view, Nanoseconds> next;
  for (auto sample = sorted.rbegin(); sample != sorted.rend(); ++sample) {
    const auto beat = (*sample)->reachable ? (*sample)->beat_acknowledged : std::nullopt;
    next[(*sample)->node] = beat.value_or(never);
    any_behind_ = any_behind_ || beat.has_value();
    if (std::next(sample) != sorted.rend() && (*std::next(sample))->time == (*sample)->time) continue;
    Nanoseconds oldest = never;
    for (const auto& [node, invisible] : next)
      oldest = std::min(oldest, invisible);
    until_.push_back({(*sample)->time, oldest});
  }
  std::reverse(until_.begin(), until_.end());
}

Nanoseconds LagTimeline::invisible_since(Nanoseconds invoke) const {
  const auto found = std::lower_bound(until_.begin(), until_.end(), invoke,
                                      [](const Until& until, Nanoseconds time) { return until.time < time; });
  return found == until_.end() ? never : found->oldest_beat;
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
      session + 1, [&](const Session& held) { return held.session == session + 1; }, 0);
  slot.session = session + 1;
  return slot;
}

void KeyRisk::acknowledge(std::int64_t number, Nanoseconds moment) {
  acknowledged.at(
      Acknowledged::hash_of(number), [&](const Acknowledged& held) { return held.number == number; }, 0) = {number,
                                                                                                            moment + 1};
}

Nanoseconds KeyRisk::acknowledged_at(std::int64_t number) {
  return acknowledged
             .at(
                 Acknowledged::hash_of(number), [&](const Acknowledged& held) { return held.number == number; }, 0)
             .moment_and_one -
         1;
}

}  // namespace afterwrite
