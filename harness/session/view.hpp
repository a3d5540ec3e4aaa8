#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "harness/history/operation.hpp"

namespace afterwrite {

/// A way to read that answers for several keys at once: a page of a feed, a profile, a search. It *decides* a key if
/// its answer shows what the key holds, or that it holds nothing; what lies beyond the page stays undecided.
struct View {
  std::string name;                ///< borne by its reads as the label `route`
  std::string node;                ///< who serves it; empty: whom the session's read policy chooses
  std::vector<std::string> kinds;  ///< of the keys that it can decide
  bool promised = true;            ///< the system says that it shows a session its own writes
};

/// One part of a way to write: so many keys of one kind, one after the other or in one commit.
struct DeedStep {
  std::string kind;
  std::size_t count = 1;
  bool remove = false;  ///< deletes keys that were written a while ago, rather than writing new ones
};

/// A way to write, and what of it is looked at afterwards: the keys of its last step.
struct Deed {
  std::string name;             ///< borne by its writes, and by the reads that look for them, as the label `write`
  std::vector<DeedStep> steps;  ///< at least one
  bool together = false;        ///< each step in one commit
  bool promised = true;         ///< the system says that views which promise anything show a session this
  bool alone = false;           ///< begun only when nothing is pending: see Catalogue::most_pending
};

/// The label under which a client tells with each answer how many keys of the session's user the views may still lack.
inline constexpr const char* pending_label = "pending";

/// What a system offers beside reads and writes of one key.
struct Catalogue {
  std::vector<View> views;
  std::vector<Deed> deeds;
  /// The kinds of which each user has one key that is written again and again; of all others each write has a key of
  /// its own.
  std::vector<std::string> single;
  /// A session leaves no more than so many keys pending (see pending_label), but for deeds that are meant to. 0: as
  /// many as it likes.
  std::size_t most_pending = 0;
  /// How long after its write a key is old enough to be deleted by a deed, in milliseconds.
  std::size_t old_after_ms = 2000;

  bool empty() const { return views.empty(); }
};

/// A key that a look asks for, and what rides along with its read into the history.
struct Sought {
  std::string key;
  std::map<std::string, std::string> labels;
};

/// A key that is written together with others.
struct Put {
  std::string key;
  Scalar value;
};

}  // namespace afterwrite
