#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/page/page_times.hpp"

namespace afterwrite {

/// How much of the violations goes onto a page. What is left out is counted.
struct PageRoom {
  std::size_t rows = 1200;              ///< whose entries are listed
  std::size_t entries = 3000;           ///< listed with a line each
  std::size_t names_bytes = 120'000;    ///< of all names in those lines
  std::size_t witness_bytes = 600'000;  ///< of the entries that are told and drawn whole
  std::size_t operations = 40;          ///< of an entry that is told
  std::size_t groups = 60;              ///< of each kind
};

/// The violations of all rows:
///   header      of a history that holds nothing but a witness, so that checking it needs no flags; with what `rows`
///   add rows        by name, with the number of entries of each, and in `header` what it adds to the one above total
///   how many entries there are; `listed` says how many of them stand in `entries`, `told` how many have a witness
///   names       keys, nodes, faults and owners (sessions, users, processes), which `entries` and `groups` name by
///   number entries     columns of equal length: row, number, key, node, owner, faults, count, at_ms, stale_ms, witness
///   (or null) groups      by key, node and fault: name, entries, operations of the most frequent; those left out are
///   summed up witnesses   (page_witness) and their operations (PageOperations)
/// Where there is not room for all, each row has its share, and those of control sessions come last.
nlohmann::ordered_json page_violations(const History& history, const Judgement& judgement, const PageTimes& times,
                                       const PageRoom& room = {});

}  // namespace afterwrite
