// Histories so long that a checker whose cost grows faster than their length by much would not come to an end before
// ctest's timeout.

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <initializer_list>
#include <string>
#include <vector>

#include "checkers/judge.hpp"

namespace afterwrite {
namespace {

constexpr std::int64_t rounds = 25'000;

/// One key. Each operation takes the time after the one before, if not said otherwise.
class LongHistory {
 public:
  /// The operations from now on begin so long before they would, and overlap.
  void begin_earlier(Nanoseconds by) { earlier_ = by; }

  void add(const std::string& session, Function function, const Value& value, Outcome outcome = Outcome::ok) {
    Operation operation;
    operation.session = operation.process = session;
    operation.key = "x";
    operation.function = function;
    operation.value = value;
    operation.outcome = outcome;
    operation.user = "u";
    operation.invoke = std::max<Nanoseconds>(clock_ - earlier_, 0);
    operation.complete = clock_ + 1;
    clock_ += 2;
    history_.operations.push_back(operation);
  }

  const History& whole() const { return history_; }

 private:
  History history_;
  Nanoseconds clock_ = 0;
  Nanoseconds earlier_ = 0;
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

/// All four guarantees and the four together, per session and per user.
std::vector<Row> judge_lists(const LongHistory& history) {
  Question question;
  for (std::size_t i = 0; i < guarantee_count; ++i) {
    question.guarantees.push_back(only(static_cast<Guarantee>(i)));
  }
  question.guarantees.push_back(all_of_a_key());
  question.scopes = {Scope::session, Scope::user};
  question.assume = Assumptions{};
  question.assume->set(static_cast<std::size_t>(Assumption::one_clock));
  question.min_at_risk = 0;
  return judge(history.whole(), question).rows;
}

constexpr std::size_t coherence = guarantee_count;  // its place among the rows of a scope

List numbers(std::int64_t first, std::int64_t last) {
  List list;
  for (std::int64_t i = first; i < last; ++i)
    list.emplace_back(i);
  return list;
}

/// The cost of a list read again and again is the length of what was read, however many read and write it.
TEST(LongHistory, OfAListThatGrows) {
  LongHistory history;
  constexpr std::int64_t elements = 2'000;
  for (std::int64_t i = 0; i < elements; ++i) {
    history.add("s" + std::to_string(i % 50), Function::append, i);
    history.add("s" + std::to_string(i / 7 % 50), Function::read, numbers(0, i + 1));
  }
  for (const Row& row : judge_lists(history)) {
    EXPECT_EQ(row.broken, 0U);
    EXPECT_GT(row.decided, std::uint64_t{elements} * 8 / 10) << "all but the first of each session";
  }
}

/// A file of short lines: what reads lack is not listed in it.
TEST(LongHistory, OfListsThatLackEverything) {
  LongHistory history;
  for (std::int64_t i = 0; i < rounds; ++i) {
    history.add("s", Function::append, i);
    history.add("s", Function::read, List{});
    history.add("t", Function::read, {});
  }
  const std::vector<Row> rows = judge_lists(history);
  EXPECT_EQ(rows.at(0).broken, std::uint64_t{rounds});
  EXPECT_EQ(rows.at(0).entries.size(), 1U) << "the first element is missing again and again";
  EXPECT_EQ(rows.at(coherence + 1).broken, std::uint64_t{2 * rounds}) << "per user, t's reads lack it too";
}

/// Each append must stand after all that was read before: a few long lists, many short lines.
TEST(LongHistory, OfAppendsThatFollowALongList) {
  LongHistory history;
  for (std::int64_t i = 0; i < rounds; ++i)
    history.add("t", Function::append, i);
  for (const char* session : {"s", "t", "u"})
    history.add(session, Function::read, numbers(0, rounds));
  for (std::int64_t i = rounds; i < 2 * rounds; ++i)
    history.add(i % 2 == 0 ? "s" : "u", Function::append, i);
  history.add("t", Function::read, numbers(0, 2 * rounds));
  List out_of_order = numbers(1, 2 * rounds);
  out_of_order.emplace_back(std::int64_t{0});
  history.add("v", Function::read, out_of_order);
  const std::vector<Row> rows = judge_lists(history);
  const Row& follow = rows.at(static_cast<std::size_t>(Guarantee::writes_follow_reads));
  EXPECT_EQ(follow.decided, std::uint64_t{rounds});
  EXPECT_EQ(follow.broken, std::uint64_t{rounds});
  EXPECT_EQ(follow.entries.size(), 2U) << "of two sessions, for the sake of one element";
}

/// Sessions of one user that always overlap, on lists of which no one order explains the elements.
TEST(LongHistory, OfOverlappingReadsOfListsInTwoOrders) {
  LongHistory history;
  for (std::int64_t i = 0; i < 100; ++i)
    history.add("w", Function::append, i);
  history.begin_earlier(3);
  List turned = numbers(0, 100);
  std::swap(turned.front(), turned.back());
  for (std::int64_t i = 0; i < 4'000; ++i) {
    history.add(i % 2 == 0 ? "s" : "t", Function::read, i % 1000 == 999 ? turned : numbers(0, 100));
  }
  const std::vector<Row> rows = judge_lists(history);
  EXPECT_EQ(rows.at(coherence + 1 + 1).broken, 4U);
}

}  // namespace
}  // namespace afterwrite
