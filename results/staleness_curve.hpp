#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkers/judge.hpp"
#include "harness/history/history.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// The points of a curve. Where one ends and the next begins is decided by the delays alone.
std::vector<CurvePoint> staleness_curve(std::vector<DelayedRead> reads);

/// What own reads showed, or in a sentence why there is nothing that they could show.
struct OwnReadFindings {
  std::optional<OwnReadSummary> summary;
  std::string why_none;
};

/// There is nothing where the history has no basis for it: no row of read-your-writes by session, no measured times, or
/// a read policy that picks its follower by what that follower has, so that its reads are no sample of lag. `judgement`
/// is that of the whole history for the question. A pure function; any thread may call.
OwnReadFindings summarise_own_reads(const History& history, const Question& question, const Judgement& judgement);

}  // namespace afterwrite
