#pragma once

#include <cstddef>
#include <string>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/baseline.hpp"

namespace afterwrite {

/// How much of a group's name is shown: room for the values of several labels, so that rows are told apart.
inline constexpr std::size_t group_bytes = 240;

/// `read-your-writes`, `monotonic-reads per user`, `read-your-writes (group /basket)`.
std::string row_name(const Row& row);
/// The names by which reports tell rows apart, and the same words of them.
RowName name_of(const Row& row);
std::string row_name(const RowName& row);

/// The row's verdict in a sentence, with its evidence: counts, rate and interval, or the reason why it is unknown. How
/// long what was owed was overdue is left out unless times were measured.
std::string row_evidence(const Row& row, Times times);

/// `assuming writer-order, one-clock`; empty where nothing is assumed, or nothing concluded.
std::string row_assumptions(const Row& row);

/// Both, with a semicolon between them.
std::string row_evidence_and_assumptions(const Row& row, Times times);

/// How long the operations of an entry were overdue, the longest of them.
double longest_staleness_ms(const Violation& violation);

}  // namespace afterwrite
