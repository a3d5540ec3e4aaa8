#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/history/operation.hpp"

namespace afterwrite {

/// The state before every version, where numbers are recorded: older than all of them.
inline constexpr std::int64_t nothing_there = INT64_MIN;

/// The newest versions of one key, in their order, with the moment at which each was first mentioned: a few, and all
/// that were mentioned while an operation that is still to come may have been going on. What cannot be told because it
/// is too long ago is said to be unknown.
///
/// A version is named by its number: the recorded one, or its place in the order of first mention. Numbers of the
/// latter kind do not always stand for the order of the versions: two writes at the same time may have been
/// acknowledged the other way round than they took effect. Two neighbours may therefore change places as long as
/// nothing has shown their order.
class RecentVersions {
 public:
  /// Takes a version in; those mentioned before `horizon` may be forgotten. False if another bears this number, or may.
  bool add(std::int64_t number, Nanoseconds mentioned, Nanoseconds horizon);

  /// When a version newer than this one (`nothing`: than none) was first mentioned, or that it may have been long ago
  /// (the least time there is). The greatest time there is if none was.
  Nanoseconds newer_since(std::optional<std::int64_t> number) const {
    if (entries_.empty() || entries_.back().number == number) return never;
    return search_newer(number);
  }

  void prefetch() const {
    if (entries_.empty()) return;
    __builtin_prefetch(&entries_.front(), 1);
    __builtin_prefetch(&entries_.back(), 1);
  }

  /// The moment of one version's first mention, if it is still known.
  std::optional<Nanoseconds> mentioned(std::int64_t number) const;

  /// Where later numbers were mentioned later: the greatest of those mentioned before `moment`; 0 if there was none.
  /// Nothing if that is too long ago.
  std::optional<std::int64_t> greatest_before(Nanoseconds moment) const;
  /// Whether one that is still known, other than this one, was first mentioned in that very moment.
  bool another_mentioned_at(Nanoseconds moment, std::int64_t number) const;

  // What has to be known of places of first mention, for swap_with_next().

  /// The write of this version has come.
  void written(std::int64_t number, Nanoseconds invoke);
  /// Somebody is owed the version before this one, and has met this one.
  void show_order(std::int64_t number);
  /// Lets the version that follows this one stand before it. False if something says that it does not: its write
  /// was invoked when this one had been mentioned; somebody met both in this order; or too little is known of it.
  bool swap_with_next(std::int64_t number);

 private:
  static constexpr Nanoseconds never = INT64_MAX;
  static constexpr Nanoseconds long_ago = INT64_MIN;

  struct Entry {
    std::int64_t number;
    Nanoseconds mentioned;
    Nanoseconds invoke = never;  // of its write, once that has come
    bool follows = false;        // somebody met the one before it, and then it
  };
  Nanoseconds search_newer(std::optional<std::int64_t> number) const;
  Entry* find(std::int64_t number);

  std::vector<Entry> entries_;  // oldest first
  bool forgotten_ = false;
  std::int64_t greatest_forgotten_ = 0;
};

}  // namespace afterwrite
