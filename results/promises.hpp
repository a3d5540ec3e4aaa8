#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// Which groups' reads bear the label `promised`: `yes` is true, `no` false; of any other word it is not known what it says. A
/// group is named by its labels (Row::labels).
class Promises {
 public:
  /// `judgement` names the groups.
  Promises(const History& history, const Judgement& judgement);

  /// Nothing where the history does not say, or says both.
  std::optional<bool> of(const Row& row) const;
  /// False only where the history says so: what nobody speaks of counts as promised, lest it be overlooked.
  bool counts(const Row& row) const { return of(row).value_or(true); }
  /// Whether the history says anything of any group.
  bool any() const { return !groups_.empty(); }
  /// Whether the final check of a run made all operations of this group: the load had no part in it.
  bool is_of_final_check_alone(const Row& row) const { return !loaded_.contains(row.labels); }

 private:
  std::map<std::map<std::string, std::string>, std::optional<bool>> groups_;
  std::set<std::map<std::string, std::string>> loaded_;  // those with an operation of the load
};

/// How many rows have which verdict.
struct VerdictCounts {
  std::uint64_t violated = 0;
  std::uint64_t held = 0;
  std::uint64_t unknown = 0;

  /// `violated` beats `unknown` beats `held`; of no row at all nothing is known.
  Verdict verdict() const;
};

/// The rows apart by whether they count as promised; those of control sessions, those that repeat what another says
/// (repeats_another()), and, where promises are made, those that are unknown and of the final check alone, are left out.
struct PromisedRows {
  VerdictCounts promised;
  VerdictCounts not_promised;
};

/// Absent where the history says nothing of promises. A pure function, like those below; any thread may call.
std::optional<PromisedRows> count_promised(const History& history, const Judgement& judgement);

/// The verdict over the rows that count as promised: all of them where the history says nothing of promises.
Verdict promised_verdict(const History& history, const Judgement& judgement);

/// `3 promised rows violated, 2 not promised`; empty where nothing is said of promises, or nothing is violated.
std::string violated_in_words(const std::optional<PromisedRows>& rows);

/// `promised: 3 violated, 10 held, 4 unknown; not promised: ...`.
std::string counts_in_words(const PromisedRows& rows);

/// For the report.
nlohmann::ordered_json promises_json(const PromisedRows& rows);

/// All entries, in the order in which they are told: of rows that count as promised, of others, of control sessions.
struct ToldEntry {
  const Row* row = nullptr;
  const Violation* violation = nullptr;
};
std::vector<ToldEntry> entries_to_tell(const History& history, const Judgement& judgement);

}  // namespace afterwrite
