#include "tests/checkers/exposure_oracle.hpp"

#include <algorithm>
#include <optional>

namespace afterwrite::oracle {
namespace {

/// The operations of one key and what they are owed.
class KeyExposure {
 public:
  KeyExposure(const History& history, const KeyModel& model, const Setting& setting)
      : history_(history), model_(model), setting_(setting), tiers_(orders_by_tier(model, setting.assume)) {}

  bool exposed(std::size_t action) const {
    const std::vector<std::size_t> versions = owed(history_, model_, action, setting_);
    const Operation& asked = at(model_.actions[action]);
    return std::any_of(versions.begin(), versions.end(), [&](std::size_t version) {
      return version != 0 &&
             (some_node_lacked(history_, asked, known_since(version)) || someone_read_older(asked, version) ||
              promoted_without(history_, asked, known_since(version)));
    });
  }

 private:
  const Operation& at(const Action& action) const { return history_.operations[action.operation]; }

  /// The acknowledgement, else the completion of the first read that returned it.
  Nanoseconds known_since(std::size_t version) const {
    std::optional<Nanoseconds> first_read;
    for (const Action& action : model_.actions) {
      if (action.certain() && action.versions.front() == version) {
        if (action.write && action.acknowledged) {
          return at(action).complete;
        }
        if (!action.write && !first_read) {
          first_read = at(action).complete;
        }
      }
    }
    return first_read.value();
  }

  bool someone_read_older(const Operation& asked, std::size_t version) const {
    // As for what is decided: the assumptions order writes, so they say nothing of a guarantee of writes.
    const TotalOrders& orders = (asked.is_write() ? tiers_.tiers.front() : tiers_.tiers.back()).second;
    return std::any_of(model_.actions.begin(), model_.actions.end(), [&](const Action& other) {
      const bool comparable = has(setting_.assume, Assumption::one_clock) || at(other).session == asked.session;
      return !other.write && comparable && at(other).invoke >= asked.invoke && other.certain() &&
             orders.proves(other.versions.front(), version);
    });
  }

  const History& history_;
  const KeyModel& model_;
  const Setting& setting_;
  TierOrders tiers_;
};

}  // namespace

bool some_node_lacked(const History& history, const Operation& asked, Nanoseconds since) {
  std::set<std::string> seen;
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

std::set<std::size_t> at_risk(const History& history, const Setting& setting) {
  const Answer answer = judge_registers(history, setting);
  std::set<std::size_t> found = answer.broken;
  for (const KeyModel& model :
       model_registers(history, has(setting.assume, Assumption::one_clock), history.truncated)) {
    const KeyExposure exposure(history, model, setting);
    for (std::size_t i = 0; i < model.actions.size(); ++i) {
      const Action& action = model.actions[i];
      if (answer.decided.count(action.operation) != 0 && exposure.exposed(i)) {
        found.insert(action.operation);
      }
    }
  }
  return found;
}

}  // namespace afterwrite::oracle
