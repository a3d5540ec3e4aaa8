#include "tests/checkers/list_oracle.hpp"

#include <algorithm>
#include <map>

namespace afterwrite::oracle {
namespace {

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
        lists_[i] = known_elements(i);
      }
    }
  }

  /// `only_grows`: nothing that it lacks may have been taken from it.
  void judge(ListAnswer& answer, bool only_grows) const {
    std::set<std::size_t> went_back;
    for (const auto& [read, list] : lists_) {
      if (goes_back(read, list, went_back)) {
        went_back.insert(read);
      }
      if (only_grows && broken(read, list, went_back)) {
        answer.shown_by.insert(read);
      }
      for (const auto& [other, other_list] : lists_) {
        answer.incompatible_order |= ordered_differently(list, other_list);
      }
    }
  }

 private:
  /// Elements by the operation that appended them.
  using Elements = std::vector<std::size_t>;

  const Operation& at(std::size_t index) const { return history_.operations[index]; }

  /// Read before its append began. At one moment only a session's own order tells.
  bool too_early(std::size_t read, std::size_t append) const {
    return at(read).session == at(append).session
               ? precedes(history_, read, append, false)
               : has(setting_.assume, Assumption::one_clock) && at(read).complete < at(append).invoke;
  }

  Elements known_elements(std::size_t read) const {
    const Value& value = at(read).value;
    Elements elements;
    if (is_list(value)) {
      for (const Scalar& scalar : std::get<List>(value)) {
        const Value element = std::visit([](const auto& held) -> Value { return Value(held); }, scalar);
        if (const auto found = append_of_.find(element); found != append_of_.end() && !too_early(read, found->second)) {
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

  /// `before` holds nothing that `list` lacks or has only at `position` or later.
  static bool stands_before(const Elements& before, const Elements& list, std::size_t position) {
    return std::all_of(before.begin(), before.end(),
                       [&](std::size_t element) { return place(list, element) < position; });
  }

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

  bool broken(std::size_t read, const Elements& list, const std::set<std::size_t>& went_back) const {
    return (has(setting_.guarantees, Guarantee::read_your_writes) && misses_own_write(read, list)) ||
           (has(setting_.guarantees, Guarantee::monotonic_reads) && went_back.count(read) != 0) ||
           (has(setting_.guarantees, Guarantee::monotonic_writes) && shows_writes_out_of_order(list)) ||
           (has(setting_.guarantees, Guarantee::writes_follow_reads) && shows_write_before_what_it_follows(list));
  }

  bool misses_own_write(std::size_t read, const Elements& list) const {
    return std::any_of(append_of_.begin(), append_of_.end(), [&](const auto& append) {
      return at(append.second).outcome == Outcome::ok && owes(append.second, read) && !contains(list, append.second);
    });
  }

  /// What was seen must stay, whoever saw it when; the order of a read that is itself a violation binds nobody.
  bool goes_back(std::size_t read, const Elements& list, const std::set<std::size_t>& went_back) const {
    return std::any_of(lists_.begin(), lists_.end(), [&](const auto& earlier) {
      return owes(earlier.first, read) &&
             (!stands_before(earlier.second, list, list.size()) ||
              (went_back.count(earlier.first) == 0 && ordered_differently(earlier.second, list)));
    });
  }

  bool shows_writes_out_of_order(const Elements& list) const {
    for (std::size_t position = 0; position < list.size(); ++position) {
      for (const auto& [element, append] : append_of_) {
        if (at(append).outcome == Outcome::ok && owes(append, list[position]) && place(list, append) > position) {
          return true;
        }
      }
    }
    return false;
  }

  bool shows_write_before_what_it_follows(const Elements& list) const {
    for (std::size_t position = 0; position < list.size(); ++position) {
      for (const auto& [read, seen] : lists_) {
        Elements others = seen;
        others.erase(std::remove(others.begin(), others.end(), list[position]), others.end());
        if (owes(read, list[position]) && !stands_before(others, list, position)) {
          return true;
        }
      }
    }
    return false;
  }

  const History& history_;
  const Setting& setting_;
  std::map<Value, std::size_t> append_of_;
  std::map<std::size_t, Elements> lists_;
};

/// A list that something was perhaps taken from, or written over, may lack elements for a good reason.
bool only_grows(const History& history, const std::string& key) {
  return std::none_of(history.operations.begin(), history.operations.end(), [&](const Operation& operation) {
    return operation.key == key && operation.outcome != Outcome::fail &&
           (operation.function == Function::remove || operation.function == Function::write);
  });
}

}  // namespace

ListAnswer judge_lists(const History& history, const Setting& setting) {
  std::set<std::string> keys;
  for (const Operation& operation : history.operations) {
    if (is_list_key(history, operation.key)) {
      keys.insert(operation.key);
    }
  }
  ListAnswer answer;
  for (const std::string& key : keys) {
    ListKey(history, key, setting).judge(answer, only_grows(history, key));
  }
  return answer;
}

}  // namespace afterwrite::oracle
