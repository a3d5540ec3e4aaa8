#include "tests/checkers/oracle.hpp"

#include <algorithm>

namespace afterwrite::oracle {
namespace {

void require_all(TotalOrders& orders, const std::vector<Pair>& pairs) {
  for (const auto& [older, newer] : pairs) {
    orders.require(older, newer);
  }
}

TotalOrders with_demands(TotalOrders orders, const std::vector<std::size_t>& older, std::size_t newer) {
  for (const std::size_t version : older) {
    if (version != newer) {
      orders.require(version, newer);
    }
  }
  return orders;
}

/// Whether `second`, if it comes after `first` in its scope, must not show an older version.
bool demands(const Guarantees& set, const Action& first, const Action& second) {
  if (first.write) {
    return first.acknowledged && has(set, second.write ? Guarantee::monotonic_writes : Guarantee::read_your_writes);
  }
  return has(set, second.write ? Guarantee::writes_follow_reads : Guarantee::monotonic_reads);
}

bool in_order(const History& history, const Action& first, const Action& second, const Setting& setting) {
  return scope_name(history.operations[first.operation], setting.scope) ==
             scope_name(history.operations[second.operation], setting.scope) &&
         precedes(history, first.operation, second.operation, has(setting.assume, Assumption::one_clock));
}

/// Depth first over what the null reads may have returned: is there any order of the versions left?
bool any_order(const History& history, const KeyModel& model, const Setting& setting, std::vector<std::size_t>& chosen,
               const TotalOrders& orders) {
  const std::size_t next = chosen.size();
  if (!orders.possible() || next == model.actions.size()) {
    return orders.possible();
  }
  const Action& action = model.actions[next];
  std::vector<std::size_t> older;
  for (std::size_t i = 0; i < next; ++i) {
    if (demands(setting.guarantees, model.actions[i], action) && in_order(history, model.actions[i], action, setting)) {
      older.push_back(chosen[i]);
    }
  }
  for (const std::size_t version : action.versions) {
    chosen.push_back(version);
    const bool found = any_order(history, model, setting, chosen, with_demands(orders, older, version));
    chosen.pop_back();
    if (found) {
      return true;
    }
  }
  return false;
}

/// Of a null that may be several versions nothing is known, unless it is a violation.
/// Known is the relation to everything owed: one that is not might be what a stale read misses.
bool relation_known(const TotalOrders& orders, const Action& action, const std::vector<std::size_t>& older) {
  const auto known = [&](std::size_t version) {
    const std::size_t own = action.versions.front();
    return version == 0 || version == own || orders.proves(version, own) || orders.proves(own, version);
  };
  const bool owed_anything = std::any_of(older.begin(), older.end(), [](std::size_t version) { return version != 0; });
  // Of a write that is owed the very version it makes, read at the moment in which it began, nothing is known.
  const bool owed_itself = action.write && std::count(older.begin(), older.end(), action.versions.front()) > 0;
  return action.certain() && owed_anything && !owed_itself && std::all_of(older.begin(), older.end(), known);
}

/// Whether the operation may have seen, or made, one of its versions without contradicting `orders`.
bool fits(const Action& action, const std::vector<std::size_t>& older, const TotalOrders& orders) {
  return std::any_of(action.versions.begin(), action.versions.end(),
                     [&](std::size_t version) { return with_demands(orders, older, version).possible(); });
}

std::vector<Guarantee> members(const Guarantees& set) {
  std::vector<Guarantee> found;
  for (std::size_t i = 0; i < guarantee_count; ++i) {
    if (set.test(i)) {
      found.push_back(static_cast<Guarantee>(i));
    }
  }
  return found;
}

Setting alone_of(Guarantee guarantee, Setting setting) {
  setting.guarantees = only(guarantee);
  return setting;
}

void judge_key(const History& history, const KeyModel& model, const Setting& setting, Answer& answer) {
  std::set<std::size_t> alone;
  if (setting.guarantees.count() > 1) {
    for (const Guarantee guarantee : members(setting.guarantees)) {
      for (const Flag& flag : flag_in_order(history, model, alone_of(guarantee, setting), {})) {
        alone.insert(flag.operation);
      }
    }
  }
  const std::vector<Flag> own = flag_in_order(history, model, setting, alone);
  answer.own.insert(answer.own.end(), own.begin(), own.end());
  answer.violated |= !own.empty() || !alone.empty();

  const TierOrders by_tier = orders_by_tier(model, setting.assume);
  for (const Assumption assumption : by_tier.dropped) {
    const char* name = assumption == Assumption::writer_order ? "writer-order" : "realtime-writes";
    answer.dropped.push_back(std::string(name) + " on key " + model.key);
  }
  for (const auto& [tier, orders] : by_tier.tiers) {
    std::vector<std::size_t> chosen;
    if ((!answer.unsatisfiable || tier < *answer.unsatisfiable) &&
        !any_order(history, model, setting, chosen, orders)) {
      answer.unsatisfiable = tier;
    }
  }
  for (const Flag& flag : own) {
    answer.broken.insert(flag.operation);
  }
  answer.broken.insert(alone.begin(), alone.end());
  answer.decided.insert(answer.broken.begin(), answer.broken.end());
  for (std::size_t i = 0; i < model.actions.size(); ++i) {
    answer.ambiguous_nulls |= !model.actions[i].certain();
    // What writes are owed is what the assumptions themselves say, so only facts decide it.
    const TotalOrders& orders = (model.actions[i].write ? by_tier.tiers.front() : by_tier.tiers.back()).second;
    if (relation_known(orders, model.actions[i], owed(history, model, i, setting))) {
      answer.decided.insert(model.actions[i].operation);
    }
  }
}

}  // namespace

std::string to_string(Tier tier) {
  switch (tier) {
    case Tier::facts:
      return "facts";
    case Tier::writer_order:
      return "writer-order";
    case Tier::realtime_writes:
      return "realtime-writes";
  }
  return "?";
}

TierOrders orders_by_tier(const KeyModel& model, const Assumptions& assume) {
  TotalOrders orders(model.versions);
  require_all(orders, model.facts);
  TierOrders result{{{Tier::facts, orders}}, {}};
  const auto add = [&](Tier tier, Assumption assumption, const std::vector<Pair>& pairs) {
    TotalOrders narrowed = result.tiers.back().second;
    require_all(narrowed, pairs);
    if (narrowed.possible()) {
      result.tiers.emplace_back(tier, narrowed);
    } else {
      result.dropped.push_back(assumption);
    }
  };
  if (has(assume, Assumption::writer_order)) {
    add(Tier::writer_order, Assumption::writer_order, model.writer_order);
  }
  if (has(assume, Assumption::realtime_writes) && has(assume, Assumption::one_clock)) {
    add(Tier::realtime_writes, Assumption::realtime_writes, model.realtime_writes);
  }
  return result;
}

std::vector<std::size_t> owed(const History& history, const KeyModel& model, std::size_t action,
                              const Setting& setting) {
  std::vector<std::size_t> versions;
  const Action& second = model.actions[action];
  for (std::size_t i = 0; i < action; ++i) {
    const Action& first = model.actions[i];
    if (first.certain() && demands(setting.guarantees, first, second) && in_order(history, first, second, setting)) {
      versions.push_back(first.versions.front());
    }
  }
  return versions;
}

std::vector<Flag> flag_in_order(const History& history, const KeyModel& model, const Setting& setting,
                                const std::set<std::size_t>& out) {
  auto tiers = orders_by_tier(model, setting.assume).tiers;
  std::vector<Flag> flags;
  for (std::size_t i = 0; i < model.actions.size(); ++i) {
    const Action& action = model.actions[i];
    if (out.count(action.operation) != 0) {
      continue;
    }
    const std::vector<std::size_t> older = owed(history, model, i, setting);
    // Each tier is stricter than the one before, so the first that the operation does not fit is the least that shows
    // it.
    const auto broken =
        std::find_if(tiers.begin(), tiers.end(), [&](const auto& tier) { return !fits(action, older, tier.second); });
    if (broken != tiers.end()) {
      flags.push_back({action.operation, broken->first});
    } else if (action.certain()) {
      for (auto& [tier, orders] : tiers) {
        orders = with_demands(orders, older, action.versions.front());
      }
    }
  }
  return flags;
}

Answer judge_registers(const History& history, const Setting& setting) {
  const bool one_clock = has(setting.assume, Assumption::one_clock);
  Answer answer;
  for (const KeyModel& model : model_registers(history, one_clock, history.truncated)) {
    judge_key(history, model, setting, answer);
  }
  std::sort(answer.own.begin(), answer.own.end());
  return answer;
}

}  // namespace afterwrite::oracle
