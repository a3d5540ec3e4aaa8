#include "tests/checkers/list_oracle.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "tests/checkers/exposure_oracle.hpp"
#include "tests/checkers/whole_steps.hpp"

namespace afterwrite::oracle {
namespace {

/// A list that something was perhaps taken from, or written over, may lack elements for a good reason. In a history
/// that was cut short, a delete may have been under way if anything in it deletes.
bool only_grows(const History& history, const std::string& key) {
  return std::none_of(history.operations.begin(), history.operations.end(), [&](const Operation& operation) {
    const bool removes = operation.function == Function::remove;
    return (removes && history.truncated) || (operation.key == key && operation.outcome != Outcome::fail &&
                                              (removes || operation.function == Function::write));
  });
}

/// The lists of one key. Elements that nobody appended for certain or perhaps, or that two appended, are left out.
class ListKey {
 public:
  ListKey(const History& history, const std::string& key, const Setting& setting)
      : history_(history), setting_(setting) {
    std::map<Value, std::vector<std::size_t>> appends;
    for (std::size_t i = 0; i < history.operations.size(); ++i) {
      const Operation& operation = at(i);
      if (operation.key == key && operation.function == Function::append && operation.outcome != Outcome::fail) {
        appends[operation.value].push_back(i);
      }
    }
    for (const auto& [element, who] : appends) {
      if (who.size() == 1) {
        append_of_[element] = who.front();
      }
    }
    for (std::size_t i = 0; i < history.operations.size(); ++i) {
      if (at(i).key == key && at(i).function == Function::read && at(i).outcome == Outcome::ok) {
        reads_.push_back(i);
        if (!is_internal(history, i)) {
          lists_[i] = known_elements(i);
        }
      }
    }
  }

  void judge(ListAnswer& answer) const {
    for (std::size_t i = 0; i < history_.operations.size(); ++i) {
      const bool append = owner_of_some_element(i);
      if (!append && lists_.count(i) == 0) {
        continue;
      }
      for (const Guarantee guarantee : append ? of_writes : of_reads) {
        if (has(setting_.guarantees, guarantee)) {
          judge_one(i, guarantee, answer);
        }
      }
    }
  }

  void count_anomalies(const std::string& key, std::map<std::string, std::size_t>& counts) const {
    for (const auto& [element, times] : appended(key, false)) {
      counts["duplicate-value"] += times - 1;
    }
    for (const std::size_t read : reads_) {
      counts["intermediate-read"] += halves(key, read);
      std::set<Scalar> before;
      for (const Scalar& scalar : is_list(at(read).value) ? std::get<List>(at(read).value) : List{}) {
        const std::string anomaly =
            before.insert(scalar).second ? anomaly_of(key, read, to_value(scalar)) : "repeated-element";
        counts[anomaly] += 1;
      }
    }
  }

  bool one_order_explains_all() const {
    std::map<std::size_t, std::size_t> number;
    for (const auto& [element, append] : append_of_) {
      number.emplace(append, number.size());
    }
    TotalOrders orders(number.size());
    for (const auto& [read, list] : lists_) {
      for (std::size_t i = 1; i < list.size(); ++i) {
        orders.require(number.at(list[i - 1]), number.at(list[i]));
      }
    }
    return orders.possible();
  }

 private:
  /// Elements by the operation that appended them.
  using Elements = std::vector<std::size_t>;

  const Operation& at(std::size_t index) const { return history_.operations[index]; }

  /// Read before its append began. At one moment only a session's own order tells.
  bool too_early(std::size_t read, std::size_t append) const {
    if (same_transaction(history_, read, append)) {
      return read < append;
    }
    const Nanoseconds ended = own_moments(at(read)).complete;
    const Nanoseconds began = own_moments(at(append)).invoke;
    if (at(read).session == at(append).session && ended == began) return read < append;
    return (at(read).session == at(append).session || has(setting_.assume, Assumption::one_clock)) && ended < began;
  }

  /// How often each element was appended, by operations that failed or by those that did not.
  std::map<Value, std::size_t> appended(const std::string& key, bool in_vain) const {
    std::map<Value, std::size_t> times;
    for (const Operation& operation : history_.operations) {
      if (operation.key == key && operation.function == Function::append &&
          (operation.outcome == Outcome::fail) == in_vain) {
        ++times[operation.value];
      }
    }
    return times;
  }

  /// Of an element that the read shows for the first time; empty if there is nothing wrong with it.
  std::string anomaly_of(const std::string& key, std::size_t read, const Value& element) const {
    const auto append = append_of_.find(element);
    if (append != append_of_.end()) {
      return too_early(read, append->second) ? "future-read" : "";
    }
    if (appended(key, false).count(element) != 0) {
      return "";  // twice: whose it is cannot be told
    }
    return appended(key, true).count(element) != 0 ? "aborted-read" : (history_.truncated ? "" : "phantom-read");
  }

  bool shows(std::size_t read, const Value& element) const {
    const List& list = std::get<List>(at(read).value);
    return std::any_of(list.begin(), list.end(), [&](const Scalar& shown) { return to_value(shown) == element; });
  }

  /// How many elements the read shows of other transactions without what those acknowledged as appended next.
  std::size_t halves(const std::string& key, std::size_t read) const {
    std::size_t count = 0;
    for (const std::size_t append : known_elements(read)) {
      if (!only_grows(history_, key) || same_transaction(history_, read, append)) {
        continue;
      }
      for (std::size_t next = append + 1; next < history_.operations.size(); ++next) {
        if (at(next).key == key && at(next).function == Function::append && at(next).outcome == Outcome::ok &&
            same_transaction(history_, append, next)) {
          count += shows(read, at(next).value) ? 0U : 1U;
          break;
        }
      }
    }
    return count;
  }

  Elements known_elements(std::size_t read) const {
    const Value& value = at(read).value;
    Elements elements;
    if (is_list(value)) {
      for (const Scalar& scalar : std::get<List>(value)) {
        const Value element = std::visit([](const auto& held) -> Value { return Value(held); }, scalar);
        if (const auto found = append_of_.find(element);
            found != append_of_.end() && !too_early(read, found->second) && !contains(elements, found->second)) {
          elements.push_back(found->second);
        }
      }
    }
    return elements;
  }

  bool owes(std::size_t first, std::size_t second) const {
    return scope_name(at(first), setting_.scope) == scope_name(at(second), setting_.scope) &&
           precedes(history_, first, second, has(setting_.assume, Assumption::one_clock));
  }

  static std::size_t place(const Elements& list, std::size_t element) {
    return static_cast<std::size_t>(std::find(list.begin(), list.end(), element) - list.begin());
  }

  static bool contains(const Elements& list, std::size_t element) { return place(list, element) < list.size(); }

  static bool ordered_differently(const Elements& list, const Elements& other) {
    for (const std::size_t a : list) {
      for (const std::size_t b : list) {
        if (contains(other, a) && contains(other, b) && place(list, a) < place(list, b) &&
            place(other, b) < place(other, a)) {
          return true;
        }
      }
    }
    return false;
  }

  bool owner_of_some_element(std::size_t index) const {
    return std::any_of(append_of_.begin(), append_of_.end(),
                       [&](const auto& append) { return append.second == index; });
  }

  /// The elements that a later operation owes to what its scope appended, or to what it read.
  std::set<std::size_t> owed(std::size_t operation, bool appended) const {
    std::set<std::size_t> elements;
    if (appended) {
      for (const auto& [element, append] : append_of_) {
        if (at(append).outcome == Outcome::ok && owes(append, operation)) {
          elements.insert(append);
        }
      }
    } else {
      for (const auto& [read, list] : lists_) {
        if (owes(read, operation)) {
          elements.insert(list.begin(), list.end());
        }
      }
    }
    return elements;
  }

  void judge_one(std::size_t operation, Guarantee guarantee, ListAnswer& answer) const {
    const bool append = at(operation).is_write();
    const bool to_appends = guarantee == Guarantee::read_your_writes || guarantee == Guarantee::monotonic_writes;
    const std::set<std::size_t> elements = owed(operation, to_appends);
    bool broken = append ? shown_too_early(operation, elements) : lacks_any(operation, elements);
    if (guarantee == Guarantee::monotonic_reads) {
      broken = goes_back(operation);
    }
    // Nothing is known of an append that nobody saw.
    const bool known = !append || seen(operation);
    if (broken) {
      answer.broken.insert(operation);
    }
    if (broken || (!elements.empty() && known)) {
      answer.decided.insert(operation);
      const bool exposed = std::any_of(elements.begin(), elements.end(),
                                       [&](std::size_t element) { return could_be_missed(operation, element); });
      if (broken || exposed) {
        answer.at_risk.insert(operation);
      }
    }
  }

  bool lacks_any(std::size_t read, const std::set<std::size_t>& elements) const {
    return std::any_of(elements.begin(), elements.end(),
                       [&](std::size_t element) { return !contains(lists_.at(read), element); });
  }

  /// What was seen must stay, whoever saw it when; the order of a read that is itself a violation binds nobody.
  bool goes_back(std::size_t read) const {
    return std::any_of(lists_.begin(), lists_.end(), [&](const auto& earlier) {
      return owes(earlier.first, read) &&
             (!std::all_of(earlier.second.begin(), earlier.second.end(),
                           [&](std::size_t element) { return contains(lists_.at(read), element); }) ||
              (ordered_differently(earlier.second, lists_.at(read)) && !goes_back(earlier.first)));
    });
  }

  /// Some list shows the append's element without all of these before it.
  bool shown_too_early(std::size_t append, const std::set<std::size_t>& elements) const {
    return std::any_of(lists_.begin(), lists_.end(), [&](const auto& read) {
      const Elements& list = read.second;
      return contains(list, append) && std::any_of(elements.begin(), elements.end(), [&](std::size_t element) {
               return element != append && place(list, element) > place(list, append);
             });
    });
  }

  bool seen(std::size_t append) const {
    return std::any_of(lists_.begin(), lists_.end(), [&](const auto& read) { return contains(read.second, append); });
  }

  bool could_be_missed(std::size_t operation, std::size_t element) const {
    // What nobody acknowledged may have been there as soon as it was asked for.
    const Nanoseconds since = at(element).outcome == Outcome::ok ? at(element).complete : at(element).invoke;
    const bool lacking = std::any_of(lists_.begin(), lists_.end(), [&](const auto& read) {
      const bool comparable =
          has(setting_.assume, Assumption::one_clock) || at(read.first).session == at(operation).session;
      return comparable && at(read.first).invoke > at(operation).invoke && !contains(read.second, element);
    });
    return lacking || some_node_lacked(history_, at(operation), since) ||
           promoted_without(history_, at(operation), since);
  }

  static constexpr std::array of_reads{Guarantee::read_your_writes, Guarantee::monotonic_reads};
  static constexpr std::array of_writes{Guarantee::monotonic_writes, Guarantee::writes_follow_reads};

  const History& history_;
  const Setting& setting_;
  std::map<Value, std::size_t> append_of_;
  std::vector<std::size_t> reads_;  ///< answered ones
  std::map<std::size_t, Elements> lists_;
};

std::set<std::string> list_keys(const History& history) {
  std::set<std::string> keys;
  for (const Operation& operation : history.operations) {
    if (is_list_key(history, operation.key)) {
      keys.insert(operation.key);
    }
  }
  return keys;
}

}  // namespace

ListAnswer judge_lists(const History& history, const Setting& setting) {
  ListAnswer answer;
  for (const std::string& key : list_keys(history)) {
    if (only_grows(history, key)) {
      ListKey(history, key, setting).judge(answer);
    }
  }
  return answer;
}

std::map<std::string, std::size_t> list_anomalies(const History& history, const Assumptions& assume) {
  std::map<std::string, std::size_t> counts;
  for (const std::string& key : list_keys(history)) {
    ListKey(history, key, {{}, Scope::session, assume}).count_anomalies(key, counts);
  }
  counts.erase("");
  std::erase_if(counts, [](const auto& one) { return one.second == 0; });
  return counts;
}

bool lists_may_shrink(const History& history) {
  const std::set<std::string> keys = list_keys(history);
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) { return !only_grows(history, key); });
}

bool lists_contradict(const History& history, const Assumptions& assume) {
  const std::set<std::string> keys = list_keys(history);
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return !ListKey(history, key, {{}, Scope::session, assume}).one_order_explains_all();
  });
}

}  // namespace afterwrite::oracle
