#include "checkers/sieve/recent_versions.hpp"

#include <algorithm>

namespace afterwrite {

namespace {

constexpr std::size_t fewest = 3;
constexpr std::size_t most = 256;

}  // namespace

bool RecentVersions::add(std::int64_t number, Nanoseconds mentioned, Nanoseconds horizon) {
  auto place = entries_.end();
  while (place != entries_.begin() && (place - 1)->number > number)
    --place;
  if (place != entries_.begin() && (place - 1)->number == number) return false;
  if (place == entries_.begin() && forgotten_) return false;
  // One that is older than the horizon stays, to say that what comes in late is newer than it.
  const std::size_t stays = entries_.size() >= fewest && entries_[0].number > entries_[1].number ? 2 : 1;
  const bool full = entries_.size() >= fewest && (entries_[stays].mentioned < horizon || entries_.size() == most);
  if (!full) {
    const auto at = place - entries_.begin();
    if (entries_.empty()) entries_.reserve(fewest + 1);
    entries_.insert(entries_.begin() + at, {number, mentioned});
    return true;
  }
  // The oldest goes, and those up to the new one's place move down.
  const bool oldest_itself = place == entries_.begin();
  const std::int64_t goes = oldest_itself ? number : entries_.front().number;
  greatest_forgotten_ = forgotten_ ? std::max(greatest_forgotten_, goes) : goes;
  forgotten_ = true;
  if (oldest_itself) return true;
  std::move(entries_.begin() + 1, place, entries_.begin());
  *(place - 1) = {number, mentioned};
  return true;
}

Nanoseconds RecentVersions::search_newer(std::optional<std::int64_t> number) const {
  Nanoseconds first = never;
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->number == number) return first;
    first = std::min(first, entry->mentioned);
  }
  return forgotten_ ? long_ago : first;
}

std::optional<Nanoseconds> RecentVersions::mentioned(std::int64_t number) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->number == number) return entry->mentioned;
  }
  return std::nullopt;
}

std::optional<std::int64_t> RecentVersions::greatest_before(Nanoseconds moment) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->mentioned >= moment) continue;
    // The one below may have changed places with it.
    const auto below = entry + 1;
    std::int64_t number = entry->number;
    if (below != entries_.rend() && below->mentioned < moment) number = std::max(number, below->number);
    if (forgotten_ && number < greatest_forgotten_) return std::nullopt;
    return number;
  }
  if (forgotten_) return std::nullopt;
  return 0;
}

bool RecentVersions::another_mentioned_at(Nanoseconds moment, std::int64_t number) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->mentioned == moment && entry->number != number) return true;
  }
  return false;
}

RecentVersions::Entry* RecentVersions::find(std::int64_t number) {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->number == number) return &*entry;
  }
  return nullptr;
}

void RecentVersions::written(std::int64_t number, Nanoseconds invoke) {
  if (Entry* const entry = find(number)) entry->invoke = invoke;  // else it is too old to change places
}

void RecentVersions::show_order(std::int64_t number) {
  if (Entry* const entry = find(number)) entry->follows = true;
}

bool RecentVersions::swap_with_next(std::int64_t number) {
  Entry* const entry = find(number);
  if (entry == nullptr || entry == &entries_.back()) return false;
  Entry* const next = entry + 1;
  if (next->number != number + 1 || next->follows || next->invoke >= entry->mentioned) return false;
  std::swap(*entry, *next);
  return true;
}

}  // namespace afterwrite
