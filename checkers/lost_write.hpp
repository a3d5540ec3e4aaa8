#pragma once

#include <map>
#include <string>
#include <vector>

#include "checkers/judgement.hpp"

namespace afterwrite {

/// A node that was seen to lead after a failover.
struct Promotion {
  std::string episode;
  std::string node;  ///< empty if it was not recorded
  Nanoseconds time = 0;
  /// Since when each node was seen to have applied something that the new leader acknowledged: what the new leader had
  /// at `time` is there too.
  std::map<std::string, Nanoseconds> caught_up;
};
std::vector<Promotion> find_promotions(const History& history);

/// The failover at which the acknowledged write that `violation` misses was lost, empty if that is not established. It
/// is established where what the leader before had acknowledged is missing at the promoted leader itself, or at a
/// follower that had caught up with it: a follower may be late, these are not.
std::string lost_at(const History& history, const std::vector<Promotion>& promotions, const Violation& violation);

}  // namespace afterwrite
