#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "harness/session/workload.hpp"

namespace afterwrite::workloads {

/// A store without any lag, and a clock that only operations and pauses move.
struct FakeSystem {
  Nanoseconds now = 0;
  std::map<std::string, Value> state;
  Catalogue catalogue;
  Condition condition;
};

/// A session that records what its workload does and ends after so many steps (operations and pauses). `answer` may
/// change what an operation comes back with; a change to an outcome other than `ok` does not undo what it did.
class FakeSession final : public Session {
 public:
  struct Step {
    Operation operation;  ///< of an operation
    Duration paused{0};   ///< of a pause
    bool is_pause = false;
  };

  FakeSession(FakeSystem& system, std::size_t ordinal, std::size_t count, std::size_t most_steps)
      : system_(system),
        ordinal_(ordinal),
        count_(count),
        most_steps_(most_steps),
        name_("s" + std::to_string(ordinal)),
        user_("u" + std::to_string(ordinal)),
        random_(ordinal + 1) {}

  /// A session of another user than its own.
  void belong_to(const std::string& user) { user_ = user; }

  std::function<void(Operation&)> answer;
  std::vector<Step> steps;
  std::size_t calls_after_the_end = 0;

  std::size_t ordinal() const override { return ordinal_; }
  std::size_t count() const override { return count_; }
  const std::string& name() const override { return name_; }
  const std::string& user() const override { return user_; }
  Random& random() override { return random_; }
  bool running() const override { return steps.size() < most_steps_; }

  Operation read(const std::string& key, const Note& note) override {
    return carry_out(Function::read, key, Value{}, note);
  }
  Operation read_list(const std::string& key, const Note& note) override {
    Operation operation = carry_out(Function::read, key, Value{}, note);
    EXPECT_TRUE(is_null(operation.value) || is_list(operation.value)) << key << " holds no list";
    return operation;
  }
  Operation write(const std::string& key, const Scalar& value, const Note& note) override {
    system_.state[key] = to_value(value);
    return carry_out(Function::write, key, to_value(value), note);
  }
  Operation append(const std::string& key, const Scalar& value, const Note& note) override {
    Value& list = system_.state[key];
    if (!is_list(list)) list = List{};
    std::get<List>(list).push_back(value);
    return carry_out(Function::append, key, to_value(value), note);
  }

  Operation remove(const std::string& key, const Note& note) override {
    system_.state.erase(key);
    return carry_out(Function::remove, key, Value{}, note);
  }
  const Catalogue& catalogue() const override { return system_.catalogue; }
  Condition condition() const override { return system_.condition; }
  /// Decides every key. A step for each.
  std::vector<Operation> look(const View& view, std::span<const Sought> keys, const Note& note) override {
    std::vector<Operation> all;
    const Together together(*this);
    for (const Sought& sought : keys) {
      Note one = note;
      one.labels.insert(sought.labels.begin(), sought.labels.end());
      one.labels["route"] = view.name;
      all.push_back(carry_out(Function::read, sought.key, Value{}, one));
    }
    return all;
  }
  std::vector<Operation> write_together(std::span<const Put> puts, const Note& note) override {
    std::vector<Operation> all;
    const Together together(*this);
    for (const Put& put : puts) all.push_back(write(put.key, put.value, note));
    return all;
  }

  bool pause(Duration duration) override {
    EXPECT_GT(duration, Duration{0});
    if (!running()) {
      ++calls_after_the_end;
      return false;
    }
    system_.now += duration.count();
    steps.push_back({.operation = {}, .paused = duration, .is_pause = true});
    return running();
  }

  Scalar next_value() override { return name_ + "-" + std::to_string(++values_); }

  /// The operations alone.
  std::vector<Operation> operations() const {
    std::vector<Operation> all;
    for (const Step& step : steps) {
      if (!step.is_pause) all.push_back(step.operation);
    }
    return all;
  }
  std::size_t pauses() const { return steps.size() - operations().size(); }

 private:
  /// One call with several operations, which the end does not come between.
  class Together {
   public:
    explicit Together(FakeSession& session) : session_(session) { session.within_ = session.running(); }
    Together(const Together&) = delete;
    Together& operator=(const Together&) = delete;
    ~Together() { session_.within_ = false; }

   private:
    FakeSession& session_;
  };

  Operation carry_out(Function function, const std::string& key, Value value, const Note& note) {
    Operation operation;
    operation.session = name_;
    operation.function = function;
    operation.key = key;
    operation.value = std::move(value);
    operation.intent = note.intent;
    operation.labels = note.labels;
    operation.outcome = Outcome::fail;
    if (!running() && !within_) {
      ++calls_after_the_end;
      return operation;
    }
    operation.outcome = Outcome::ok;
    operation.invoke = system_.now;
    system_.now += 1'000'000;
    operation.complete = system_.now;
    const auto state = system_.state.find(key);
    if (function == Function::read && state != system_.state.end()) operation.value = state->second;
    if (answer) answer(operation);
    steps.push_back({.operation = operation, .paused = {}, .is_pause = false});
    return operation;
  }

  FakeSystem& system_;
  std::size_t ordinal_;
  std::size_t count_;
  std::size_t most_steps_;
  std::string name_;
  std::string user_;
  Random random_;
  int values_ = 0;
  bool within_ = false;
};

}  // namespace afterwrite::workloads
