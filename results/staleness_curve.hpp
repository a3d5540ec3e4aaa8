#pragma once

#include <optional>
#include <vector>

#include "checkers/judge.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// The points of a curve. Where one ends and the next begins is decided by the delays alone.
std::vector<CurvePoint> staleness_curve(std::vector<DelayedRead> reads);

/// Absent where the history has no basis for it: no row of read-your-writes by session, no measured times, or a read
/// policy that picks its follower by what that follower has, so that its reads are no sample of lag. `judgement` is
/// that of the whole history for the question. A pure function; any thread may call.
std::optional<OwnReadSummary> summarise_own_reads(const History& history, const Question& question,
                                                  const Judgement& judgement);

}  // namespace afterwrite
