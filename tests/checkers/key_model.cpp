#include "tests/checkers/key_model.hpp"

#include <algorithm>
#include <set>

#include "tests/checkers/whole_steps.hpp"

namespace afterwrite::oracle {
namespace {

class Builder {
 public:
  Builder(const History& history, std::string key, bool one_clock, bool open)
      : history_(history), one_clock_(one_clock), open_(open) {
    model_.key = std::move(key);
  }

  KeyModel build() {
    for (std::size_t i = 0; i < history_.operations.size(); ++i) {
      if (at(i).key == model_.key && at(i).is_write()) {
        sort_write(i);
      }
    }
    drop_duplicates();
    for (std::size_t i = 0; i < history_.operations.size(); ++i) {
      if (at(i).key != model_.key) {
        continue;
      }
      if (at(i).is_write()) {
        add_write(i);
      } else if (at(i).outcome == Outcome::ok) {
        add_read(i);
      }
    }
    order_by_facts();
    order_by_assumptions();
    return std::move(model_);
  }

 private:
  const Operation& at(std::size_t index) const { return history_.operations[index]; }

  /// The read ended before the write began. At one moment a session's own read came first if it stands first in the
  /// file; between sessions nothing tells. The operations of one transaction came in the order of the file.
  bool too_early(std::size_t read, std::size_t write) const {
    if (same_transaction(history_, read, write)) {
      return read < write;
    }
    const Nanoseconds ended = own_moments(at(read)).complete;
    const Nanoseconds began = own_moments(at(write)).invoke;
    if (at(read).session == at(write).session && ended == began) {
      return read < write;
    }
    return (one_clock_ || at(read).session == at(write).session) && ended < began;
  }

  void sort_write(std::size_t index) {
    const Operation& write = at(index);
    if (write.outcome == Outcome::fail) {
      failed_.insert(write.value);
    } else if (write.function == Function::remove) {
      if (!is_intermediate(history_, index)) {
        deletes_[index] = model_.versions++;
      }
    } else {
      writers_[write.value].push_back(index);
    }
  }

  void drop_duplicates() {
    for (const auto& [value, writers] : writers_) {
      if (writers.size() > 1) {
        duplicates_.insert(value);
        model_.anomalies["duplicate-value"] += writers.size() - 1;
      } else {
        version_of_[value] = model_.versions++;
      }
    }
  }

  void add_write(std::size_t index) {
    const Operation& write = at(index);
    if (write.outcome == Outcome::fail || is_intermediate(history_, index)) {
      return;
    }
    Action action{index, true, write.outcome == Outcome::ok, {}};
    if (write.function == Function::remove) {
      action.versions = {deletes_.at(index)};
    } else if (duplicates_.count(write.value) == 0) {
      action.versions = {version_of_.at(write.value)};
    } else {
      return;
    }
    learn(action);
    model_.actions.push_back(action);
  }

  void add_read(std::size_t index) {
    const Operation& read = at(index);
    Action action{index, false, false, {}};
    const bool internal = is_internal(history_, index);
    if (is_null(read.value) && internal) {
      return;
    }
    if (is_null(read.value) && open_ && anyone_deletes()) {
      ++model_.anomalies["unexplained"];
      return;
    }
    if (is_null(read.value)) {
      action.versions = null_candidates(index);
    } else if (duplicates_.count(read.value) != 0) {
      return;
    } else if (version_of_.count(read.value) == 0) {
      const bool aborted = failed_.count(read.value) != 0;
      ++model_.anomalies[aborted ? "aborted-read" : (open_ ? "unexplained" : "phantom-read")];
      return;
    } else if (too_early(index, writers_.at(read.value).front())) {
      ++model_.anomalies["future-read"];
      return;
    } else if (never_to_be_seen(index, writers_.at(read.value).front())) {
      ++model_.anomalies["intermediate-read"];
      return;
    } else if (internal) {
      return;
    } else {
      action.versions = {version_of_.at(read.value)};
      learn(action);
    }
    model_.actions.push_back(action);
  }

  bool never_to_be_seen(std::size_t read, std::size_t write) const {
    return is_intermediate(history_, write) && !same_transaction(history_, read, write);
  }

  bool anyone_deletes() const {
    return std::any_of(history_.operations.begin(), history_.operations.end(),
                       [](const Operation& operation) { return operation.function == Function::remove; });
  }

  std::vector<std::size_t> null_candidates(std::size_t read) const {
    std::vector<std::size_t> candidates{0};
    for (const auto& [index, version] : deletes_) {
      if (!too_early(read, index)) {
        candidates.push_back(version);
      }
    }
    return candidates;
  }

  void learn(const Action& action) {
    if (at(action.operation).version) {
      recorded_[action.versions.front()].insert(*at(action.operation).version);
    }
  }

  void order_by_facts() {
    for (std::size_t version = 1; version < model_.versions; ++version) {
      model_.facts.emplace_back(0, version);
    }
    for (const auto& [older, older_marks] : recorded_) {
      if (older_marks.size() > 1) {
        ++model_.anomalies["conflicting-version"];
      }
      for (const auto& [newer, newer_marks] : recorded_) {
        // A version that was recorded in two ways says nothing certain.
        if (older_marks.size() == 1 && newer_marks.size() == 1 && *older_marks.begin() < *newer_marks.begin()) {
          model_.facts.emplace_back(older, newer);
        }
      }
    }
  }

  /// In effect before `later` began: acknowledged by then, or returned by then to a read.
  bool in_effect(const Action& write, const Action& later, bool by_own_session) const {
    if (write.acknowledged && precedes(history_, write.operation, later.operation, !by_own_session)) {
      return true;
    }
    return std::any_of(model_.actions.begin(), model_.actions.end(), [&](const Action& read) {
      return !read.write && read.certain() && read.versions == write.versions &&
             (!by_own_session || at(read.operation).session == at(write.operation).session) &&
             precedes(history_, read.operation, later.operation, !by_own_session);
    });
  }

  void order_by_assumptions() {
    for (const Action& write : model_.actions) {
      for (const Action& later : model_.actions) {
        if (!write.write || !later.write || write.versions == later.versions) {
          continue;
        }
        const Pair pair(write.versions.front(), later.versions.front());
        if (at(write.operation).session == at(later.operation).session && in_effect(write, later, true)) {
          model_.writer_order.push_back(pair);
        }
        if (one_clock_ && in_effect(write, later, false)) {
          model_.realtime_writes.push_back(pair);
        }
      }
    }
  }

  const History& history_;
  bool one_clock_;
  bool open_;
  KeyModel model_;
  std::map<std::size_t, std::size_t> deletes_;  ///< operation -> version
  std::map<Value, std::vector<std::size_t>> writers_;
  std::map<Value, std::size_t> version_of_;
  std::set<Value> failed_;
  std::set<Value> duplicates_;
  std::map<std::size_t, std::set<RecordedVersion>> recorded_;
};

}  // namespace

bool is_list_key(const History& history, const std::string& key) {
  return std::any_of(history.operations.begin(), history.operations.end(), [&](const Operation& operation) {
    return operation.key == key && (operation.function == Function::append || is_list(operation.value));
  });
}

std::vector<KeyModel> model_registers(const History& history, bool one_clock, bool open) {
  std::set<std::string> keys;
  for (const Operation& operation : history.operations) {
    keys.insert(operation.key);
  }
  std::vector<KeyModel> models;
  for (const std::string& key : keys) {
    if (!is_list_key(history, key)) {
      models.push_back(Builder(history, key, one_clock, open).build());
    }
  }
  return models;
}

bool precedes(const History& history, std::size_t first, std::size_t second, bool one_clock) {
  const Operation& a = history.operations[first];
  const Operation& b = history.operations[second];
  if (first >= second || same_transaction(history, first, second)) {
    return false;
  }
  // Of two equal moments the file says which came first where one session did both; else nobody knows.
  return a.session == b.session ? a.complete <= b.invoke : one_clock && a.complete < b.invoke;
}

std::string scope_name(const Operation& operation, Scope scope) {
  switch (scope) {
    case Scope::session:
      return operation.session;
    case Scope::user:
      return operation.user.empty() ? "session " + operation.session : operation.user;
    case Scope::process:
      return operation.process + " of session " + operation.session;
  }
  return operation.session;
}

}  // namespace afterwrite::oracle
