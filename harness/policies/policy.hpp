#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/session/clock.hpp"
#include "harness/session/topology.hpp"
#include "harness/session/workload.hpp"

namespace afterwrite {

/// What a real client would know when it is about to read: nothing else may decide.
struct SessionKnowledge {
  std::size_t ordinal = 0;  ///< the session's number: how followers are dealt
  std::optional<Clock::time_point> last_acknowledged_write{};
  /// The position to carry: the greater of the last acknowledged write's and those of reads; where positions do not
  /// compare, the last write's. Empty if none.
  std::string token{};
  std::size_t moves = 0;  ///< how often the session's own follower refused or reset a reconnection
};

/// How to carry out one read.
struct ReadPlan {
  std::string node{};   ///< whom to ask
  std::string await{};  ///< a position that `node` must have applied first; empty: none
  Duration wait{0};     ///< how long to wait for it at most; then the leader is asked
};

/// Decides where a read goes. A pure function of its arguments (and its parameters): the same object serves all
/// threads.
class ReadPolicy {
 public:
  ReadPolicy() = default;
  ReadPolicy(const ReadPolicy&) = delete;
  ReadPolicy& operator=(const ReadPolicy&) = delete;
  virtual ~ReadPolicy() = default;

  /// The name with its parameters, as given on the command line and recorded in histories: `recent-writer:5s`.
  virtual std::string name() const = 0;

  /// The plan, or nothing if no node can serve by this rule (e.g. no follower is left).
  virtual std::optional<ReadPlan> plan(const SessionKnowledge& session, const Topology& topology, Clock::time_point now,
                                       Random& random) const = 0;

  /// What is missing for this policy to make sense here (e.g. followers); nothing if it can be used.
  virtual std::optional<std::string> refusal(const Topology& topology) const = 0;
};

/// A row of the table of policies: what `afterwrite list policies` prints.
struct PolicyKind {
  std::string_view name;
  std::string_view form;     ///< `recent-writer:WINDOW`
  std::string_view summary;  ///< one sentence
};
const std::vector<PolicyKind>& policy_kinds();

/// Makes a policy from `leader`, `recent-writer:5s`, `version-token:wait=1s` ... Throws UsageError that names the
/// policy or parameter, what is accepted, and the nearest known name.
std::unique_ptr<ReadPolicy> make_policy(std::string_view text);

}  // namespace afterwrite
