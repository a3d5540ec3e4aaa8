#pragma once

#include <nlohmann/json.hpp>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/page/page_times.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

/// What the run was like over time, in a few hundred bins: null without measured times or operations.
///   from_ms, width_ms                     of the bins, by completion
///   ok, fail, info, reads, writes         operations in each bin
///   read_p50, read_p99, write_p50, ...    latency of those that are ok, in ms; null of none
///   violations                            operations that broke something in each bin
///   lag                                   by node, points {x, y} in ms: the longest lag in each bin; y null where the
///   node
///                                         gave no answer
///   lag_nodes_left_out                    nodes beyond those that can be drawn
nlohmann::ordered_json page_series(const History& history, const Judgement& judgement, const RunSummary& summary,
                                   const PageTimes& times);

/// The first of the faults that were injected, with their times on the page's axis.
nlohmann::ordered_json page_faults(const Judgement& judgement, const PageTimes& times);

}  // namespace afterwrite
