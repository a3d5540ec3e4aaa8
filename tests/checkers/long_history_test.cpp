// Histories so long that a checker whose cost grows faster than their length by much would not come to an end before
// ctest's timeout.

#include <cstdint>
#include <gtest/gtest.h>
#include <initializer_list>
#include <string>

#include "checkers/judge.hpp"

namespace afterwrite {
namespace {

constexpr std::int64_t rounds = 25'000;

/// One key. Each operation takes the time after the one before.
class LongHistory {
 public:
  void add(const std::string& session, Function function, const Value& value, Outcome outcome = Outcome::ok) {
    Operation operation;
    operation.session = operation.process = session;
    operation.key = "x";
    operation.function = function;
    operation.value = value;
    operation.outcome = outcome;
    operation.invoke = clock_;
    operation.complete = clock_ + 1;
    clock_ += 2;
    history_.operations.push_back(operation);
  }

  const History& whole() const { return history_; }

 private:
  History history_;
  Nanoseconds clock_ = 0;
};

Judgement judge_assuming(const History& history, std::initializer_list<Assumption> assumed) {
  Question question;
  question.assume = Assumptions{};
  for (const Assumption assumption : assumed)
    question.assume->set(static_cast<std::size_t>(assumption));
  question.min_at_risk = 0;
  return judge(history, question);
}

constexpr std::initializer_list<Assumption> everything{Assumption::writer_order, Assumption::realtime_writes,
                                                       Assumption::one_clock};

/// Nothing there, again and again, as it should be: each time one more delete may have been seen.
TEST(LongHistory, OfDeletesThatAreSeen) {
  LongHistory history;
  for (std::int64_t i = 0; i < rounds; ++i) {
    history.add("s", Function::write, i);
    history.add("s", Function::read, i);
    history.add("s", Function::remove, {});
    history.add("s", Function::read, {});
  }
  for (const auto& assumed : {everything, {Assumption::writer_order}, {}}) {
    for (const Row& row : judge_assuming(history.whole(), assumed).rows)
      EXPECT_EQ(row.violations, 0U);
  }
}

/// Nothing there although a write came after every delete: each must be shown to be older than that write.
TEST(LongHistory, OfReadsThatAreOlderThanEveryDelete) {
  LongHistory history;
  for (std::int64_t i = 0; i < rounds; ++i) {
    history.add("s", Function::remove, {});
    history.add("s", Function::write, i);
    history.add("s", Function::read, i);
    history.add("s", Function::read, {});
  }
  const Judgement judgement = judge_assuming(history.whole(), everything);
  EXPECT_EQ(judgement.rows.at(0).violations, std::uint64_t{rounds});
  EXPECT_EQ(judgement.rows.at(1).violations, std::uint64_t{rounds});
}

/// A delete that may land late explains them all, however many others do not.
TEST(LongHistory, OfReadsThatOneUnsureDeleteExplains) {
  LongHistory history;
  history.add("t", Function::remove, {}, Outcome::info);
  for (std::int64_t i = 0; i < rounds; ++i) {
    history.add("s", Function::remove, {});
    history.add("s", Function::write, i);
    history.add("s", Function::read, i);
    history.add("s", Function::read, {});
  }
  for (const Row& row : judge_assuming(history.whole(), everything).rows)
    EXPECT_EQ(row.violations, 0U);
}

}  // namespace
}  // namespace afterwrite
