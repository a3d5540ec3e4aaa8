#include "checkers/causal/paths.hpp"

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
  for (const Index other : order_.touching(step)) {
    if (order_.at(other) >= order_.at(from)) reach({CausalLink::Kind::session_order, other, step, 0, {}});
  }
}

/// Who read each write, and where each step stands among its owner's: made when the first path is asked for.
void CausalPaths::index_readers() {
  if (!reader_begin_.empty()) return;
  reader_begin_.assign(input_.writes.size() + 1, 0);
  for (Index read = 0; read < input_.reads.size(); ++read) {
    order_.for_each_source(read, [&](Index write) { ++reader_begin_[write + 1]; });
  }
  for (std::size_t write = 0; write < input_.writes.size(); ++write)
    reader_begin_[write + 1] += reader_begin_[write];
  readers_.resize(reader_begin_.back());
  std::vector<Index> next(reader_begin_.begin(), reader_begin_.end() - 1);
  for (Index read = 0; read < input_.reads.size(); ++read) {
    order_.for_each_source(read, [&](Index write) { readers_[next[write]++] = read; });
  }
  owned_place_.assign(order_.steps(), CausalInput::none);
  for (Index owner = 0; owner < input_.owners; ++owner) {
    for (Index at = order_.owned_begin(owner); at < order_.owned_begin(owner + 1); ++at) {
      owned_place_[order_.owned(at)] = at - order_.owned_begin(owner);
    }
  }
}

bool CausalPaths::precedes(Index a, Index b) const {
  if (input_.steps[a].owner != input_.steps[b].owner || owned_place_[a] == CausalInput::none) return false;
  return owned_place_[a] < order_.preceding(b) || (a < b && input_.in_session_order(a, b));
}

bool CausalPaths::by_one_link(Index from, Index to, std::vector<CausalLink>& way) const {
  if (precedes(from, to)) {
    way = {{CausalLink::Kind::session_order, from, to, 0, {}}};
    return true;
  }
  for (Index read = input_.step_read_begin[to]; read < input_.step_read_begin[to + 1]; ++read) {
    order_.for_each_source(read, [&](Index write) {
      if (input_.writes[write].step == from) way = {{CausalLink::Kind::reads_from, from, to, read, {}}};
    });
  }
  return !way.empty();
}

/// The ways that most stale reads have, up to three links: found without a look at any other owner's steps. Else a
/// search has to go through all that lies between.
bool CausalPaths::by_few_links(Index from, Index to, std::vector<CausalLink>& way) {
  index_readers();
  if (by_one_link(from, to, way)) return true;
  const auto session = [](Index a, Index b) { return CausalLink{CausalLink::Kind::session_order, a, b, 0, {}}; };
  const auto seen = [](Index a, Index b, Index read) {
    return CausalLink{CausalLink::Kind::reads_from, a, b, read, {}};
  };
  // Somebody read what `from` wrote and went on, or wrote for `to` to read.
  for (Index i = input_.step_write_begin[from]; i < input_.step_write_begin[from + 1] && way.empty(); ++i) {
    const Index write = input_.step_writes[i];
    for (Index k = reader_begin_[write]; k < reader_begin_[write + 1] && way.empty(); ++k) {
      const Index reader = input_.reads[readers_[k]].step;
      std::vector<CausalLink> rest;
      if (!by_one_link(reader, to, rest)) continue;
      way = {seen(from, reader, readers_[k]), rest.front()};
    }
  }
  const auto sources = [&](Index step, const auto& take) {
    for (Index read = input_.step_read_begin[step]; read < input_.step_read_begin[step + 1]; ++read) {
      order_.for_each_source(read, [&](Index write) { take(input_.writes[write].step, read); });
    }
  };
  if (!way.empty()) return true;
  sources(to, [&](Index source, Index read) {
    if (way.empty() && precedes(from, source)) way = {session(from, source), seen(source, to, read)};
  });
  if (!way.empty()) return true;
  // What `to` had read before, of what `from` went on to write.
  const Index owner = input_.steps[to].owner;
  if (!order_.sequential(owner)) return false;
  for (Index k = order_.preceding(to); k > 0 && way.empty(); --k) {
    const Index reader = order_.owned(order_.owned_begin(owner) + k - 1);
    if (order_.at(reader) < order_.at(from)) return false;
    sources(reader, [&](Index source, Index read) {
      if (way.empty() && precedes(from, source)) {
        way = {session(from, source), seen(source, reader, read), session(reader, to)};
      }
    });
  }
  return !way.empty();
}

std::vector<CausalLink> CausalPaths::shortest(Index from, Index to) {
  if (from == to || order_.at(from) > order_.at(to)) return {};
  std::vector<CausalLink> way;
  if (by_few_links(from, to, way) || left_ == 0) return way;
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
  left_ -= std::min<std::uint64_t>(left_, reached_.size());
  if (onward_[from].search != search_) return way;
  for (Index step = from; step != to; step = way.back().to)
    way.push_back(onward_[step].link);
  return way;
}

}  // namespace afterwrite
