#include "tests/checkers/oracle.hpp"

#include <algorithm>

namespace afterwrite::oracle {

Oracle::Oracle(const History& history, const Assumptions& assume) {
  for (KeyModel& model : model_registers(history, has(assume, Assumption::one_clock), history.truncated)) {
    const KeyOracle& key = keys_.emplace_back(history, std::move(model), assume);
    auto& scopes = alone_.emplace_back();
    for (const Scope scope : {Scope::session, Scope::user, Scope::process}) {
      Alone& alone = scopes.at(static_cast<std::size_t>(scope));
      // Orders that meet all four guarantees meet each.
      alone.nothing = key.flags(all_of_a_key(), scope, 0).empty();
      for (std::size_t i = 0; i < guarantee_count && !alone.nothing; ++i) {
        alone.flags.at(i) = key.flags(only(static_cast<Guarantee>(i)), scope, 0);
      }
    }
  }
}

Answer Oracle::judge(const Guarantees& set, Scope scope) const {
  Answer answer;
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    const KeyOracle& key = keys_[k];
    const Alone& alone = alone_[k].at(static_cast<std::size_t>(scope));
    Operations broken = 0;
    std::vector<Flag> own;
    for (std::size_t i = 0; i < guarantee_count && !alone.nothing; ++i) {
      if (!set.test(i)) {
        continue;
      }
      for (const Flag& flag : alone.flags.at(i)) {
        broken |= bit(flag.operation);
      }
      if (set.count() == 1) {
        own = alone.flags.at(i);
      }
    }
    if (set.count() > 1 && !alone.nothing) {
      own = key.flags(set, scope, broken);
    }
    for (const Flag& flag : own) {
      broken |= bit(flag.operation);
    }
    answer.own.insert(answer.own.end(), own.begin(), own.end());
    answer.broken |= broken;
    answer.decided |= broken | key.decided(set, scope);
    answer.at_risk |= broken | (key.decided(set, scope) & key.exposed(set, scope));
  }
  std::sort(answer.own.begin(), answer.own.end());
  return answer;
}

std::optional<Tier> Oracle::unsatisfiable(const Guarantees& set, Scope scope) const {
  std::optional<Tier> least;
  for (const KeyOracle& key : keys_) {
    const std::optional<Tier> tier = key.unsatisfiable(set, scope);
    if (tier && (!least || *tier < *least)) {
      least = tier;
    }
  }
  return least;
}

bool Oracle::ambiguous_nulls() const {
  return std::any_of(keys_.begin(), keys_.end(), [](const KeyOracle& key) { return key.ambiguous_nulls(); });
}

std::vector<std::string> Oracle::dropped() const {
  std::vector<std::string> all;
  for (const KeyOracle& key : keys_) {
    for (const Assumption assumption : key.by_tier().dropped) {
      const char* name = assumption == Assumption::writer_order ? "writer-order" : "realtime-writes";
      all.push_back(std::string(name) + " on key " + key.model().key);
    }
  }
  return all;
}

std::vector<std::size_t> owed(const History& history, const KeyModel& model, std::size_t action,
                              const Setting& setting) {
  std::vector<std::size_t> versions;
  const Action& second = model.actions[action];
  const Operation& later = history.operations[second.operation];
  for (std::size_t i = 0; i < action; ++i) {
    const Action& first = model.actions[i];
    const Guarantee guarantee = first.write
                                    ? (second.write ? Guarantee::monotonic_writes : Guarantee::read_your_writes)
                                    : (second.write ? Guarantee::writes_follow_reads : Guarantee::monotonic_reads);
    if (first.certain() && (!first.write || first.acknowledged) && has(setting.guarantees, guarantee) &&
        scope_name(history.operations[first.operation], setting.scope) == scope_name(later, setting.scope) &&
        precedes(history, first.operation, second.operation, has(setting.assume, Assumption::one_clock))) {
      versions.push_back(first.versions.front());
    }
  }
  return versions;
}

}  // namespace afterwrite::oracle
