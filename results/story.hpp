#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// What one operation of a witness did, in words.
struct StoryStep {
  std::size_t operation = 0;  ///< index into History::operations
  /// Its invocation, since that of the story's first operation; nothing unless times were measured.
  std::optional<double> at_ms;
  std::string words;
};

/// A witness told to a person. Every name and value in it is shortened and safe to print.
struct Story {
  std::string whose;                       ///< `session s3, key k1`
  std::vector<StoryStep> steps;            ///< in order of invocation
  std::vector<std::string> reasons;        ///< why it is a breach, a sentence each
  std::vector<std::string> circumstances;  ///< how long it was due, the lag seen, the faults that were on
};

/// Tells `violation`, which was found in `history` when judging by `scope`. Any thread may call.
Story tell(const History& history, const Judgement& judgement, const Violation& violation, Scope scope);

/// Why the edge is there, as a sentence without full stop.
std::string edge_in_words(const History& history, const Edge& edge);

/// `lag (+500 ms) on node-2, from 0.0 s to 10.0 s`.
std::string fault_in_words(const FaultEpisode& episode);

/// `bit`, `did not bite`, or, where nothing was to be injected, `no fault`.
std::string_view effect_in_words(const FaultEpisode& episode);

}  // namespace afterwrite
