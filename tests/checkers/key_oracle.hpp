#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/checkers/key_model.hpp"
#include "tests/checkers/total_orders.hpp"

namespace afterwrite::oracle {

/// On what a verdict rests, least first.
enum class Tier { facts, writer_order, realtime_writes };
std::string to_string(Tier tier);

/// One row to judge.
struct Setting {
  Guarantees guarantees;
  Scope scope = Scope::session;
  Assumptions assume;
};

/// An operation that breaks the row, and the least tier in which it does.
struct Flag {
  std::size_t operation = 0;
  Tier tier = Tier::facts;
  auto operator<=>(const Flag&) const = default;
};

/// The orders of a key's versions that agree with the facts and with those assumptions of `assume` that do not
/// contradict them, tier by tier; a tier whose assumption is not to be used is left out.
struct TierOrders {
  std::vector<std::pair<Tier, TotalOrders>> tiers;
  std::vector<Assumption> dropped;
};
TierOrders orders_by_tier(const KeyModel& model, const Assumptions& assume);

/// Operations of one history, a bit each.
using Operations = std::uint64_t;
inline Operations bit(std::size_t operation) {
  return Operations{1} << operation;
}

/// One register under one set of assumptions, judged by enumeration of all orders of its versions. What the rows share
/// is found out once: many are asked about one history. Refers to the history.
class KeyOracle {
 public:
  /// Throws std::length_error for a key with more versions than can be enumerated, or more operations than bits.
  KeyOracle(const History& history, KeyModel model, const Assumptions& assume);

  const KeyModel& model() const { return model_; }
  const TierOrders& by_tier() const { return by_tier_; }
  /// Whether a null read may be of several versions.
  bool ambiguous_nulls() const;
  /// Whether the facts alone leave one order.
  bool ordered_by_facts() const;

  /// All operations that break the guarantees taken together, in order of the file: each is judged against the facts,
  /// all usable assumptions and the edges accepted so far; the edges of a violation are left out from then on. Those in
  /// `out` are neither judged nor draw edges.
  std::vector<Flag> flags(const Guarantees& set, Scope scope, Operations out) const;

  /// The least tier in which no total order of the versions meets facts, assumptions and guarantees, every null read
  /// taken as whatever suits best, but once and for all.
  std::optional<Tier> unsatisfiable(const Guarantees& set, Scope scope) const;

  /// The operations whose relation to everything that they are owed is known.
  Operations decided(const Guarantees& set, Scope scope) const;

  /// The operations that could have been shown, or put, before something that they are owed (docs/guarantees.md, "At
  /// risk", 1 to 3), whether decided or not.
  Operations exposed(const Guarantees& set, Scope scope) const;

 private:
  using Versions = TotalOrders::Things;
  /// Of each action what it is owed in one scope: what was written, and what was read.
  struct Owed {
    std::vector<Versions> written;
    std::vector<Versions> read;
    std::vector<std::uint64_t> before;  ///< the actions of its scope that precede it
  };

  const Operation& at(std::size_t action) const { return history_.operations[model_.actions[action].operation]; }
  Owed find_owed(Scope scope) const;
  Versions owed(const Guarantees& set, Scope scope, std::size_t action) const;
  bool any_order(const Guarantees& set, Scope scope, std::vector<std::size_t>& chosen, const TotalOrders& orders) const;
  bool could_be_missed(std::size_t action, std::size_t version) const;
  bool someone_read_older(std::size_t action, std::size_t version) const;
  Nanoseconds not_there_before(std::size_t version) const;
  /// What writes are owed is what the assumptions themselves say, so only facts order it.
  bool older(std::size_t action, std::size_t a, std::size_t b) const {
    return (at(action).is_write() ? by_facts_ : by_all_)[a] >> b & 1U;
  }

  const History& history_;
  KeyModel model_;
  bool one_clock_;
  TierOrders by_tier_;
  std::vector<Versions> by_facts_;  ///< of each version those that are newer for sure
  std::vector<Versions> by_all_;
  std::array<Owed, 3> owed_;        ///< by scope
  std::vector<Versions> missable_;  ///< of each action those versions that it could have missed
};

}  // namespace afterwrite::oracle
