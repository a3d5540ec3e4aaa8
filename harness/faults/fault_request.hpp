#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/session/clock.hpp"

namespace afterwrite {

/// One fault as asked for: NAME[:TARGET][,param=value...][@START[..END]]; parameters may also stand behind the times.
/// Times count from the start of the run. Without START it lasts the whole run; without END it lasts to the end. A kill
/// and a failover need a START; a failover has no END.
struct FaultRequest {
  std::string name;
  std::string target;  ///< `leader`, `follower-1`, a node's name, a link's (`app->replica`); empty where the fault needs none
  std::map<std::string, std::string> parameters;
  Duration start{0};
  std::optional<Duration> end;
  bool whole_run = false;
  std::string text;  ///< as it was written, for messages and reports

  bool operator==(const FaultRequest&) const = default;
};

/// Throws UsageError for a malformed text, an unknown fault or parameter (with the nearest known name), a bad value, a
/// missing or misplaced target, an end before its start.
FaultRequest parse_fault(std::string_view text);

/// What `--lag` asks for: one delay D gives follower i (from 1) a lag of i*D for the whole run; several set each. A lag
/// of zero asks for nothing.
std::vector<FaultRequest> lag_requests(const std::vector<Duration>& lag, std::size_t followers);

/// Whether the run's own sessions must dial through links for these faults to be possible. `replication_links`: the
/// system has links between its nodes that faults can use (a system of the user's has none, so that a fault which does
/// not say `links=` falls back to the sessions' links).
bool needs_client_links(std::span<const FaultRequest> requests, bool replication_links = true);

}  // namespace afterwrite
