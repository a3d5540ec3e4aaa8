#include "checkers/causal_paths.hpp"

#include <algorithm>

namespace afterwrite {

using Index = CausalInput::Index;

CausalPaths::CausalPaths(const CausalInput& input, const CausalOrder& order)
    : input_(input),
      order_(order),
      onward_(order.steps()),
      owned_search_(input.owners, 0),
      owned_done_(input.owners, 0) {}

/// False if the step was reached before.
bool CausalPaths::reach(const CausalLink& link) {
  Onward& onward = onward_[link.from];
  if (onward.search == search_) return false;
  onward = {search_, link};
  reached_.push_back(link.from);
  return true;
}

/// All sure steps of the owner that precede this one, but those that stand before `from` in the sequence.
void CausalPaths::reach_owned(Index step, Index from) {
  const Index owner = input_.steps[step].owner;
  const Index begin = order_.owned_begin(owner);
  if (owned_search_[owner] != search_) {
    owned_search_[owner] = search_;
    owned_done_[owner] = 0;
    if (order_.sequential(owner)) {
      Index low = 0;
      Index high = order_.owned_begin(owner + 1) - begin;
      while (low < high) {
        const Index middle = low + (high - low) / 2;
        if (order_.at(order_.owned(begin + middle)) < order_.at(from)) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      owned_done_[owner] = low;
    }
  }
  for (Index& done = owned_done_[owner]; done < order_.preceding(step); ++done) {
    reach({CausalLink::Kind::session_order, order_.owned(begin + done), step, 0, {}});
  }
}

std::vector<CausalLink> CausalPaths::shortest(Index from, Index to) {
  if (from == to || order_.at(from) > order_.at(to)) return {};
  ++search_;
  onward_[to].search = search_;
  reached_.assign(1, to);
  for (std::size_t i = 0; i < reached_.size() && onward_[from].search != search_; ++i) {
    const Index step = reached_[i];
    for (Index read = input_.step_read_begin[step]; read < input_.step_read_begin[step + 1]; ++read) {
      order_.for_each_source(read, [&](Index write) {
        const Index source = input_.writes[write].step;
        if (order_.at(source) >= order_.at(from)) reach({CausalLink::Kind::reads_from, source, step, read, {}});
      });
    }
    reach_owned(step, from);
  }
  std::vector<CausalLink> way;
  if (onward_[from].search != search_) return way;
  for (Index step = from; step != to; step = way.back().to) way.push_back(onward_[step].link);
  return way;
}

}  // namespace afterwrite
