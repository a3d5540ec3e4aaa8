#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "checkers/judgement.hpp"
#include "harness/history/history.hpp"
#include "results/page/page_times.hpp"

namespace afterwrite {

/// The operations that the page's witnesses name, each once, in the order in which they were first named.
class PageOperations {
 public:
  PageOperations(const History& history, const PageTimes& times) : history_(history), times_(times) {}

  /// Its number on the page.
  std::size_t number_of(std::size_t index);
  /// How many bytes all of them take, about.
  std::size_t bytes() const { return bytes_; }
  /// All of them: names and values shortened for people's eyes, times on the page's axis, and as `raw` the history's
  /// line, null where that is too long for a page.
  nlohmann::ordered_json take() { return std::move(list_); }

 private:
  const History& history_;
  const PageTimes& times_;
  std::unordered_map<std::size_t, std::size_t> numbers_;
  nlohmann::ordered_json list_ = nlohmann::ordered_json::array();
  std::size_t bytes_ = 0;
};

/// One witness as it is drawn: its operations (by their numbers) in order of invocation with the story's words, the
/// edges of its cycle with what they lead from and to, and the circumstances.
nlohmann::ordered_json page_witness(const History& history, const Judgement& judgement, const Row& row,
                                    const Violation& violation, PageOperations& operations);

/// The header of a history that holds nothing but a witness, apart from what it owes to its row.
nlohmann::ordered_json page_witness_header(const History& history);
/// The rest of it: what the row judges, and under which assumptions.
nlohmann::ordered_json page_witness_header(const Row& row);

}  // namespace afterwrite
