#pragma once

#include <vector>

#include "checkers/judgement.hpp"
#include "checkers/sieve/cleared.hpp"

namespace afterwrite {

/// Every fault episode of a history and whether it bit (docs/guarantees.md, "Faults that bit"): a lag reached half of what was asked at its
/// target; a stall, partition or paused replay grew the lag by half its duration; a killed process was reaped; after a failover the
/// new leader accepted a write. Episodes too short to show anything (under 100 ms) count as bitten.
/// `cleared` speaks of the operations that the history was spared.
std::vector<FaultEpisode> prove_faults(const History& history, const Cleared& cleared = {});

/// The episodes that were on at some moment between `from` and `to`.
std::vector<std::string> faults_between(const std::vector<FaultEpisode>& episodes, Nanoseconds from, Nanoseconds to);

}  // namespace afterwrite
