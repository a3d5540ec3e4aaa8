#include "tests/checkers/causal_history.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace afterwrite::oracle {
namespace {

/// A write on its way to a replica.
struct Update {
  Operation write;
  int number = 0;
};

struct Replica {
  std::map<std::string, Value> values;
  std::map<std::string, int> newest;  ///< by key: the number of the write that won, if the last one wins
  std::vector<Update> waiting;
};

class Cluster {
 public:
  Cluster(std::mt19937_64& random, Spread spread) : random_(random), spread_(spread) {
    sessions_ = 1 + draw(4);
    keys_ = 1 + draw(3);
    lists_ = draw(3) == 0;
    deletes_ = draw(3) == 0;
    transactions_ = draw(2) == 0;
    overlapping_ = draw(4) == 0;
    hopping_ = spread_ != Spread::causal && draw(2) == 0;
    last_wins_ = spread_ == Spread::causal || draw(2) == 0;
    unsure_ = draw(2) == 0;
    duplicates_ = draw(16) == 0;
    replicas_.resize(1 + draw(3));
  }

  History run() {
    History history;
    history.name = "random";
    const unsigned count = 4 + draw(11);
    for (unsigned i = 0; i < count; ++i) {
      history.operations.push_back(next());
    }
    std::stable_sort(history.operations.begin(), history.operations.end(),
                     [](const Operation& a, const Operation& b) { return a.complete < b.complete; });
    for (std::size_t i = 0; i < history.operations.size(); ++i) {
      history.operations[i].line = i + 1;
    }
    history.truncated = draw(12) == 0;
    for (Nanoseconds time = 0; draw(3) != 0; time += draw(5)) {
      LagSample sample;
      sample.time = time;
      sample.node = "n" + std::to_string(draw(2));
      sample.reachable = draw(8) != 0;
      if (draw(2) == 0) {
        sample.beat_acknowledged = std::max<Nanoseconds>(0, time - draw(6));
      }
      history.lags.push_back(sample);
    }
    return history;
  }

 private:
  unsigned draw(unsigned below) { return static_cast<unsigned>((random_() >> 32U) % below); }

  Operation next() {
    Operation operation;
    const unsigned session = draw(sessions_);
    operation.session = "s" + std::to_string(session);
    operation.user = "u" + std::to_string(session % 2);
    if (draw(6) == 0) {
      ++incarnations_[session];
      ++transaction_[session];  // none goes on over a new connection
    }
    operation.process = operation.session + "." + std::to_string(incarnations_[session]);
    operation.key = std::string(1, static_cast<char>('x' + draw(keys_)));
    operation.txn = transaction(session);
    now_ += draw(3);
    Nanoseconds& free = free_[session];
    operation.invoke = std::max(now_, free) + draw(2);
    operation.complete = operation.invoke + draw(4);
    free = overlapping_ && draw(2) == 0 ? operation.invoke : operation.complete;
    const unsigned luck = unsure_ ? draw(12) : 11;
    operation.outcome = luck == 0 ? Outcome::fail : luck <= 2 ? Outcome::info : Outcome::ok;
    if (draw(2) == 0) {
      write(operation, session);
    } else {
      read(operation, session);
    }
    return operation;
  }

  std::string transaction(unsigned session) {
    int& number = transaction_[session];
    if (!transactions_ || draw(3) == 0) {
      number += 1;
      return "";
    }
    number += draw(3) == 0 ? 1 : 0;
    return "t" + std::to_string(number);
  }

  bool is_list(const std::string& key) const { return lists_ && key != "x"; }

  Replica& replica_of(unsigned session) { return replicas_[(hopping_ ? draw(16) : session) % replicas_.size()]; }

  void write(Operation& operation, unsigned session) {
    const bool removal = deletes_ && draw(3) == 0 && (!is_list(operation.key) || draw(8) == 0);
    operation.function = removal ? Function::remove : is_list(operation.key) ? Function::append : Function::write;
    const int number = ++written_;
    if (!removal) {
      operation.value = operation.key + std::to_string(duplicates_ && number > 1 && draw(4) == 0 ? number - 1 : number);
      all_[operation.key].push_back(operation.value);
    }
    if (operation.outcome == Outcome::fail && draw(16) != 0) {
      return;
    }
    if (operation.outcome == Outcome::info && draw(2) == 0) {
      return;
    }
    Replica& home = replica_of(session);
    catch_up(home);
    apply(home, {operation, number});
    for (Replica& replica : replicas_) {
      if (&replica != &home) {
        replica.waiting.push_back({operation, number});
      }
    }
  }

  void read(Operation& operation, unsigned session) {
    operation.function = Function::read;
    Replica& home = replica_of(session);
    catch_up(home);
    const std::vector<Value>& all = all_[operation.key];
    if (operation.outcome != Outcome::ok) {
      return;
    }
    operation.value = home.values[operation.key];
    if (spread_ == Spread::chaos && draw(2) == 0) {
      operation.value = made_up(operation.key, all);
    } else if (draw(40) == 0 && !all.empty()) {
      operation.value = made_up(operation.key, all);
    }
  }

  Value made_up(const std::string& key, const std::vector<Value>& all) {
    if (draw(30) == 0) {
      return is_list(key) ? Value(List{std::string("nobody")}) : Value(std::string("nobody"));
    }
    if (!is_list(key)) {
      return all.empty() || draw(6) == 0 ? Value{} : all[draw(static_cast<unsigned>(all.size()))];
    }
    List list;
    for (const Value& value : all) {
      if (draw(4) != 0) {
        list.push_back(to_scalar(value));
      }
    }
    if (list.size() > 1 && draw(3) == 0) {
      std::swap(list.front(), list.back());
    }
    return list.empty() && draw(2) == 0 ? Value{} : Value(list);
  }

  /// Takes some of what is on its way: in its order, or whatever comes.
  void catch_up(Replica& replica) {
    std::vector<Update> left;
    bool stopped = false;
    for (const Update& update : replica.waiting) {
      stopped = (stopped && spread_ == Spread::causal) || draw(2) == 0;
      if (stopped) {
        left.push_back(update);
      } else {
        apply(replica, update);
      }
    }
    replica.waiting = left;
  }

  void apply(Replica& replica, const Update& update) {
    const std::string& key = update.write.key;
    if (is_list(key) && update.write.function == Function::append) {
      const Value& old = replica.values[key];
      List list = afterwrite::is_list(old) ? std::get<List>(old) : List{};
      list.push_back(to_scalar(update.write.value));
      replica.values[key] = list;
      return;
    }
    if (last_wins_ && replica.newest[key] > update.number) {
      return;
    }
    replica.newest[key] = update.number;
    replica.values[key] = update.write.value;
  }

  std::mt19937_64& random_;
  Spread spread_;
  unsigned sessions_ = 1;
  unsigned keys_ = 1;
  bool lists_ = false;
  bool deletes_ = false;
  bool transactions_ = false;
  bool overlapping_ = false;
  bool hopping_ = false;
  bool last_wins_ = false;
  bool unsure_ = false;
  bool duplicates_ = false;
  std::vector<Replica> replicas_;
  Nanoseconds now_ = 0;
  int written_ = 0;
  std::map<unsigned, Nanoseconds> free_;
  std::map<unsigned, int> incarnations_;
  std::map<unsigned, int> transaction_;
  std::map<std::string, std::vector<Value>> all_;
};

}  // namespace

History random_causal_history(std::mt19937_64& random, Spread spread) {
  return Cluster(random, spread).run();
}

History shrink(History history, const std::function<bool(const History&)>& fails) {
  for (bool again = true; again;) {
    again = false;
    for (std::size_t i = 0; i < history.operations.size() && !again; ++i) {
      History smaller = history;
      smaller.operations.erase(smaller.operations.begin() + static_cast<std::ptrdiff_t>(i));
      if (fails(smaller)) {
        history = smaller;
        again = true;
      }
    }
    History plain = history;
    plain.lags.clear();
    if (!history.lags.empty() && !again && fails(plain)) {
      history = plain;
      again = true;
    }
  }
  return history;
}

}  // namespace afterwrite::oracle
