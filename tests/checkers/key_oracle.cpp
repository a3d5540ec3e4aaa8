#include "tests/checkers/key_oracle.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>

#include "tests/checkers/exposure_oracle.hpp"

namespace afterwrite::oracle {
namespace {

void require_pairs(TotalOrders& orders, const std::vector<Pair>& pairs) {
  for (const auto& [older, newer] : pairs) {
    orders.require(older, newer);
  }
}

/// Whether `second`, if it comes after `first` in its scope, must not show an older version.
bool demands(const Guarantees& set, const Action& first, const Action& second) {
  if (first.write) {
    return first.acknowledged && has(set, second.write ? Guarantee::monotonic_writes : Guarantee::read_your_writes);
  }
  return has(set, second.write ? Guarantee::writes_follow_reads : Guarantee::monotonic_reads);
}

/// Whether the operation may have seen, or made, one of its versions without contradicting `orders`.
bool fits(const Action& action, TotalOrders::Things older, const TotalOrders& orders) {
  return std::any_of(action.versions.begin(), action.versions.end(),
                     [&](std::size_t version) { return orders.possible_with(older, version); });
}

std::vector<TotalOrders::Things> newer_than_each(const TotalOrders& orders, std::size_t versions) {
  std::vector<TotalOrders::Things> newer(versions, 0);
  for (std::size_t a = 0; a < versions; ++a) {
    for (std::size_t b = 0; b < versions; ++b) {
      newer[a] |= a != b && orders.proves(a, b) ? 1U << b : 0U;
    }
  }
  return newer;
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
  require_pairs(orders, model.facts);
  TierOrders result{{{Tier::facts, orders}}, {}};
  const auto add = [&](Tier tier, Assumption assumption, const std::vector<Pair>& pairs) {
    TotalOrders narrowed = result.tiers.back().second;
    require_pairs(narrowed, pairs);
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

KeyOracle::KeyOracle(const History& history, KeyModel model, const Assumptions& assume)
    : history_(history),
      model_(std::move(model)),
      one_clock_(has(assume, Assumption::one_clock)),
      by_tier_(orders_by_tier(model_, assume)),
      by_facts_(newer_than_each(by_tier_.tiers.front().second, model_.versions)),
      by_all_(newer_than_each(by_tier_.tiers.back().second, model_.versions)) {
  if (history.operations.size() > std::numeric_limits<Operations>::digits) {
    throw std::length_error("more operations than bits");
  }
  for (const Scope scope : {Scope::session, Scope::user, Scope::process}) {
    owed_.at(static_cast<std::size_t>(scope)) = find_owed(scope);
  }
  for (std::size_t i = 0; i < model_.actions.size(); ++i) {
    Versions missable = 0;
    for (std::size_t version = 1; version < model_.versions; ++version) {
      const bool owed_somewhere = std::any_of(owed_.begin(), owed_.end(), [&](const Owed& owed) {
        return ((owed.written[i] | owed.read[i]) >> version & 1U) != 0;
      });
      missable |= owed_somewhere && could_be_missed(i, version) ? 1U << version : 0U;
    }
    missable_.push_back(missable);
  }
}

bool KeyOracle::ambiguous_nulls() const {
  return std::any_of(model_.actions.begin(), model_.actions.end(), [](const Action& one) { return !one.certain(); });
}

bool KeyOracle::ordered_by_facts() const {
  for (std::size_t a = 0; a < model_.versions; ++a) {
    for (std::size_t b = a + 1; b < model_.versions; ++b) {
      if (((by_facts_[a] >> b | by_facts_[b] >> a) & 1U) == 0) {
        return false;
      }
    }
  }
  return true;
}

KeyOracle::Owed KeyOracle::find_owed(Scope scope) const {
  const std::size_t count = model_.actions.size();
  Owed all{std::vector<Versions>(count, 0), std::vector<Versions>(count, 0), std::vector<std::uint64_t>(count, 0)};
  std::map<std::string, std::size_t> numbers;
  std::vector<std::size_t> whose;
  for (std::size_t i = 0; i < count; ++i) {
    whose.push_back(numbers.emplace(scope_name(at(i), scope), numbers.size()).first->second);
    for (std::size_t k = 0; k < i; ++k) {
      const Action& first = model_.actions[k];
      if (whose[k] != whose[i] || !precedes(history_, first.operation, model_.actions[i].operation, one_clock_)) {
        continue;
      }
      all.before[i] |= std::uint64_t{1} << k;
      if (first.certain() && (!first.write || first.acknowledged)) {
        (first.write ? all.written : all.read)[i] |= 1U << first.versions.front();
      }
    }
  }
  return all;
}

KeyOracle::Versions KeyOracle::owed(const Guarantees& set, Scope scope, std::size_t action) const {
  const Owed& all = owed_.at(static_cast<std::size_t>(scope));
  const bool write = model_.actions[action].write;
  const bool to_writes = has(set, write ? Guarantee::monotonic_writes : Guarantee::read_your_writes);
  const bool to_reads = has(set, write ? Guarantee::writes_follow_reads : Guarantee::monotonic_reads);
  return (to_writes ? all.written[action] : 0U) | (to_reads ? all.read[action] : 0U);
}

std::vector<Flag> KeyOracle::flags(const Guarantees& set, Scope scope, Operations out) const {
  auto tiers = by_tier_.tiers;
  std::vector<Flag> found;
  for (std::size_t i = 0; i < model_.actions.size(); ++i) {
    const Action& action = model_.actions[i];
    const Versions older = owed(set, scope, i);
    if ((out & bit(action.operation)) != 0 || older == 0) {
      continue;
    }
    // Each tier is stricter than the one before, so the first that the operation does not fit is the least that shows
    // it.
    const auto broken =
        std::find_if(tiers.begin(), tiers.end(), [&](const auto& tier) { return !fits(action, older, tier.second); });
    if (broken != tiers.end()) {
      found.push_back({action.operation, broken->first});
    } else if (action.certain()) {
      for (auto& [tier, orders] : tiers) {
        orders.require_all(older, action.versions.front());
      }
    }
  }
  return found;
}

/// Depth first over what the null reads may have returned: is there any order of the versions left?
bool KeyOracle::any_order(const Guarantees& set, Scope scope, std::vector<std::size_t>& chosen,
                          const TotalOrders& orders) const {
  const std::size_t next = chosen.size();
  if (!orders.possible() || next == model_.actions.size()) {
    return orders.possible();
  }
  const Action& action = model_.actions[next];
  const std::uint64_t before = owed_.at(static_cast<std::size_t>(scope)).before[next];
  Versions older = 0;
  for (std::size_t i = 0; i < next; ++i) {
    if ((before >> i & 1U) != 0 && demands(set, model_.actions[i], action)) {
      older |= 1U << chosen[i];
    }
  }
  return std::any_of(action.versions.begin(), action.versions.end(), [&](std::size_t version) {
    TotalOrders narrowed = orders;
    narrowed.require_all(older, version);
    chosen.push_back(version);
    const bool found = any_order(set, scope, chosen, narrowed);
    chosen.pop_back();
    return found;
  });
}

std::optional<Tier> KeyOracle::unsatisfiable(const Guarantees& set, Scope scope) const {
  for (const auto& [tier, orders] : by_tier_.tiers) {
    std::vector<std::size_t> chosen;
    if (!any_order(set, scope, chosen, orders)) {
      return tier;
    }
  }
  return std::nullopt;
}

/// Of a null that may be several versions nothing is known, unless it is a violation.
/// Known is the relation to everything owed: one that is not might be what a stale read misses.
Operations KeyOracle::decided(const Guarantees& set, Scope scope) const {
  Operations found = 0;
  for (std::size_t i = 0; i < model_.actions.size(); ++i) {
    const Action& action = model_.actions[i];
    const Versions all = owed(set, scope, i) & ~Versions{1};
    const std::size_t own = action.versions.front();
    bool known = action.certain() && all != 0;
    for (std::size_t version = 1; known && version < model_.versions; ++version) {
      known = (all >> version & 1U) == 0 || version == own || older(i, version, own) || older(i, own, version);
    }
    found |= known ? bit(action.operation) : 0;
  }
  return found;
}

Operations KeyOracle::exposed(const Guarantees& set, Scope scope) const {
  Operations found = 0;
  for (std::size_t i = 0; i < model_.actions.size(); ++i) {
    found |= (owed(set, scope, i) & missable_[i]) != 0 ? bit(model_.actions[i].operation) : 0;
  }
  return found;
}

bool KeyOracle::could_be_missed(std::size_t action, std::size_t version) const {
  const Nanoseconds since = not_there_before(version);
  return some_node_lacked(history_, at(action), since) || someone_read_older(action, version) ||
         promoted_without(history_, at(action), since);
}

/// The acknowledgement; what nobody acknowledged may have been there as soon as it was asked for, and what nobody asked for at any time.
Nanoseconds KeyOracle::not_there_before(std::size_t version) const {
  for (std::size_t i = 0; i < model_.actions.size(); ++i) {
    const Action& action = model_.actions[i];
    if (action.write && action.certain() && action.versions.front() == version) {
      return action.acknowledged ? at(i).complete : at(i).invoke;
    }
  }
  return INT64_MIN;
}

bool KeyOracle::someone_read_older(std::size_t action, std::size_t version) const {
  for (std::size_t i = 0; i < model_.actions.size(); ++i) {
    const Action& other = model_.actions[i];
    if (!other.write && other.certain() && (one_clock_ || at(i).session == at(action).session) &&
        at(i).invoke > at(action).invoke && older(action, other.versions.front(), version)) {
      return true;
    }
  }
  return false;
}

}  // namespace afterwrite::oracle
