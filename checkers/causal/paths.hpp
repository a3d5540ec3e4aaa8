#pragma once

#include <vector>

#include "checkers/causal/search.hpp"

namespace afterwrite {

/// Shortest ways from one step to another that follows from it: by its owner's order or by a read,
/// link by link. A search costs no more than the part of the history between the two. Refers to input and order.
class CausalPaths {
 public:
  using Index = CausalInput::Index;

  CausalPaths(const CausalInput& input, const CausalOrder& order);

  /// From `from` to `to`, of which the former lies behind the latter; empty if it does not, or if they are the same.
  /// Empty too for a long way once very much was searched: a history that is broken everywhere has more of them than
  /// anyone will read, and each may lead across all of it.
  std::vector<CausalLink> shortest(Index from, Index to);

 private:
  /// The way on from a step, towards the end of the path.
  struct Onward {
    Index search = 0;  // of which search this is
    CausalLink link;
  };

  bool by_one_link(Index from, Index to, std::vector<CausalLink>& way) const;
  bool by_few_links(Index from, Index to, std::vector<CausalLink>& way);
  void index_readers();
  bool precedes(Index a, Index b) const;
  bool reach(const CausalLink& link);
  void reach_owned(Index step, Index from);

  const CausalInput& input_;
  const CausalOrder& order_;
  static constexpr std::uint64_t most_reached = 100'000'000;  // about a second
  std::uint64_t left_ = most_reached;                         // so many steps may still be reached by searches
  Index search_ = 0;
  std::vector<Onward> onward_;       // by step
  std::vector<Index> owned_search_;  // by owner: the search that `owned_done_` is of
  std::vector<Index> owned_done_;    // by owner: so many of its first steps were reached
  std::vector<Index> reached_;       // steps, the nearest to the end first
  std::vector<Index> reader_begin_;  // by write, and one more: where its readers begin
  std::vector<Index> readers_;       // reads
  std::vector<Index> owned_place_;   // by step: among its owner's sure ones; none if it is not
};

}  // namespace afterwrite
