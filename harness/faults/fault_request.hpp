#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/session/clock.hpp"

namespace afterwrite {

/// One fault as asked for: NAME[:TARGET][,param=value...][@START[..END]]. Times count from the start of the run.
/// Without START it lasts the whole run; without END it lasts to the end (a kill: until the end; a failover is an
/// instant).
struct FaultRequest {
  std::string name;
  std::string target;  ///< `leader`, `follower-1`, a node's name; empty where the fault needs none
  std::map<std::string, std::string> parameters;
  Duration start{0};
  std::optional<Duration> end;
  bool whole_run = false;
  std::string text;  ///< as it was written, for messages and reports
};

/// Throws UsageError for a malformed text, an unknown fault or parameter (with the nearest known name), a missing or
/// misplaced target, an end before its start.
FaultRequest parse_fault(std::string_view text);

}  // namespace afterwrite
