#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

#include "checkers/lists/key.hpp"
#include "checkers/lists/order.hpp"

namespace afterwrite {

namespace {

class ListSorter {
 public:
  ListSorter(const History& history, KeyHistory& key, const SortingRules& rules, bool deletes_in_flight,
             SortedHistory& sorted)
      : history_(history), key_(key), rules_(rules), sorted_(sorted), only_grows_(!deletes_in_flight) {
    if (deletes_in_flight)
      key.doubt = "the recording may have ended while a delete was in flight, which would explain any list";
  }

  ListKey sort() {
    const std::size_t count = key_.operations.size();
    list_.appended.assign(count, 0);
    list_.contents.resize(count);
    list_.judged.assign(count, false);
    list_.early.assign(count, false);
    for (std::size_t i = 0; i < count; ++i)
      take_append(i);
    if (only_grows_) find_next_in_transactions();
    for (std::size_t i = 0; i < count; ++i)
      take_read(i);
    leave_out_internal();
    compare_orders(history_, key_, list_, sorted_.anomalies);
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

  /// Only what was acknowledged is certain to be there with the rest of its transaction. One that others append too is:
  /// a list without it lacks this one as well.
  void find_next_in_transactions() {
    std::size_t last = no_place;
    for (std::size_t i = 0; i < key_.operations.size(); ++i) {
      const Operation& op = operation(i);
      if (op.function != Function::append || op.outcome != Outcome::ok || op.txn.empty()) continue;
      if (is_null(op.value) || is_list(op.value)) continue;
      if (last != no_place && of_one_transaction(operation(last), op)) {
        next_in_transaction_.resize(list_.values.size(), nothing);
        next_in_transaction_[list_.appended[last]] = list_.appended[i];
      }
      last = i;
    }
  }

  void take_read(std::size_t i) {
    const Operation& op = operation(i);
    if (op.is_write() || op.outcome != Outcome::ok) return;
    if (!is_null(op.value) && !is_list(op.value)) {
      key_.doubt = fmt::format("line {} reads a single value from a key that holds a list", op.line);
      return;
    }
    list_.judged[i] = key_.internal.empty() || !key_.internal[i];
    if (is_null(op.value)) return;
    const List& shown = std::get<List>(op.value);
    auto& contents = list_.contents[i];
    contents.reserve(shown.size());
    const std::size_t known = take_beginning(i, shown);
    bool whole = true;
    ++stamp_;
    if (known < shown.size() || !next_in_transaction_.empty()) {
      for (const ListKey::Element element : contents)
        stamps_[element] = stamp_;
    }
    for (auto value = shown.begin() + static_cast<std::ptrdiff_t>(known); value != shown.end(); ++value) {
      whole = take_element(i, *value) && whole;
    }
    if (!next_in_transaction_.empty()) look_for_halves(i);
    if (whole && list_.judged[i] && contents.size() > longest_invoke_.size()) keep_longest(i);
  }

  /// What a transaction of others appended is all there, or none of it. The elements that the read shows bear its stamp.
  void look_for_halves(std::size_t i) {
    for (const ListKey::Element element : list_.contents[i]) {
      if (element >= next_in_transaction_.size()) continue;  // appended by nobody
      const ListKey::Element next = next_in_transaction_[element];
      if (next == nothing || stamps_[next] == stamp_) continue;
      if (of_one_transaction(history_.operations[list_.origins[element].append], operation(i))) continue;
      anomaly("intermediate-read", i, list_.values[element],
              fmt::format("is not the last append of its transaction: {} is missing", display(list_.values[next])));
    }
  }

  /// What is internal to a transaction is no state of the list for anyone else.
  void leave_out_internal() {
    for (std::size_t i = 0; i < key_.internal.size(); ++i) {
      if (key_.internal[i]) list_.contents[i].clear();
    }
  }

  /// False if the element is left out.
  bool take_element(std::size_t i, const Scalar& value) {
    const ListKey::Element element = number(value);
    if (stamps_[element] == stamp_) {
      anomaly("repeated-element", i, value, "shows twice");
      return false;
    }
    stamps_[element] = stamp_;
    if (!accepts(i, element, value)) return false;
    OperationIndex& first_read = list_.origins[element].first_read;
    if (first_read == no_operation && list_.judged[i]) first_read = key_.operations[i];
    list_.contents[i].push_back(element);
    return true;
  }

  /// As a rule a list begins like the longest one before it: then its elements need not be looked up one by one.
  /// Returns how many were taken; none unless all of their appends began before the read ended, since any later one
  /// would be read from the future, and none within a transaction, where times do not tell.
  std::size_t take_beginning(std::size_t i, const List& shown) {
    if (longest_ == no_place || !operation(i).txn.empty()) return 0;
    const List& longest = std::get<List>(operation(longest_).value);
    const auto differs = std::mismatch(shown.begin(), shown.end(), longest.begin(), longest.end()).first;
    const auto same = static_cast<std::size_t>(differs - shown.begin());
    if (same == 0 || longest_invoke_[same - 1] >= operation(i).complete) return 0;
    const auto& known = list_.contents[longest_];
    list_.contents[i].assign(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(same));
    return same;
  }

  void keep_longest(std::size_t i) {
    longest_ = i;
    longest_invoke_.clear();
    Nanoseconds latest = 0;
    for (const ListKey::Element element : list_.contents[i]) {
      latest = std::max(latest, own_times(history_, list_.origins[element].append, rules_).invoke);
      longest_invoke_.push_back(latest);
    }
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
      list_.early[i] = true;
      return false;
    }
    return true;
  }

  void anomaly(const std::string& name, std::size_t i, const Scalar& value, const std::string& why) {
    const Operation& op = operation(i);
    sorted_.anomalies.add(name, fmt::format("line {}: {} read key {} with {}, which {}", op.line, op.session, key_.key,
                                            display(value), why));
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
  bool only_grows_;  // nothing but appends may have changed it
  std::unordered_map<Scalar, ListKey::Element, ScalarHash> numbers_;
  std::vector<State> states_;
  std::vector<std::uint64_t> stamps_;
  std::uint64_t stamp_ = 0;
  static constexpr ListKey::Element nothing = static_cast<ListKey::Element>(-1);
  /// By element: the one that its transaction appended next. Empty if no transaction appended two.
  std::vector<ListKey::Element> next_in_transaction_;
  static constexpr std::size_t no_place = static_cast<std::size_t>(-1);
  std::size_t longest_ = no_place;           // the read of the longest list of which nothing was left out
  std::vector<Nanoseconds> longest_invoke_;  // parallel to it: when the latest append so far began
};

}  // namespace

ListKey sort_list(const History& history, KeyHistory& key, const SortingRules& rules, bool deletes_in_flight,
                  SortedHistory& sorted) {
  return ListSorter(history, key, rules, deletes_in_flight, sorted).sort();
}

}  // namespace afterwrite
