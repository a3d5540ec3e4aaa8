#pragma once

#include <string>
#include <vector>

#include "checkers/judgement.hpp"

namespace afterwrite {

/// A node that was seen to lead after a failover.
struct Promotion {
  std::string episode;
  std::string node;  ///< empty if it was not recorded
  Nanoseconds time = 0;
};
std::vector<Promotion> find_promotions(const History& history);

/// The failover at which the acknowledged write that `violation` misses was lost, empty if that is not established. It
/// is established where the promoted leader itself does not show what the leader before it had acknowledged: a follower
/// may be late, a leader is not.
std::string lost_at(const History& history, const std::vector<Promotion>& promotions, const Violation& violation);

}  // namespace afterwrite
