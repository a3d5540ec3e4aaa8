#include "results/page/page_violations.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "harness/history/text.hpp"
#include "results/page/embedded_json.hpp"
#include "results/page/page_witness.hpp"
#include "results/row_words.hpp"
#include "results/run_summary.hpp"

namespace afterwrite {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t name_bytes = 60;

/// Names that are written once each.
class Names {
 public:
  std::size_t number_of(std::string_view whole) {
    const auto [known, is_new] = numbers_.emplace(whole, list_.size());
    if (is_new) {
      list_.push_back(visible_text(whole, name_bytes));
      bytes_ += embedded(list_.back()).size() + 1;
    }
    return known->second;
  }
  std::size_t bytes() const { return bytes_; }
  Json take() { return std::move(list_); }

 private:
  std::unordered_map<std::string_view, std::size_t> numbers_;
  Json list_ = Json::array();
  std::size_t bytes_ = 0;
};

struct Entry {
  std::size_t row = 0;
  const Violation* violation = nullptr;
};

/// The first of each row, then the second of each ...; those of control sessions after all others.
std::vector<Entry> in_turns(const Judgement& judgement) {
  std::vector<Entry> all;
  for (const bool control : {false, true}) {
    bool more = true;
    for (std::size_t turn = 0; more; ++turn) {
      more = false;
      for (std::size_t row = 0; row < judgement.rows.size(); ++row) {
        const std::vector<Violation>& entries = judgement.rows[row].entries;
        if (is_of_control(judgement.rows[row]) != control || turn >= entries.size()) continue;
        all.push_back({row, &entries[turn]});
        more = true;
      }
    }
  }
  return all;
}

/// How many entries, and operations, have a name.
struct Tally {
  std::uint64_t entries = 0;
  std::uint64_t operations = 0;
};

class PageViolations {
 public:
  PageViolations(const History& history, const Judgement& judgement, const PageTimes& times, const PageRoom& room)
      : history_(history), judgement_(judgement), times_(times), room_(room), operations_(history, times) {}

  Json json() {
    const std::vector<Entry> all = in_turns(judgement_);
    Json groups = make_groups(all);
    std::vector<Entry> listed;
    for (const Entry& entry : all) {
      if (listed.size() == room_.entries || names_bytes() > room_.names_bytes) break;
      if (entry.row >= room_.rows) continue;
      name(entry);
      listed.push_back(entry);
    }
    tell(listed);
    std::sort(listed.begin(), listed.end(),
              [](const Entry& a, const Entry& b) { return a.violation->number < b.violation->number; });
    Json list = columns(listed);
    return {
        {"header", page_witness_header(history_)},
        {"rows", rows()},
        {"total", all.size()},
        {"listed", listed.size()},
        {"told", witnesses_.size()},
        {"names",
         {{"keys", keys_.take()}, {"nodes", nodes_.take()}, {"faults", faults_.take()}, {"owners", owners_.take()}}},
        {"entries", std::move(list)},
        {"groups", std::move(groups)},
        {"witnesses", std::move(witnesses_)},
        {"operations", operations_.take()}};
  }

 private:
  const std::string& node_of(const Entry& entry) const { return history_.operations[entry.violation->operation].node; }

  void name(const Entry& entry) {
    keys_.number_of(entry.violation->key);
    nodes_.number_of(node_of(entry));
    owners_.number_of(entry.violation->scope_name);
    for (const std::string& fault : entry.violation->faults)
      faults_.number_of(fault);
  }
  std::size_t names_bytes() const { return keys_.bytes() + nodes_.bytes() + faults_.bytes() + owners_.bytes(); }

  /// As many as there is room for, in turns.
  void tell(const std::vector<Entry>& listed) {
    std::size_t bytes = 0;
    for (const Entry& entry : listed) {
      if (bytes + operations_.bytes() > room_.witness_bytes) break;
      if (entry.violation->operations.size() > room_.operations) continue;
      Json witness = page_witness(history_, judgement_, judgement_.rows[entry.row], *entry.violation, operations_);
      bytes += embedded(witness).size() + 1;
      witness_of_[entry.violation->number] = witnesses_.size();
      witnesses_.push_back(std::move(witness));
    }
  }

  /// With names that tell groups of several labels apart, if there is room for them.
  Json rows() const {
    constexpr std::size_t most_bytes = 600'000;
    Json list = rows_named(2 * name_bytes);
    return embedded(list).size() <= most_bytes ? list : rows_named(name_bytes);
  }

  Json rows_named(std::size_t limit) const {
    Json list = Json::array();
    for (const Row& row : judgement_.rows) {
      if (list.size() == room_.rows) break;
      list.push_back({{"name", shortened_text(row_name(row), limit)},
                      {"control", is_of_control(row)},
                      {"entries", row.entries.size()},
                      {"header", row.entries.empty() ? Json(nullptr) : page_witness_header(row)}});
    }
    return list;
  }

  Json columns(const std::vector<Entry>& listed) {
    Json list{{"row", Json::array()},    {"number", Json::array()}, {"key", Json::array()},
              {"node", Json::array()},   {"owner", Json::array()},  {"faults", Json::array()},
              {"count", Json::array()},  {"at_ms", Json::array()},  {"stale_ms", Json::array()},
              {"witness", Json::array()}};
    for (const Entry& entry : listed) {
      const Violation& violation = *entry.violation;
      const auto witness = witness_of_.find(violation.number);
      Json faults = Json::array();
      for (const std::string& fault : violation.faults)
        faults.push_back(faults_.number_of(fault));
      list["row"].push_back(entry.row);
      list["number"].push_back(violation.number);
      list["key"].push_back(keys_.number_of(violation.key));
      list["node"].push_back(nodes_.number_of(node_of(entry)));
      list["owner"].push_back(owners_.number_of(violation.scope_name));
      list["faults"].push_back(std::move(faults));
      list["count"].push_back(violation.count);
      list["witness"].push_back(witness == witness_of_.end() ? Json(nullptr) : Json(witness->second));
      const Nanoseconds invoke = history_.operations[violation.operation].invoke;
      list["at_ms"].push_back(times_.measured() ? Json(times_.ms(invoke)) : Json(nullptr));
      list["stale_ms"].push_back(times_.measured() ? Json(longest_staleness_ms(violation)) : Json(nullptr));
    }
    return list;
  }

  Json make_groups(const std::vector<Entry>& all) {
    std::map<std::string_view, Tally> by_key;
    std::map<std::string_view, Tally> by_node;
    std::map<std::string_view, Tally> by_fault;
    for (const Entry& entry : all) {
      const auto count = [&](Tally& tally) {
        ++tally.entries;
        tally.operations += entry.violation->count;
      };
      count(by_key[entry.violation->key]);
      count(by_node[node_of(entry)]);
      for (const std::string& fault : entry.violation->faults)
        count(by_fault[fault]);
      if (entry.violation->faults.empty()) count(by_fault[""]);
    }
    return {{"key", largest(by_key, keys_)}, {"node", largest(by_node, nodes_)}, {"fault", largest(by_fault, faults_)}};
  }

  Json largest(const std::map<std::string_view, Tally>& tallies, Names& names) const {
    std::vector<std::pair<std::string_view, Tally>> order(tallies.begin(), tallies.end());
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.second.entries > b.second.entries; });
    Json shown = Json::array();
    Tally others;
    for (const auto& [name, tally] : order) {
      if (shown.size() < room_.groups) {
        shown.push_back(
            {{"name", names.number_of(name)}, {"entries", tally.entries}, {"operations", tally.operations}});
        continue;
      }
      others.entries += tally.entries;
      others.operations += tally.operations;
    }
    return {{"shown", std::move(shown)},
            {"names", order.size()},
            {"other_entries", others.entries},
            {"other_operations", others.operations}};
  }

  const History& history_;
  const Judgement& judgement_;
  const PageTimes& times_;
  const PageRoom& room_;
  PageOperations operations_;
  Json witnesses_ = Json::array();
  std::unordered_map<std::uint64_t, std::size_t> witness_of_;  // by the entry's number
  Names keys_;
  Names nodes_;
  Names faults_;
  Names owners_;
};

}  // namespace

Json page_violations(const History& history, const Judgement& judgement, const PageTimes& times, const PageRoom& room) {
  return PageViolations(history, judgement, times, room).json();
}

}  // namespace afterwrite
