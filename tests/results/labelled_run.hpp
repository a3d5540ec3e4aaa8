#pragma once

#include <gtest/gtest.h>
#include <map>
#include <stdexcept>
#include <string>

#include "checkers/judge.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// A run whose reads bear labels, judged by route and condition: the feed and the raw view miss a write, the profile shows it.
/// The raw view promises nothing.
class LabelledRun : public testing::Test {
 protected:
  using Labels = std::map<std::string, std::string>;

  LabelledRun() {
    write("x", "a");
    read("x", Value{}, {{"route", "feed"}, {"condition", "held"}, {"promised", "yes"}, {"evidence", "lag admitted"}});
    read("x", Value{}, {{"route", "feed"}, {"condition", "held"}, {"promised", "yes"}, {"evidence", "refused"}});
    read("x", Value{}, {{"route", "raw"}, {"condition", "held"}, {"promised", "no"}, {"evidence", "lag admitted"}});
    read("x", std::string("a"), {{"route", "profile"}, {"condition", "held"}, {"promised", "yes"}});
    // Somebody who looks later and misses it still: the profile was at risk.
    read("x", Value{}, {});
    history_.operations.back().session = history_.operations.back().process = "observer";
    history_.header.assume = {"writer-order", "one-clock"};
    history_.footer = {{"kind", "end"}};
    judge_again();
  }

  void judge_again(const std::string& group_by = "route,condition", std::uint64_t min_at_risk = 1) {
    Question question;
    question.guarantees = {only(Guarantee::read_your_writes)};
    question.group_by = group_by;
    question.min_at_risk = min_at_risk;
    judgement_ = judge(history_, question);
  }

  void write(const std::string& key, const char* value) { take(Function::write, key, std::string(value), {}); }
  void read(const std::string& key, const Value& value, const Labels& labels) {
    take(Function::read, key, value, labels);
  }
  void take(Function function, const std::string& key, const Value& value, const Labels& labels) {
    Operation op;
    op.session = op.process = "s0";
    op.function = function;
    op.key = key;
    op.value = value;
    op.outcome = Outcome::ok;
    op.invoke = clock_ += 10;
    op.complete = clock_ += 10;
    op.labels = labels;
    op.line = history_.operations.size() + 1;
    history_.operations.push_back(std::move(op));
  }

  const Row& row(const std::string& group) const {
    for (const Row& one : judgement_.rows) {
      if (one.group == group) return one;
    }
    throw std::runtime_error("no group " + group);
  }

  History history_;
  Judgement judgement_;
  Nanoseconds clock_ = 0;
};

}  // namespace afterwrite
