#include "tests/checkers/causal_oracle.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "tests/checkers/exposure_oracle.hpp"
#include "tests/checkers/key_model.hpp"
#include "tests/checkers/whole_steps.hpp"

namespace afterwrite::oracle {
namespace {

/// Which step leads to which; closed on demand.
class Relation {
 public:
  explicit Relation(std::size_t steps) : steps_(steps), pairs_(steps * steps, false) {}

  void add(std::size_t from, std::size_t to) { pairs_[from * steps_ + to] = true; }
  bool has(std::size_t from, std::size_t to) const { return pairs_[from * steps_ + to]; }

  Relation closed() const {
    Relation closure = *this;
    for (std::size_t via = 0; via < steps_; ++via) {
      for (std::size_t a = 0; a < steps_; ++a) {
        for (std::size_t b = 0; b < steps_; ++b) {
          if (closure.has(a, via) && closure.has(via, b)) {
            closure.add(a, b);
          }
        }
      }
    }
    return closure;
  }

  bool circular() const {
    const Relation closure = closed();
    for (std::size_t step = 0; step < steps_; ++step) {
      if (closure.has(step, step)) {
        return true;
      }
    }
    return false;
  }

 private:
  std::size_t steps_;
  std::vector<bool> pairs_;
};

/// "The step `older` is older than the step `newer`."
using Arc = std::pair<std::size_t, std::size_t>;

/// One answered read that counts.
struct Read {
  std::size_t operation = 0;
  std::size_t step = 0;
  bool list = false;
  bool initial = false;                    ///< a register: it saw the initial state
  std::vector<std::size_t> shown;          ///< writes (operations) that it saw for sure, of a list in its order
  std::vector<std::size_t> deletes;        ///< a null: what else it may have seen
  std::vector<std::size_t> writes_of_key;  ///< all of them, by operation
};

class CausalOracle {
 public:
  CausalOracle(const History& history, Scope scope, bool one_clock)
      : history_(history), scope_(scope), one_clock_(one_clock) {
    number_steps();
    for (const KeyModel& model : model_registers(history, one_clock, history.truncated)) {
      take_register(model);
    }
    std::set<std::string> keys;
    for (const Operation& operation : history.operations) {
      keys.insert(operation.key);
    }
    for (const std::string& key : keys) {
      if (is_list_key(history, key) && only_grows(key)) {
        take_list(key);
      }
    }
    std::sort(reads_.begin(), reads_.end(), [](const Read& a, const Read& b) { return a.operation < b.operation; });
  }

  CausalAnswer judge() {
    Relation causes = session_order();
    answer_.violated = violated_as_defined();
    for (const Read& read : reads_) {
      add_sources(causes, read);
    }
    const Relation behind = causes.closed();
    for (const Read& read : reads_) {
      if (answer_.broken.count(read.operation) == 0 && broken_by_itself(read, behind)) {
        answer_.broken.insert(read.operation);
      }
    }
    Relation all = behind;
    for (const Read& read : reads_) {
      if (answer_.broken.count(read.operation) == 0 && !draw(all, arcs_of(read, behind), read.list)) {
        answer_.broken.insert(read.operation);
      }
    }
    for (const Read& read : reads_) {
      measure(read, behind);
    }
    return answer_;
  }

 private:
  const Operation& at(std::size_t operation) const { return history_.operations[operation]; }

  void number_steps() {
    for (std::size_t i = 0; i < history_.operations.size(); ++i) {
      if (i == 0 || !same_transaction(history_, i - 1, i)) {
        first_.push_back(i);
        unsure_.push_back(false);
      }
      step_of_.push_back(first_.size() - 1);
      unsure_.back() = unsure_.back() || at(i).outcome == Outcome::info;
    }
  }

  bool of_one_owner(std::size_t a, std::size_t b) const {
    return scope_name(at(a), scope_) == scope_name(at(b), scope_);
  }

  Relation session_order() const {
    Relation order(first_.size());
    for (std::size_t a = 0; a < first_.size(); ++a) {
      for (std::size_t b = 0; b < first_.size(); ++b) {
        if (a != b && !unsure_[a] && of_one_owner(first_[a], first_[b]) &&
            precedes(history_, first_[a], first_[b], one_clock_)) {
          order.add(a, b);
        }
      }
    }
    return order;
  }

  void take_register(const KeyModel& model) {
    std::map<std::size_t, std::size_t> write_of;  // version -> operation
    std::vector<std::size_t> writes;
    for (const Action& action : model.actions) {
      if (action.write) {
        write_of[action.versions.front()] = action.operation;
        writes.push_back(action.operation);
      }
    }
    for (const Action& action : model.actions) {
      if (action.write) {
        continue;
      }
      Read read{action.operation, step_of_[action.operation], false, false, {}, {}, writes};
      for (const std::size_t version : action.versions) {
        if (version == 0) {
          read.initial = true;
        } else if (action.certain()) {
          read.shown.push_back(write_of.at(version));
        } else {
          read.deletes.push_back(write_of.at(version));
        }
      }
      reads_.push_back(read);
    }
  }

  bool only_grows(const std::string& key) const {
    const bool deleted = std::any_of(history_.operations.begin(), history_.operations.end(),
                                     [](const Operation& o) { return o.function == Function::remove; });
    const bool shrinks = std::any_of(history_.operations.begin(), history_.operations.end(), [&](const Operation& o) {
      return o.key == key && o.outcome != Outcome::fail &&
             (o.function == Function::remove || o.function == Function::write);
    });
    return !shrinks && !(history_.truncated && deleted);
  }

  void take_list(const std::string& key) {
    std::map<Value, std::vector<std::size_t>> appends;
    for (std::size_t i = 0; i < history_.operations.size(); ++i) {
      if (at(i).key == key && at(i).function == Function::append && at(i).outcome != Outcome::fail) {
        appends[at(i).value].push_back(i);
      }
    }
    std::vector<std::size_t> writes;
    for (const auto& [element, who] : appends) {
      if (who.size() == 1) {
        writes.push_back(who.front());
      }
    }
    for (std::size_t i = 0; i < history_.operations.size(); ++i) {
      if (at(i).key != key || at(i).is_write() || at(i).outcome != Outcome::ok || is_internal(history_, i) ||
          (!is_null(at(i).value) && !is_list(at(i).value))) {
        continue;
      }
      Read read{i, step_of_[i], true, false, {}, {}, writes};
      std::set<std::size_t> known;
      bool early = false;
      for (const Scalar& scalar : is_list(at(i).value) ? std::get<List>(at(i).value) : List{}) {
        const Value element = std::visit([](const auto& held) -> Value { return Value(held); }, scalar);
        const auto found = appends.find(element);
        if (found == appends.end() || found->second.size() != 1) {
          continue;
        }
        early = early || too_early(i, found->second.front());
        if (known.insert(found->second.front()).second) {
          read.shown.push_back(found->second.front());
        }
      }
      if (!early) {
        reads_.push_back(read);
      }
    }
  }

  bool too_early(std::size_t read, std::size_t write) const {
    if (same_transaction(history_, read, write)) {
      return read < write;
    }
    const Nanoseconds ended = own_moments(at(read)).complete;
    const Nanoseconds began = own_moments(at(write)).invoke;
    if (at(read).session == at(write).session && ended == began) {
      return read < write;
    }
    return (at(read).session == at(write).session || one_clock_) && ended < began;
  }

  /// Who read from whom, unless that closes a circle.
  void add_sources(Relation& causes, const Read& read) {
    Relation with = causes;
    for (const std::size_t write : read.shown) {
      with.add(step_of_[write], read.step);
    }
    if (with.circular()) {
      answer_.broken.insert(read.operation);
    } else {
      causes = with;
    }
  }

  std::vector<Arc> arcs_of(const Read& read, const Relation& behind) const {
    std::vector<Arc> arcs;
    if (read.list) {
      for (std::size_t i = 0; i + 1 < read.shown.size(); ++i) {
        arcs.emplace_back(step_of_[read.shown[i]], step_of_[read.shown[i + 1]]);
      }
    } else if (!read.shown.empty()) {
      for (const std::size_t write : read.writes_of_key) {
        if (behind.has(step_of_[write], read.step)) {
          arcs.emplace_back(step_of_[write], step_of_[read.shown.front()]);
        }
      }
    }
    std::erase_if(arcs, [](const Arc& arc) { return arc.first == arc.second; });
    return arcs;
  }

  /// By what lies behind what alone.
  bool broken_by_itself(const Read& read, const Relation& behind) const {
    const std::vector<std::size_t>& writes = read.writes_of_key;
    const auto is_behind = [&](std::size_t write) { return behind.has(step_of_[write], read.step); };
    if (read.list && std::any_of(writes.begin(), writes.end(), [&](std::size_t write) {
          return is_behind(write) && std::count(read.shown.begin(), read.shown.end(), write) == 0;
        })) {
      return true;
    }
    if (read.initial) {
      const auto written_over = [&](std::size_t removal) {
        return std::any_of(writes.begin(), writes.end(), [&](std::size_t write) {
          return is_behind(write) && behind.has(step_of_[removal], step_of_[write]);
        });
      };
      return std::any_of(writes.begin(), writes.end(), is_behind) &&
             std::all_of(read.deletes.begin(), read.deletes.end(), written_over);
    }
    const std::vector<Arc> arcs = arcs_of(read, behind);
    return std::any_of(arcs.begin(), arcs.end(), [&](const Arc& arc) { return behind.has(arc.second, arc.first); });
  }

  /// False if an arc closes a circle. Of a list, those before it stay.
  static bool draw(Relation& all, const std::vector<Arc>& arcs, bool one_by_one) {
    Relation with = all;
    for (const auto& [older, newer] : arcs) {
      with.add(older, newer);
      if (one_by_one && with.circular()) {
        return false;
      }
      if (one_by_one) {
        all = with;
      }
    }
    if (with.circular()) {
      return false;
    }
    all = with;
    return true;
  }

  /// The definition itself: everything at once.
  bool violated_as_defined() const {
    Relation causes = session_order();
    for (const Read& read : reads_) {
      for (const std::size_t write : read.shown) {
        causes.add(step_of_[write], read.step);
      }
    }
    const Relation behind = causes.closed();
    Relation all = behind;
    bool broken = behind.circular();
    for (const Read& read : reads_) {
      broken = broken || broken_by_itself(read, behind);
      for (const auto& [older, newer] : arcs_of(read, behind)) {
        all.add(older, newer);
      }
    }
    return broken || all.circular();
  }

  std::set<std::size_t> owed(const Read& read, const Relation& behind) const {
    const Relation order = session_order();
    std::set<std::size_t> found;
    for (const std::size_t write : read.writes_of_key) {
      for (std::size_t step = 0; step < first_.size(); ++step) {
        if (order.has(step, read.step) && (step == step_of_[write] || behind.has(step_of_[write], step))) {
          found.insert(write);
        }
      }
    }
    return found;
  }

  void measure(const Read& read, const Relation& behind) {
    const bool broken = answer_.broken.count(read.operation) != 0;
    const std::set<std::size_t> writes = owed(read, behind);
    if (!broken && (writes.empty() || !read.deletes.empty())) {
      return;
    }
    answer_.decided.insert(read.operation);
    if (broken || std::any_of(writes.begin(), writes.end(), [&](std::size_t write) {
          return some_node_lacked(read, write) || someone_saw_older(read, write, behind);
        })) {
      answer_.at_risk.insert(read.operation);
    }
  }

  bool some_node_lacked(const Read& read, std::size_t write) const {
    // What nobody acknowledged may have been there as soon as it was asked for.
    const Nanoseconds since = at(write).outcome == Outcome::ok ? at(write).complete : at(write).invoke;
    return oracle::some_node_lacked(history_, at(read.operation), since);
  }

  bool someone_saw_older(const Read& read, std::size_t write, const Relation& behind) const {
    return std::any_of(reads_.begin(), reads_.end(), [&](const Read& other) {
      const bool comparable = one_clock_ || at(other.operation).session == at(read.operation).session;
      if (!comparable || at(other.operation).key != at(read.operation).key || !other.deletes.empty() ||
          at(other.operation).invoke <= at(read.operation).invoke) {
        return false;
      }
      return read.list ? std::count(other.shown.begin(), other.shown.end(), write) == 0
                       : other.initial || behind.has(step_of_[other.shown.front()], step_of_[write]);
    });
  }

  const History& history_;
  Scope scope_;
  bool one_clock_;
  std::vector<std::size_t> first_;    ///< by step: its first operation
  std::vector<bool> unsure_;          ///< by step
  std::vector<std::size_t> step_of_;  ///< by operation
  std::vector<Read> reads_;           ///< in order of the file
  CausalAnswer answer_;
};

}  // namespace

CausalAnswer judge_causally(const History& history, Scope scope, bool one_clock) {
  return CausalOracle(history, scope, one_clock).judge();
}

}  // namespace afterwrite::oracle
