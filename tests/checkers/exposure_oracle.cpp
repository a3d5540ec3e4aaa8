#include "tests/checkers/exposure_oracle.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace afterwrite::oracle {

bool some_node_lacked(const History& history, const Operation& asked, Nanoseconds since) {
  std::set<std::string_view> seen;
  return std::any_of(history.lags.begin(), history.lags.end(), [&](const LagSample& sample) {
    return sample.time >= asked.invoke && seen.insert(sample.node).second && sample.reachable &&
           sample.beat_acknowledged && *sample.beat_acknowledged <= since;
  });
}

bool promoted_without(const History& history, const Operation& asked, Nanoseconds since) {
  return std::any_of(history.faults.begin(), history.faults.end(), [&](const FaultEvent& event) {
    return event.fault == "failover" && event.phase == "proof" && event.detail.contains("beat_acknowledged") &&
           event.detail.at("beat_acknowledged").get<Nanoseconds>() < since && since < event.time &&
           asked.invoke >= event.time;
  });
}

}  // namespace afterwrite::oracle
