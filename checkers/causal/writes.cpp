#include "checkers/causal/writes.hpp"

#include <algorithm>

namespace afterwrite {

using Index = CausalInput::Index;

CausalWrites::CausalWrites(const CausalInput& input, const CausalOrder& order) : input_(input), order_(order) {
  track_.assign(input.writes.size(), none);
  std::vector<Index> track_of_lane(order.lanes(), none);
  begin_.push_back(0);
  for (Index key = 0; key < input.keys(); ++key) {
    const Index first = tracks();
    first_track_.push_back(first);
    for (Index write = input.key_writes[key]; write < input.key_writes[key + 1]; ++write) {
      const Index lane = order.lane(input.writes[write].step);
      if (lane == none) continue;
      Index& track = track_of_lane[lane];
      if (track == none || track < first) {
        track = tracks();
        lane_.push_back(lane);
        begin_.push_back(0);
      }
      track_[write] = track;
      ++begin_[track + 1];
    }
  }
  first_track_.push_back(tracks());
  for (Index track = 0; track < tracks(); ++track)
    begin_[track + 1] += begin_[track];
  members_.resize(begin_.back());
  std::vector<Index> next(begin_.begin(), begin_.end() - 1);
  for (Index write = 0; write < input.writes.size(); ++write) {
    if (track_[write] != none) members_[next[track_[write]]++] = write;
  }
  for (const Index write : members_)
    places_.push_back(order.place(input.writes[write].step));
  if (std::none_of(input.writes.begin(), input.writes.end(), [](const auto& write) { return write.removal; })) return;
  for (Index track = 0; track < tracks(); ++track) {
    Index count = 0;
    for (Index i = 0; i < size(track); ++i) {
      if (input.writes[member(track, i)].removal) ++count;
      removals_.push_back(count);
    }
  }
}

Index CausalWrites::upto(Index track, Index places, Index written) const {
  const auto begin = places_.begin() + begin_[track];
  // As a rule all but the last few.
  constexpr Index tried = 4;
  for (Index i = 0; i < tried && written > 0; ++i, --written) {
    if (begin[written - 1] <= places) return written;
  }
  return static_cast<Index>(std::upper_bound(begin, begin + written, places) - begin);
}

Index CausalWrites::upto_at(Index track, Index place) const {
  const auto begin = members_.begin() + begin_[track];
  const auto end = members_.begin() + begin_[track + 1];
  return static_cast<Index>(std::partition_point(begin, end, [&](Index write) { return at(write) <= place; }) - begin);
}

Index CausalWrites::removals(Index track, Index count) const {
  return removals_.empty() || count == 0 ? 0 : removals_[begin_[track] + count - 1];
}

void RecentTracks::advance(Index key, Index track) {
  last_at_[track] = writes_.at(writes_.member(track, written_[track]++));
  if (head_[key] == track) return;
  if (before_[track] != none) next_[before_[track]] = next_[track];
  if (next_[track] != none) before_[next_[track]] = before_[track];
  before_[track] = none;
  next_[track] = head_[key];
  if (head_[key] != none) before_[head_[key]] = track;
  head_[key] = track;
}

}  // namespace afterwrite
