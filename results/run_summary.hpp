#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/baseline.hpp"
#include "results/quantities.hpp"
#include "results/repeating.hpp"
#include "results/safe_window.hpp"
#include "results/timeline.hpp"
#include "results/write_courses.hpp"

namespace afterwrite {

/// The calls of one function, by the sessions that follow the policy or by those that read any replica beside it.
struct FunctionSummary {
  std::string sessions;  ///< `policy` or `control`
  Function function = Function::read;
  Outcomes outcomes;
  Distribution latency_ms;  ///< from invocation to completion, of those that are `ok`; waits of the policy are in it
};

/// What a read policy cost. All reads count, whatever became of them; shares are of those whose server's role is known.
struct PolicyCost {
  std::string sessions;  ///< `policy`, or `control` for those that read any replica beside it
  std::uint64_t reads = 0;
  std::uint64_t reads_of_known_role = 0;
  std::uint64_t leader_reads = 0;
  std::uint64_t fallbacks = 0;
  Distribution waited_ms;      ///< of the reads that waited: those for which it was recorded
  double added_ms_a_read = 0;  ///< waiting, spread over all reads

  std::optional<double> leader_share() const {
    if (reads_of_known_role == 0) return std::nullopt;
    return static_cast<double>(leader_reads) / static_cast<double>(reads_of_known_role);
  }
};

/// Why operations were not `ok`.
struct ErrorSummary {
  std::string sessions;  ///< `policy` or `control`
  std::string error;
  std::uint64_t count = 0;
  bool operator==(const ErrorSummary&) const = default;
};

/// How far behind one node was seen to be.
struct NodeLag {
  std::string node;
  std::uint64_t unreachable = 0;  ///< samples without an answer, once there had been one; all if there never was
  Distribution lag_ms;            ///< of the others
  std::vector<Quantile> quantiles; ///< of the same, from 1 % to 99 %; empty if there are none
};

/// Own reads whose delay since the acknowledgement was in [from_ms, to_ms), and the share of them that was stale.
struct CurvePoint {
  double from_ms = 0;
  double to_ms = 0;
  std::uint64_t reads = 0;
  std::uint64_t stale = 0;
  double share = 0;
  double low = 0;  ///< 95 % interval (Clopper-Pearson)
  double high = 1;
};

/// What reads that no leader served showed of their session's own writes (docs/reports.md, "The staleness curve").
struct OwnReadSummary {
  std::vector<CurvePoint> curve;   ///< by delay; where nothing was read, there is none
  std::uint64_t leader_reads = 0;  ///< own reads that the leader served: they say nothing of lag, and are left out
  bool from_followers = false;     ///< of each of the others it was recorded that a follower served it
  std::vector<SafeWindow> safe;    ///< for 1 %, 0.1 % and 0.01 %
  std::vector<WindowInUse> in_use;
};

/// What a history shows of the run itself, apart from any verdict.
struct RunSummary {
  std::uint64_t sessions = 0;
  std::uint64_t keys = 0;
  Outcomes outcomes;
  double duration_ms = 0;  ///< from the first invocation to the last completion
  double operations_per_second = 0;
  std::vector<FunctionSummary> functions;  ///< those that were called; control sessions' last
  std::vector<PolicyCost> policy;          ///< `policy` first; `control` only where there were such sessions
  std::vector<NodeLag> lag;                ///< by name
  /// The most frequent first, a few of them; control sessions' last.
  std::vector<ErrorSummary> errors;
  Timeline timeline;
  bool truncated = false;
  /// Not made by summarise(): it needs a judgement (results/staleness_curve.hpp).
  std::optional<OwnReadSummary> own_reads = std::nullopt;
  /// Nor this (results/write_courses.hpp).
  std::vector<CourseKind> courses{};
  /// Why there are none, in a sentence.
  std::string no_courses = "an audit tells them, and `afterwrite report` of a history that is kept whole (--exact)";
  /// Why there are none, in a sentence; and the command that makes them, if one does.
  std::string no_own_reads = "afterwrite check does not make it";
  std::string curve_command;
  /// What was asked by flags; where they do not speak, the history's header does.
  GivenFlags given{};
  /// Nor this: it needs an earlier report, too.
  std::optional<Comparison> against_baseline = std::nullopt;
};

/// By name of the node.
std::vector<NodeLag> summarise_lag(const std::vector<LagSample>& samples);

/// A pure function of the history. Any thread may call.
RunSummary summarise(const History& history);

/// How stale the operations of all violations were, each operation counted once, at its worst, whichever rows it
/// breaks. Control sessions are left out.
struct StalenessSummary {
  Distribution overdue_ms;  ///< since the acknowledgement or first read of what was owed
  Distribution versions;    ///< behind, where versions were recorded
};
StalenessSummary summarise_staleness(const Judgement& judgement);

/// By number of recorded versions, how many of these operations were so far behind.
std::map<std::int64_t, std::uint64_t> count_versions_behind(const Judgement& judgement);

/// Whether the operation is of a session that reads any replica beside the policy.
bool is_of_control(const Operation& operation);
/// Whether the operation is a read of a run's final check, when faults are healed and the lag has been waited out: it is
/// judged as others are, and is no sample of lag or of what the policy costs.
bool is_of_final_check(const Operation& operation);
/// Whether the row judges such sessions: it shows what could have been seen, and accuses nobody.
bool is_of_control(const Row& row);
/// Whether the row is of several guarantees and says nothing of its own: it has no entry, and a row of one guarantee of the
/// same group has the same verdict.
bool repeats_another(const Row& row, const Judgement& judgement);

}  // namespace afterwrite
