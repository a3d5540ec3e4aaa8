#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "checkers/lists/owed.hpp"

namespace afterwrite {

/// Where each element stands in the list that was marked last.
class ListPlaces {
 public:
  explicit ListPlaces(const ListSubject& subject)
      : list_(subject.list), places_(subject.list.values.size(), 0), stamps_(subject.list.values.size(), 0) {}

  void mark(std::size_t read) {
    ++stamp_;
    std::size_t next = 0;
    for (const ListKey::Element element : list_.contents[read]) {
      stamps_[element] = stamp_;
      places_[element] = next++;
    }
  }
  bool shown(ListKey::Element element) const { return stamps_[element] == stamp_; }
  /// Of an element that is shown.
  std::size_t at(ListKey::Element element) const { return places_[element]; }

 private:
  const ListKey& list_;
  std::vector<std::size_t> places_;
  std::vector<std::uint64_t> stamps_;
  std::uint64_t stamp_ = 0;
};

/// An operation that was owed an element and did not get it. All are places in KeyHistory::operations.
struct ListBreach {
  std::size_t broken = 0;  ///< a read; or an append, whose element stands in a list without the other before it
  ListChain::Event owed;
  std::size_t list =
      0;  ///< the read that shows it: `broken` itself, or the first list that shows the append out of order
  /// If the element is there, but stands elsewhere than before: the one that it changed places with.
  std::optional<ListKey::Element> passed = std::nullopt;
};

/// Makes violations of breaches of one guarantee.
class ListAccuser {
 public:
  ListAccuser(const ListSubject& subject, Guarantee guarantee) : subject_(subject), guarantee_(guarantee) {}

  /// The violation that a breach is, with its evidence. Where the same session was accused for the sake of the same
  /// element before, only that element is copied from the list: there may be as many violations as there are long
  /// lists, and of those that are merged into one entry one list is enough.
  Violation accuse(const ListBreach& breach);

 private:
  const ListSubject& subject_;
  Guarantee guarantee_;
  std::set<std::tuple<std::uint32_t, ListKey::Element, bool>>
      accused_;  // who, for the sake of what, whether it was there
};

}  // namespace afterwrite
