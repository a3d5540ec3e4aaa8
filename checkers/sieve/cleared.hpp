#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "checkers/judgement.hpp"

namespace afterwrite {

/// What one chain (own writes, or own reads) owes an operation, and whether the relation of what the operation met to
/// all of it is known.
enum class Owing : std::uint8_t { nothing, known_by_facts, known_by_assumption, unknown };
inline constexpr std::size_t owing_count = 4;

/// Operations at risk, by whether what their session's writes (1), its reads (2) or either (3) owed them was.
struct AtRisk {
  std::array<std::uint64_t, 4> reads{};
  std::array<std::uint64_t, 4> writes{};

  AtRisk& operator+=(const AtRisk& other);
};

/// What the sieve counted on the keys that it cleared: keys on which nothing broke any guarantee. From it follow the
/// counts of every row, whatever guarantees it asks for.
struct Cleared {
  /// Reads by what their session's writes (first) and reads (second) owed them.
  std::array<std::array<std::uint64_t, owing_count>, owing_count> reads{};
  /// Writes of numbered versions by whether their session's writes (first) and reads (second) owed them anything.
  std::array<std::array<std::uint64_t, 2>, 2> writes{};
  AtRisk at_risk;
  /// What known_by_assumption rests on.
  Assumptions assumed;
  /// There were operations, those of keys that were not cleared among them.
  bool any_operation = false;
  /// Some operation deletes, successful or not.
  bool any_delete = false;
  /// An operation that did not succeed, wherever it was: faults are proven by them (fault_proof.hpp).
  struct Refused {
    std::string node;
    Nanoseconds invoke = 0;
    Nanoseconds complete = 0;
  };
  std::vector<Refused> refused;   ///< at a node that was recorded
  Nanoseconds last_complete = 0;  ///< of all operations

  Cleared& operator+=(const Cleared& other);

  struct Counts {
    std::uint64_t decided = 0;
    std::uint64_t at_risk = 0;
    Assumptions assumptions;  ///< those without which fewer would be decided
  };
  /// For a row that asks for these guarantees.
  Counts counts(const Guarantees& set) const;
};

}  // namespace afterwrite
