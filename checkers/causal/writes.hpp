#pragma once

#include <vector>

#include "checkers/causal/order.hpp"

namespace afterwrite {

/// The writes of each key by the lane that they are on ("track": one lane's writes of one key, in order). Of those that
/// lie causally behind something, the last on each track says all. Refers to input and order; both must outlive it.
class CausalWrites {
 public:
  using Index = CausalInput::Index;
  static constexpr Index none = CausalInput::none;

  CausalWrites(const CausalInput& input, const CausalOrder& order);

  Index tracks() const { return static_cast<Index>(lane_.size()); }
  /// The tracks of a key are first_track(key) .. first_track(key + 1) - 1.
  Index first_track(Index key) const { return first_track_[key]; }
  Index lane(Index track) const { return lane_[track]; }
  /// None for a write that nobody saw and whose outcome is unknown.
  Index track(Index write) const { return track_[write]; }
  Index size(Index track) const { return begin_[track + 1] - begin_[track]; }
  Index member(Index track, Index i) const { return members_[begin_[track] + i]; }
  /// How many of the track's first `written` writes are of the lane's first `places` steps.
  Index upto(Index track, Index places, Index written) const;
  Index upto(Index track, Index places) const { return upto(track, places, size(track)); }
  /// How many of the track's writes stand in the sequence no later than `at` (see below).
  Index upto_at(Index track, Index at) const;
  /// How many deletes are among the first `count` of them.
  Index removals(Index track, Index count) const;

  /// Where the write's step stands in the sequence, from 1; 0 for the initial state.
  Index at(Index write) const {
    return write == CausalInput::initial_state ? 0 : order_.at(input_.writes[write].step) + 1;
  }

 private:
  const CausalInput& input_;
  const CausalOrder& order_;
  std::vector<Index> first_track_;
  std::vector<Index> lane_;
  std::vector<Index> track_;
  std::vector<Index> begin_;
  std::vector<Index> members_;
  std::vector<Index> places_;    // parallel to members_: on the lane
  std::vector<Index> removals_;  // parallel to members_: deletes up to it; empty if there are none
};

/// While steps are gone through in sequence: the tracks of each key that have been written so far, those written last
/// first.
class RecentTracks {
 public:
  using Index = CausalInput::Index;
  static constexpr Index none = CausalInput::none;

  explicit RecentTracks(const CausalInput& input, const CausalWrites& writes)
      : writes_(writes),
        head_(input.keys(), none),
        next_(writes.tracks(), none),
        before_(writes.tracks(), none),
        written_(writes.tracks(), 0),
        last_at_(writes.tracks(), 0) {}

  Index first(Index key) const { return head_[key]; }
  Index next(Index track) const { return next_[track]; }
  /// Where the last write of a track so far stands in the sequence (CausalWrites::at).
  Index last_at(Index track) const { return last_at_[track]; }
  Index written(Index track) const { return written_[track]; }

  /// The track's next write was met.
  void advance(Index key, Index track);

 private:
  const CausalWrites& writes_;
  std::vector<Index> head_;
  std::vector<Index> next_;
  std::vector<Index> before_;
  std::vector<Index> written_;
  std::vector<Index> last_at_;
};

}  // namespace afterwrite
