#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
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

/// What the row must say of a history of registers.
struct Answer {
  /// The row's own violations, in order of the file: for one guarantee all of them; for a joint row those operations
  /// that break no guarantee alone.
  std::vector<Flag> own;
  std::set<std::size_t> broken;  ///< own ones, and those of its guarantees alone
  bool violated = false;         ///< own ones, or of one of its guarantees alone
  /// The least tier in which no total order of some key's versions meets facts, assumptions and guarantees, every
  /// null read taken as whatever suits best, but once and for all.
  std::optional<Tier> unsatisfiable;
  bool ambiguous_nulls = false;  ///< then `unsatisfiable` may stand without a violation, never the other way round
  /// `writer-order on key x`: assumptions that contradict the facts.
  std::vector<std::string> dropped;
  std::set<std::size_t> decided;  ///< operations whose relation to everything that they are owed is known
};

/// Judges by enumeration of all orders of each key's versions. Throws std::length_error for a key with more versions
/// than can be enumerated.
Answer judge_registers(const History& history, const Setting& setting);

/// The orders of a key's versions that agree with the facts and with those assumptions of `assume` that do not
/// contradict them, tier by tier; a tier whose assumption is not to be used is left out.
struct TierOrders {
  std::vector<std::pair<Tier, TotalOrders>> tiers;
  std::vector<Assumption> dropped;
};
TierOrders orders_by_tier(const KeyModel& model, const Assumptions& assume);

/// The versions that an action of the model (an index into it) must not be older than: what its scope is owed by then.
std::vector<std::size_t> owed(const History& history, const KeyModel& model, std::size_t action,
                              const Setting& setting);

/// All operations that break the row on this key, in order of the file, the row's guarantees taken together: each is
/// judged against the facts, all usable assumptions and the edges accepted so far; the edges of a violation are left
/// out from then on. Those in `out` are neither judged nor draw edges.
std::vector<Flag> flag_in_order(const History& history, const KeyModel& model, const Setting& setting,
                                const std::set<std::size_t>& out);

}  // namespace afterwrite::oracle
