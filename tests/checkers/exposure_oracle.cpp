#include "tests/checkers/exposure_oracle.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace afterwrite::oracle {

bool some_node_lacked(const History& history, const Operation& asked, Nanoseconds since) {
  const auto lacked = [&](const LagSample& sample) {
    return sample.reachable && sample.beat_acknowledged && *sample.beat_acknowledged < since;
  };
  std::set<std::string_view> nodes;
  for (const LagSample& sample : history.lags) {
    nodes.insert(sample.node);
  }
  return std::any_of(nodes.begin(), nodes.end(), [&](std::string_view node) {
    const LagSample* next = nullptr;
    for (const LagSample& sample : history.lags) {
      if (sample.node != node || sample.time < asked.invoke) {
        continue;
      }
      // Taken in the very moment, before or after: it can only clear the node.
      if (sample.time == asked.invoke && !lacked(sample)) {
        return false;
      }
      if (sample.time > asked.invoke && (next == nullptr || sample.time < next->time)) {
        next = &sample;
      }
    }
    return next != nullptr && lacked(*next);
  });
}

bool promoted_without(const History& history, const Operation& asked, Nanoseconds since) {
  return std::any_of(history.faults.begin(), history.faults.end(), [&](const FaultEvent& event) {
    return event.fault == "failover" && event.phase == "proof" && event.detail.contains("beat_acknowledged") &&
           event.detail.at("beat_acknowledged").get<Nanoseconds>() < since && since < event.time &&
           asked.invoke > event.time;
  });
}

}  // namespace afterwrite::oracle
