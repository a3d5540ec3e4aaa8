#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tests/checkers/key_oracle.hpp"

namespace afterwrite::oracle {

/// What the row must say of a history of registers.
struct Answer {
  /// The row's own violations, in order of the file: for one guarantee all of them; for a joint row those operations
  /// that break no guarantee alone.
  std::vector<Flag> own;
  Operations broken = 0;  ///< own ones, and those of its guarantees alone
  Operations decided =
      0;  ///< operations whose relation to everything that they are owed is known, broken ones among them
  Operations at_risk = 0;  ///< of these, the ones that could have failed
  bool violated() const { return broken != 0; }
};

/// A history of registers under one set of assumptions. Refers to the history.
class Oracle {
 public:
  /// Throws std::length_error for a history too large to enumerate.
  Oracle(const History& history, const Assumptions& assume);

  Answer judge(const Guarantees& set, Scope scope) const;

  /// The least tier in which the row cannot be satisfied on some key. With ambiguous nulls there may be one without a
  /// violation, never the other way round; without them there is one exactly if there is a violation.
  std::optional<Tier> unsatisfiable(const Guarantees& set, Scope scope) const;

  const std::vector<KeyOracle>& keys() const { return keys_; }
  bool ambiguous_nulls() const;
  /// `writer-order on key x`: assumptions that contradict the facts.
  std::vector<std::string> dropped() const;

 private:
  struct Alone {
    std::array<std::vector<Flag>, guarantee_count> flags;
    bool nothing = false;  ///< not even all guarantees together are broken
  };

  std::vector<KeyOracle> keys_;
  std::vector<std::array<Alone, 3>> alone_;  ///< by key and scope: what breaks one guarantee
};

/// One row of one history.
inline Answer judge_registers(const History& history, const Setting& setting) {
  return Oracle(history, setting.assume).judge(setting.guarantees, setting.scope);
}

/// The versions that an action of the model (an index into it) must not be older than: what its scope is owed by then.
std::vector<std::size_t> owed(const History& history, const KeyModel& model, std::size_t action,
                              const Setting& setting);

}  // namespace afterwrite::oracle
