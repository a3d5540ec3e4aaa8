#pragma once

#include <limits>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "checkers/exposure.hpp"
#include "checkers/lists/key.hpp"
#include "checkers/owed.hpp"

namespace afterwrite {

/// For each element of one list the latest moment at which a read that lacks it was invoked: by anyone or, without one
/// clock, by the session that asks.
class LaterLists {
 public:
  static constexpr Nanoseconds never = -1;

  LaterLists(const History& history, const KeyHistory& key, const ListKey& list, bool one_clock);
  Nanoseconds latest_without(ListKey::Element element, std::string_view session) const;

 private:
  /// What the latest read lacks is most of what there is, so only the rest is listed.
  struct Track {
    Nanoseconds of_others = never;
    std::unordered_map<ListKey::Element, Nanoseconds> listed;
  };
  bool one_clock_;
  std::unordered_map<std::string_view, Track> tracks_;  // by session, or one for all under ""
};

/// One list and all that is needed to judge it. Refers to what others own; they outlive it.
struct ListSubject {
  const History& history;
  const KeyHistory& key;
  const ListKey& list;
  const Scoping& scoping;
  const std::vector<bool>& in_group;  ///< by operation; empty: all
  const Exposure& exposure;
  const LaterLists& later;

  const Operation& operation(std::size_t place) const { return history.operations[key.operations[place]]; }
  bool precedes(std::size_t a, std::size_t b) const { return a < b && completes_before(operation(a), operation(b)); }
  bool counts(std::size_t place) const { return in_group.empty() || in_group[key.operations[place]]; }
  /// From when on an element was there for sure: its acknowledgement, else its first read.
  std::optional<Nanoseconds> there_since(ListKey::Element element) const;
  /// As KeyOrder::not_there_before.
  Nanoseconds not_there_before(ListKey::Element element) const;
};

/// The elements that a session has appended (acknowledged), or those that it has read, in order of completion.
class ListChain {
 public:
  struct Event {
    ListKey::Element element = 0;
    std::size_t place = 0;  ///< in KeyHistory::operations: of the append, or of the first read that showed it
  };

  /// They are of several sessions: what ended in the moment in which an operation began is left to the chain of its session.
  bool several = false;

  void add(const ListSubject& subject, const Event& event);
  const std::vector<Event>& events() const { return events_; }

  /// How many of the events precede the operation: those owed to it.
  std::size_t owed_to(const ListSubject& subject, std::size_t place) const;

  /// Whether one of the first `owed` events was at risk of being missed by an operation that was invoked then
  /// (docs/guarantees.md, "At risk", 1 to 3).
  bool at_risk(const Exposure& exposure, std::size_t owed, Nanoseconds invoke) const;

 private:
  /// The worst of all events up to one.
  struct Worst {
    Nanoseconds since = std::numeric_limits<Nanoseconds>::min();      // latest moment at which one was there for sure
    Nanoseconds lacking = LaterLists::never;                          // latest invocation of a read without one of them
    Nanoseconds lost_from = std::numeric_limits<Nanoseconds>::max();  // first promotion that lost one
  };
  std::vector<Event> events_;
  std::vector<Worst> worst_;  // parallel to events_
};

/// What one session, user or process did with a list.
struct ListView {
  ListChain written;
  ListChain read;
  std::vector<std::size_t> reads;  ///< places in KeyHistory::operations, of those that count
  bool part = false;               ///< of a user: one of several sessions
};

/// The sessions that touched a list, and for each of the key's operations whose it is. A user with several sessions has a view for
/// all of them and one for each.
struct ListViews {
  std::vector<ListView> views;
  std::vector<std::uint32_t> of;   ///< parallel to KeyHistory::operations
  std::vector<std::uint32_t> own;  ///< likewise: the view of its session alone; the same where there are not several
};
ListViews view_list_sessions(const ListSubject& subject);

}  // namespace afterwrite
