#include <fmt/format.h>

#include <unordered_map>

#include "checkers/list_walk.hpp"

namespace afterwrite {

namespace {

/// So many lists that are no beginning of another are compared for their order; histories without this anomaly have one.
constexpr std::size_t compared_orders = 16;

class ListSorter {
 public:
  ListSorter(const History& history, KeyHistory& key, const SortingRules& rules, SortedHistory& sorted)
      : history_(history), key_(key), rules_(rules), sorted_(sorted) {}

  ListKey sort() {
    const std::size_t count = key_.operations.size();
    list_.appended.assign(count, 0);
    list_.contents.resize(count);
    list_.judged.assign(count, false);
    for (std::size_t i = 0; i < count; ++i) take_append(i);
    for (std::size_t i = 0; i < count; ++i) take_read(i);
    // Else a read may lack elements for a good reason: what it contains accuses nobody and decides nothing.
    if (!only_grows_) list_.judged.assign(count, false);
    return std::move(list_);
  }

 private:
  const Operation& operation(std::size_t i) const { return history_.operations[key_.operations[i]]; }

  ListKey::Element number(const Scalar& value) {
    const auto [place, fresh] = numbers_.emplace(value, static_cast<ListKey::Element>(list_.values.size()));
    if (fresh) {
      list_.values.push_back(value);
      list_.origins.emplace_back();
      states_.emplace_back();
      stamps_.push_back(0);
    }
    return place->second;
  }

  void take_append(std::size_t i) {
    const Operation& op = operation(i);
    if (!op.is_write()) return;
    if (op.function != Function::append) {
      if (op.outcome == Outcome::fail) return;
      key_.doubt = fmt::format("line {} {} a key that holds a list, which is then not judged", op.line,
                               op.function == Function::remove ? "deletes" : "writes a single value to");
      only_grows_ = false;
      // Whose a single value is that a list shows cannot be told.
      if (op.function == Function::write) states_[number(to_scalar(op.value))].duplicate = true;
      return;
    }
    if (is_null(op.value) || is_list(op.value)) return;
    const ListKey::Element element = number(to_scalar(op.value));
    list_.appended[i] = element;
    State& state = states_[element];
    if (op.outcome == Outcome::fail) {
      state.failed = true;
      return;
    }
    if (state.appended) {
      state.duplicate = true;
      list_.origins[element] = {};
      key_.doubt = fmt::format("{} was appended twice", display(op.value));
      sorted_.anomalies.add("duplicate-value",
                            fmt::format("key {}: {} (again in line {})", key_.key, key_.doubt, op.line));
      return;
    }
    state.appended = true;
    list_.judged[i] = true;
    list_.origins[element].append = key_.operations[i];
    list_.origins[element].acknowledged = op.outcome == Outcome::ok;
  }

  void take_read(std::size_t i) {
    const Operation& op = operation(i);
    if (op.is_write() || op.outcome != Outcome::ok) return;
    if (!is_null(op.value) && !is_list(op.value)) {
      key_.doubt = fmt::format("line {} reads a single value from a key that holds a list", op.line);
      return;
    }
    list_.judged[i] = true;
    if (is_null(op.value)) return;
    auto& contents = list_.contents[i];
    ++stamp_;
    for (const Scalar& value : std::get<List>(op.value)) {
      const ListKey::Element element = number(value);
      if (stamps_[element] == stamp_) {
        anomaly("repeated-element", i, value, "shows twice");
        continue;
      }
      stamps_[element] = stamp_;
      if (!accepts(i, element, value)) continue;
      if (list_.origins[element].first_read == no_operation) list_.origins[element].first_read = key_.operations[i];
      contents.push_back(element);
    }
    compare_order(i);
  }

  bool accepts(std::size_t i, ListKey::Element element, const Scalar& value) {
    const State& state = states_[element];
    if (state.duplicate) return false;
    if (!state.appended) {
      if (state.failed) {
        anomaly("aborted-read", i, value, "was appended by an operation that failed");
      } else if (rules_.unfinished) {
        ++sorted_.unexplained;
      } else {
        anomaly("phantom-read", i, value, "was appended by nobody");
      }
      return false;
    }
    if (reads_future(history_, key_.operations[i], list_.origins[element].append, rules_)) {
      anomaly("future-read", i, value, "was read before its append began");
      return false;
    }
    return true;
  }

  /// Two lists that order elements differently. Lists that are beginnings of one another are kept once.
  void compare_order(std::size_t i) {
    const auto& contents = list_.contents[i];
    if (contents.empty()) return;
    bool known = false;
    for (std::size_t& other : orders_) {
      const auto& kept = list_.contents[other];
      const std::size_t shared = std::min(kept.size(), contents.size());
      if (std::equal(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(shared), contents.begin())) {
        if (contents.size() > kept.size()) other = i;
        known = true;
      } else if (disagree(kept, contents)) {
        sorted_.anomalies.add("incompatible-order",
                              fmt::format("key {}: lines {} and {} order the same elements differently", key_.key,
                                          operation(other).line, operation(i).line));
      }
    }
    if (!known && orders_.size() < compared_orders) orders_.push_back(i);
  }

  bool disagree(const std::vector<ListKey::Element>& a, const std::vector<ListKey::Element>& b) {
    std::unordered_map<ListKey::Element, std::size_t> places;
    for (std::size_t i = 0; i < a.size(); ++i) places.emplace(a[i], i);
    std::size_t last = 0;
    for (const ListKey::Element element : b) {
      const auto place = places.find(element);
      if (place == places.end()) continue;
      if (place->second < last) return true;
      last = place->second;
    }
    return false;
  }

  void anomaly(const std::string& name, std::size_t i, const Scalar& value, const std::string& why) {
    const Operation& op = operation(i);
    sorted_.anomalies.add(name, fmt::format("line {}: {} read key {} with {}, which {}", op.line, op.session,
                                            key_.key, display(value), why));
  }

  struct State {
    bool appended = false;
    bool duplicate = false;
    bool failed = false;
  };

  const History& history_;
  KeyHistory& key_;
  const SortingRules& rules_;
  SortedHistory& sorted_;
  ListKey list_;
  bool only_grows_ = true;  // nothing but appends may have changed it
  std::unordered_map<Scalar, ListKey::Element, ScalarHash> numbers_;
  std::vector<State> states_;
  std::vector<std::uint64_t> stamps_;
  std::uint64_t stamp_ = 0;
  std::vector<std::size_t> orders_;
};

}  // namespace

ListKey sort_list(const History& history, KeyHistory& key, const SortingRules& rules, SortedHistory& sorted) {
  return ListSorter(history, key, rules, sorted).sort();
}

}  // namespace afterwrite
