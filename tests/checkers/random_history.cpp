#include "tests/checkers/random_history.hpp"

#include <algorithm>
#include <map>

#include "tests/checkers/total_orders.hpp"

namespace afterwrite::oracle {
namespace {

// What each byte of a step means.
enum Byte : std::size_t { who, where, what, outcome, gap, duration, choice, mark, instant, late, incarnation, extra };

/// What the bytes of Recipe::shape mean.
struct Shape {
  explicit Shape(const Recipe::Step& bytes)
      : sessions(1 + bytes[0] % 3U),
        users(1 + bytes[1] % 2U),
        bare_processes(bytes[1] / 2 % 4U == 3),
        no_user(bytes[1] / 8 % 4U == 3),
        keys(bytes[2] % 4U == 3 ? 2 : 1),
        overlapping(bytes[3] % 4U == 3),
        numbers(bytes[4] % 8U == 7),
        deletes_from(bytes[5] % 9U == 8 ? 15 : (bytes[5] % 3U == 2 ? 44 : 52)),
        duplicates(bytes[6] % 16U == 15),
        marks(bytes[7] % 11U),
        nodes(1 + bytes[8] % 3U),
        lag(bytes[9] % 8U),
        failover(bytes[10] % 8U == 7),
        policy(bytes[11] % 4U),
        truncated(bytes[11] / 4 % 8U == 7) {}

  unsigned sessions;
  unsigned users;
  bool bare_processes;  ///< all sessions call theirs by the same names
  bool no_user;         ///< the first session has none; the others' is called like it
  unsigned keys;
  bool overlapping;
  bool numbers;
  unsigned deletes_from;  ///< of the writes' share of 52
  bool duplicates;
  unsigned marks;  ///< how versions are recorded: see Cook::record_chaos_versions
  unsigned nodes;
  unsigned lag;
  bool failover;
  unsigned policy;  ///< simulated reads: 0 and 1 leader, 2 one node a session, 3 any node
  bool truncated;
};

/// A write in the simulated store, once it has its place in the log.
struct Logged {
  std::size_t operation = 0;
  Nanoseconds at = 0;
  RecordedVersion version;
  bool lost = false;
};

class Cook {
 public:
  explicit Cook(const Recipe& recipe) : recipe_(recipe), shape_(recipe.shape) {}

  History cook() {
    for (const Recipe::Step& step : recipe_.steps) {
      operations_.push_back(frame(step));
    }
    if (recipe_.flavour == Flavour::chaos) {
      choose_what_reads_return();
      record_chaos_versions();
    } else if (recipe_.flavour == Flavour::jumbled) {
      jumble_lists();
    } else {
      fill_log();
      read_from_log();
    }
    add_samples();
    return finished();
  }

 private:
  const Recipe::Step& step(std::size_t operation) const { return recipe_.steps[operation]; }

  /// Everything of an operation but what a read returns.
  Operation frame(const Recipe::Step& bytes) {
    Operation operation;
    const unsigned session = bytes[who] % shape_.sessions;
    operation.session = "s" + std::to_string(session);
    operation.user = shape_.no_user ? (session == 0 ? "" : "s0") : "u" + std::to_string(session % shape_.users);
    operation.key = "k" + std::to_string(bytes[where] % shape_.keys);
    operation.outcome = bytes[outcome] < 190 ? Outcome::ok : (bytes[outcome] < 230 ? Outcome::info : Outcome::fail);
    operation.invoke = clock_[session] + bytes[gap] % 3;
    operation.complete = operation.invoke + bytes[duration] % 4;
    clock_[session] = shape_.overlapping && bytes[gap] % 2 == 1 ? operation.invoke : operation.complete;
    incarnation_[session] += bytes[incarnation] % 5 == 4 ? 1 : 0;
    operation.process = (shape_.bare_processes ? "p" : operation.session + ".") + std::to_string(incarnation_[session]);
    operation.txn = transaction(session, bytes[extra]);
    operation.function = function(bytes, operation.key);
    if (operation.function == Function::write || operation.function == Function::append) {
      operation.value = fresh_value(operation.key, bytes);
    }
    return operation;
  }

  /// None, a new one, or the one that the session is in; sessions call theirs by the same names.
  std::string transaction(unsigned session, unsigned byte) {
    int& number = transaction_[session];
    const bool in_one = number % 2 == 1;
    if (!recipe_.transactions || byte < 96) {
      number += in_one ? 1 : 0;
      return "";
    }
    if (!in_one) {
      ++number;
    } else if (byte < 144) {
      number += 2;
    }
    return "t" + std::to_string(number);
  }

  Function function(const Recipe::Step& bytes, const std::string& key) {
    const unsigned share = bytes[what] % 100U;
    if (share >= 52 || written_[key] + 2 >= TotalOrders::max_things) {
      return Function::read;
    }
    ++written_[key];
    if (has_lists(recipe_.flavour)) {
      return share >= std::max(48U, shape_.deletes_from) ? Function::remove : Function::append;
    }
    return share >= shape_.deletes_from ? Function::remove : Function::write;
  }

  Value fresh_value(const std::string& key, const Recipe::Step& bytes) {
    const bool again = shape_.duplicates && bytes[choice] % 4 == 3 && values_[key] > 0;
    const int number = again ? values_[key] : ++values_[key];
    return shape_.numbers ? Value(std::int64_t{number}) : Value(key + "-" + std::to_string(number));
  }

  void choose_what_reads_return() {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      Operation& read = operations_[i];
      if (read.is_write() || read.outcome != Outcome::ok) {
        continue;
      }
      const unsigned byte = step(i)[choice];
      const std::vector<std::size_t> plausible = writes_of(read.key, [&](const Operation& write) {
        return write.outcome != Outcome::fail && write.invoke <= read.complete;
      });
      const std::vector<std::size_t> all = writes_of(read.key, [](const Operation&) { return true; });
      if (byte == 255) {
        read.value = std::string("nobody-wrote-this");
      } else if (byte >= 245 && !all.empty()) {
        returns(read, all[byte % all.size()]);
      } else if (byte >= 25 && !plausible.empty()) {
        returns(read, plausible[byte % plausible.size()]);
      }
    }
  }

  /// Of what was appended by then most, in order as a rule; at times one more, of an append that failed or came later,
  /// or of nobody's.
  void jumble_lists() {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      Operation& read = operations_[i];
      if (read.is_write() || read.outcome != Outcome::ok) {
        continue;
      }
      const unsigned missing = static_cast<unsigned>(step(i)[choice]) & step(i)[instant] & step(i)[late];  // a bit each
      List list;
      for (const std::size_t append : writes_of(read.key, [&](const Operation& write) {
             return write.function == Function::append && write.outcome != Outcome::fail &&
                    write.invoke <= read.complete;
           })) {
        if ((missing >> append % 8U & 1U) == 0) {
          list.push_back(to_scalar(operations_[append].value));
        }
      }
      const std::vector<std::size_t> all =
          writes_of(read.key, [](const Operation& write) { return write.function == Function::append; });
      if (step(i)[mark] % 16 == 0) {
        list.push_back(all.empty() ? Scalar("nobody-appended-this")
                                   : to_scalar(operations_[all[step(i)[extra] % all.size()]].value));
      }
      read.value = step(i)[mark] % 4 == 3 ? shuffled(list, step(i)[extra]) : list;
      if (step(i)[mark] % 32 == 1) {
        read.value = std::monostate{};
      }
    }
  }

  template <typename Wanted>
  std::vector<std::size_t> writes_of(const std::string& key, const Wanted& wanted) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      if (operations_[i].is_write() && operations_[i].key == key && wanted(operations_[i])) {
        found.push_back(i);
      }
    }
    return found;
  }

  void returns(Operation& read, std::size_t write) {
    read.value = operations_[write].value;  // null for a delete
    saw_[static_cast<std::size_t>(&read - operations_.data())] = write;
  }

  /// marks: 0 to 2 nothing is recorded; 3 in order of completion; 4 the same, now and then; 5 and 8 in any order,
  /// ties too; 6 with epochs; 7 in order of completion, now and then wrong; 9 and 10 in any order, of some versions
  /// always and of others never.
  void record_chaos_versions() {
    std::map<std::size_t, RecordedVersion> marks;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const std::int64_t byte = step(i)[mark];
      const std::int64_t in_order = operations_[i].complete * 16 + static_cast<std::int64_t>(i);
      const bool any_order = shape_.marks == 5 || shape_.marks >= 8;
      marks[i] = any_order           ? RecordedVersion{0, byte % 5}
                 : shape_.marks == 6 ? RecordedVersion{1 + byte % 2, byte / 2 % 3}
                                     : RecordedVersion{0, in_order};
    }
    for (std::size_t i = 0; i < operations_.size() && shape_.marks >= 3; ++i) {
      Operation& operation = operations_[i];
      const unsigned byte = step(i)[extra];
      const auto seen = saw_.find(i);
      const std::size_t written_by = seen == saw_.end() ? i : seen->second;
      const bool wanted = shape_.marks >= 9 ? step(written_by)[extra] % 2 == 0 : shape_.marks % 5 == 3 || byte % 2 == 0;
      if (operation.outcome == Outcome::ok && wanted) {
        operation.version = marks.at(written_by);
        operation.version->version += shape_.marks == 7 && byte % 16 == 0 ? 20 : 0;
        if (!operation.is_write() && seen == saw_.end() && byte % 8 != 0) {
          operation.version.reset();  // of a null: seldom, and it means nothing
        }
      }
    }
  }

  Nanoseconds takes_effect(std::size_t i) const {
    const Operation& operation = operations_[i];
    const Nanoseconds span = operation.complete - operation.invoke + 1;
    const Nanoseconds moment = operation.invoke + step(i)[instant] % span;
    return operation.outcome == Outcome::info && step(i)[late] % 2 == 1 ? moment + step(i)[late] / 2 % 16 : moment;
  }

  void fill_log() {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const Operation& operation = operations_[i];
      const bool never =
          operation.outcome == Outcome::fail || (operation.outcome == Outcome::info && step(i)[late] % 8 == 0);
      if (operation.is_write() && !never) {
        log_.push_back({i, takes_effect(i), {}, false});
      }
    }
    std::stable_sort(log_.begin(), log_.end(), [](const Logged& a, const Logged& b) { return a.at < b.at; });
    std::map<std::string, std::int64_t> newest;
    for (Logged& entry : log_) {
      const bool after = shape_.failover && entry.at >= failover_at;
      if (after && !failed_over_) {
        lose_tail(newest);
      }
      entry.version = {after ? 2 : 1, ++newest[operations_[entry.operation].key]};
      if (recorded(entry.operation) && operations_[entry.operation].outcome == Outcome::ok) {
        operations_[entry.operation].version = entry.version;
      }
    }
  }

  void lose_tail(std::map<std::string, std::int64_t>& newest) {
    failed_over_ = true;
    for (Logged& entry : log_) {
      if (entry.at < failover_at && entry.at >= failover_at - 4) {
        entry.lost = true;
        --newest[operations_[entry.operation].key];
      }
    }
  }

  /// marks: 0 to 2 nothing, 3 to 5 everything, the rest now and then.
  bool recorded(std::size_t operation) const {
    return recipe_.flavour == Flavour::simulated && shape_.marks >= 3 &&
           (shape_.marks <= 5 || step(operation)[mark] % 2 == 0);
  }

  unsigned node_of(std::size_t operation) const {
    const unsigned session = step(operation)[who] % shape_.sessions;
    switch (shape_.policy) {
      case 2:
        return 1 + session % shape_.nodes;
      case 3:
        return step(operation)[choice] % (1 + shape_.nodes);
      default:
        return 0;
    }
  }

  Nanoseconds lag_of(unsigned node) const { return Nanoseconds{node} * shape_.lag; }

  bool visible(const Logged& entry, Nanoseconds at, Nanoseconds lag) const {
    const bool gone = entry.lost && (at >= failover_at || entry.at + lag >= failover_at);
    return entry.at + lag <= at && !gone;
  }

  void read_from_log() {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      Operation& read = operations_[i];
      read.node = "node-" + std::to_string(read.is_write() ? 0 : node_of(i));
      if (read.is_write() || read.outcome != Outcome::ok) {
        continue;
      }
      List list;
      for (const Logged& entry : log_) {
        const Operation& write = operations_[entry.operation];
        if (write.key != read.key || !visible(entry, takes_effect(i), lag_of(node_of(i)))) {
          continue;
        }
        read.value = write.value;
        read.version.reset();
        if (recorded(i) && write.function == Function::write) {
          read.version = entry.version;
        }
        if (write.function == Function::remove) {
          list.clear();
        } else if (write.function == Function::append) {
          list.push_back(to_scalar(write.value));
        }
      }
      if (recipe_.flavour == Flavour::lists) {
        read.value = step(i)[mark] % 8 == 7 ? shuffled(list, step(i)[extra]) : list;
      }
    }
  }

  static List shuffled(List list, unsigned byte) {
    if (list.size() > 1) {
      std::swap(list[byte % list.size()], list[byte / 16 % list.size()]);
    }
    return list;
  }

  /// A beat every other tick, a sample of each node every third; in chaos they say anything.
  void add_samples() {
    for (Nanoseconds time = 0; time <= 24 && shape_.marks % 2 == 1; time += 3) {
      for (unsigned node = 0; node <= shape_.nodes; ++node) {
        LagSample sample;
        sample.time = time;
        sample.node = "node-" + std::to_string(node);
        const unsigned byte =
            recipe_.steps.empty() ? 0U : step((static_cast<std::size_t>(time) + node) % recipe_.steps.size())[extra];
        sample.reachable = byte % 8 != 7;
        const Nanoseconds behind = recipe_.flavour == Flavour::chaos ? byte % 6 : lag_of(node);
        const Nanoseconds oldest = std::max<Nanoseconds>(0, (time - behind) / 2 * 2 + 2);
        if (sample.reachable && behind > 0 && oldest <= time) {
          sample.beat_acknowledged = oldest;
          sample.lag_ms = static_cast<double>(time - oldest) / 1e6;
        }
        history_.lags.push_back(sample);
      }
    }
  }

  History finished() {
    std::stable_sort(operations_.begin(), operations_.end(),
                     [](const Operation& a, const Operation& b) { return a.complete < b.complete; });
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      operations_[i].line = i + 2;
    }
    history_.name = "random";
    history_.truncated = shape_.truncated;
    history_.operations = std::move(operations_);
    return std::move(history_);
  }

  static constexpr Nanoseconds failover_at = 8;

  const Recipe& recipe_;
  Shape shape_;
  History history_;
  std::vector<Operation> operations_;  ///< in the order of the recipe
  std::map<unsigned, Nanoseconds> clock_;
  std::map<unsigned, int> incarnation_;
  std::map<unsigned, int> transaction_;  ///< odd: in one
  std::map<std::string, std::size_t> written_;
  std::map<std::string, int> values_;
  std::map<std::size_t, std::size_t> saw_;  ///< read -> write
  std::vector<Logged> log_;
  bool failed_over_ = false;
};

}  // namespace

History cook(const Recipe& recipe) {
  History history = Cook(recipe).cook();
  if (recipe.fine_clock) part_equal_moments(history);
  return history;
}

}  // namespace afterwrite::oracle
