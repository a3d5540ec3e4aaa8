#pragma once

#include <vector>

#include "checkers/causal/writes.hpp"

namespace afterwrite {

/// Asks for the last write of a track that lies behind a read, among the track's writes `low` .. `high - 1`.
struct TrackQuestion {
  CausalInput::Index read = 0;
  CausalInput::Index track = 0;
  CausalInput::Index low = 0;
  CausalInput::Index high = 0;
};

/// So many of the track's writes lie behind the read, `count` - 1 being the last of them.
struct TrackAnswer {
  CausalInput::Index read = 0;
  CausalInput::Index track = 0;
  CausalInput::Index count = 0;
};

/// For tracks that clocks are not kept for. No answer where none of the writes lies behind the read; the others in
/// order of the questions. On a track each write lies behind the next, so that halving finds the last.
std::vector<TrackAnswer> find_latest(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes,
                                     std::vector<TrackQuestion> questions);

}  // namespace afterwrite
