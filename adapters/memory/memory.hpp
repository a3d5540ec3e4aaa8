#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/session/clock.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite::memory {

/// What the in-memory system is asked to be.
struct MemoryOptions {
  std::size_t followers = 2;
  /// How long an entry travels to a follower. One entry D gives follower i (from 1) a lag of i*D; several set each;
  /// empty: none.
  std::vector<Duration> lag;
  /// `--opt name=value`: the rows of memory_option_kinds().
  std::map<std::string, std::string> options;
  std::uint64_t seed = 0;  ///< of what the planted bugs draw
};

/// An option of this system: what `afterwrite list systems` prints.
struct MemoryOptionKind {
  std::string_view name;
  std::string_view form;     ///< `sync=off|all`
  std::string_view summary;  ///< one sentence
};
const std::vector<MemoryOptionKind>& memory_option_kinds();

/// A planted bug: the proof that a checker can fail. Chosen by `bug=NAME`.
struct MemoryBug {
  std::string_view name;
  std::string_view summary;  ///< what the system does wrong, one sentence
  /// Flags of `afterwrite audit memory` under which it shows, and under which the same system without it keeps its
  /// promise.
  std::string_view shown_by;
  /// What is broken: names of guarantees and of anomalies, comma separated.
  std::string_view breaks;
};
const std::vector<MemoryBug>& memory_bugs();

/// A leader and its followers inside this process: a replicated store of registers and lists, made of one log that
/// followers apply after their lag, by the clock. Without a planted bug its leader is linearizable, and a node never
/// goes back in time except for what a failover loses (what the promoted follower had not received). A node that is
/// killed keeps its data; connections to it are refused, calls in flight are lost. It dials no links: its lag is set
/// here, not by a fault on a link. Throws UsageError for an unknown option, a bad value, or a lag list of the wrong
/// length.
std::unique_ptr<Deployment> make_memory(const MemoryOptions& options);

}  // namespace afterwrite::memory
