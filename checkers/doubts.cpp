#include "checkers/doubts.hpp"

#include <fmt/format.h>
#include <utility>

#include "checkers/recorded_member.hpp"
#include "checkers/run_end.hpp"

namespace afterwrite {

std::vector<std::string> doubts_of(const DoubtGrounds& grounds) {
  std::vector<std::string> all;
  // Where nothing ran, no fault is to blame for having done nothing.
  const auto why = ended_before_anything(grounds.history);
  if (why && !grounds.cleared_anything) return {"the run ended before anything was asked: " + *why};
  for (const auto& [name, count] : grounds.sorted.anomalies.counts)
    all.push_back(fmt::format("{} {}: the history shows what no order of writes explains", count, name));
  if (!grounds.live) {
    for (std::string& fault : faults_cut_off(grounds.history))
      all.push_back(std::move(fault));
  }
  for (const FaultEpisode& episode : grounds.faults) {
    if (!episode.bit) all.push_back(fmt::format("the fault {} did not bite: {}", episode.episode, episode.proof));
  }
  if (recorded_flag(grounds.history.footer, "lost_system").value_or(false))
    all.emplace_back("the system was lost in mid-run");
  return all;
}

}  // namespace afterwrite
