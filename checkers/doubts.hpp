#pragma once

#include <string>
#include <vector>

#include "checkers/judgement.hpp"
#include "checkers/key_history.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// What doubts are taken from; all of it outlives the call.
struct DoubtGrounds {
  const History& history;
  bool live = false;             ///< the run still goes on
  bool cleared_anything = false; ///< operations were judged that are no longer at hand
  const SortedHistory& sorted;
  const std::vector<FaultEpisode>& faults;
};

/// What makes every row `unknown` at best, a sentence each: anomalies, faults that did not bite or were cut off, a run that ended
/// before anything, a system that was lost. A pure function; any thread may call.
std::vector<std::string> doubts_of(const DoubtGrounds& grounds);

}  // namespace afterwrite
