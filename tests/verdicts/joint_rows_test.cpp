#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkers/judge.hpp"

namespace afterwrite {
namespace {

using ::testing::HasSubstr;

const Guarantees read_your_writes = only(Guarantee::read_your_writes);
const Guarantees monotonic_reads = only(Guarantee::monotonic_reads);
const Guarantees coherence = all_of_a_key();

Value text(const char* value) {
  return std::string(value);
}

/// The calls of a history one after the other, each 10 ms long.
class Calls {
 public:
  Calls& call(const std::string& session, Function function, const std::string& key, Value value) {
    Operation operation;
    operation.session = operation.user = operation.process = session;
    operation.function = function;
    operation.key = key;
    operation.value = std::move(value);
    operation.outcome = Outcome::ok;
    operation.invoke = time_;
    operation.complete = time_ + 5'000'000;
    time_ += 10'000'000;
    history.operations.push_back(std::move(operation));
    return *this;
  }
  Calls& write(const std::string& session, const char* value) {
    return call(session, Function::write, "k", text(value));
  }
  Calls& read(const std::string& session, const char* value) { return call(session, Function::read, "k", text(value)); }

  History history;

 private:
  Nanoseconds time_ = 0;
};

/// s does not see its own b, and goes back to a once more; t goes back from b to a.
History stale_register() {
  return Calls().write("s", "a").write("s", "b").read("s", "a").read("s", "a").read("t", "b").read("t", "a").history;
}

Judgement judged(const History& history, std::vector<Guarantees> guarantees) {
  Question question;
  question.guarantees = std::move(guarantees);
  return judge(history, question);
}

std::vector<std::size_t> broken_by(const Row& row, const Guarantees& guarantees) {
  std::vector<std::size_t> operations;
  for (const Violation& entry : row.entries) {
    if (entry.guarantees == guarantees) operations.push_back(entry.operation);
  }
  return operations;
}

TEST(JointRows, AloneTheyListWhatBreaksTheirMembers) {
  for (const Guarantees& set : {read_your_writes | monotonic_reads, coherence}) {
    const Judgement judgement = judged(stale_register(), {set});
    const Row& row = judgement.rows.at(0);
    EXPECT_EQ(row.verdict, Verdict::violated);
    EXPECT_EQ(broken_by(row, read_your_writes), (std::vector<std::size_t>{2}));
    EXPECT_EQ(row.entries.at(0).count, 2U);
    EXPECT_EQ(broken_by(row, monotonic_reads), (std::vector<std::size_t>{5}));
    EXPECT_EQ(row.violations, 3U);
    EXPECT_EQ(row.broken, 3U);
    EXPECT_DOUBLE_EQ(row.rate, 3.0 / static_cast<double>(row.at_risk));
    EXPECT_THAT(row.reason, HasSubstr("2 read-your-writes alone, 1 monotonic-reads alone"));
  }
}

TEST(JointRows, ListOnlyMembersWithoutARowOfTheirOwn) {
  const Judgement judgement = judged(stale_register(), {read_your_writes, read_your_writes | monotonic_reads});
  const Row& joint = judgement.rows.at(1);
  EXPECT_EQ(joint.entries.size(), 1U);
  EXPECT_EQ(broken_by(joint, monotonic_reads), (std::vector<std::size_t>{5}));
  EXPECT_EQ(joint.violations, 1U);
  EXPECT_EQ(joint.broken, 3U);
  EXPECT_EQ(joint.listed_elsewhere, read_your_writes);
}

TEST(JointRows, BesideTheirMembersTheyPointToThem) {
  const Judgement judgement = judged(stale_register(), {});
  const Row& joint = judgement.rows.at(2);
  EXPECT_EQ(joint.verdict, Verdict::violated);
  EXPECT_TRUE(joint.entries.empty());
  EXPECT_EQ(joint.violations, 0U);
  EXPECT_EQ(joint.broken, 3U);
  EXPECT_GT(joint.rate, 0);
  EXPECT_THAT(joint.reason,
              HasSubstr("none only jointly; for the others see the rows read-your-writes, monotonic-reads"));
}

/// One read may break two guarantees, each by itself: two entries, one operation.
TEST(JointRows, CountAnOperationOnce) {
  const History history = Calls().write("s", "a").write("s", "b").read("s", "b").read("s", "a").history;
  const Judgement judgement = judged(history, {read_your_writes | monotonic_reads});
  const Row& row = judgement.rows.at(0);
  EXPECT_EQ(row.entries.size(), 2U);
  EXPECT_EQ(row.violations, 1U);
  EXPECT_EQ(row.broken, 1U);
  EXPECT_LE(row.rate, 1);
}

TEST(JointRows, OfLists) {
  const List both{std::string("a"), std::string("b")};
  const History history = Calls()
                              .call("s", Function::append, "l", text("a"))
                              .call("s", Function::read, "l", List{})
                              .call("t", Function::append, "l", text("b"))
                              .call("u", Function::read, "l", both)
                              .call("u", Function::read, "l", List{std::string("a")})
                              .history;
  for (const Guarantees& set : {read_your_writes | monotonic_reads, coherence}) {
    const Judgement alone = judged(history, {set});
    EXPECT_EQ(alone.rows.at(0).verdict, Verdict::violated);
    EXPECT_EQ(broken_by(alone.rows.at(0), read_your_writes), (std::vector<std::size_t>{1}));
    EXPECT_EQ(broken_by(alone.rows.at(0), monotonic_reads), (std::vector<std::size_t>{4}));
    EXPECT_EQ(alone.rows.at(0).violations, 2U);
    const Judgement beside = judged(history, {read_your_writes, monotonic_reads, set});
    EXPECT_TRUE(beside.rows.at(2).entries.empty());
    EXPECT_EQ(beside.rows.at(2).broken, 2U);
    EXPECT_GT(beside.rows.at(2).rate, 0);
  }
}

TEST(Judge, ARecordedMinimumOfNothingAtRiskIsOne) {
  History history = Calls().write("s", "a").read("s", "a").history;
  history.header.all["min_at_risk"] = 0;
  EXPECT_EQ(judge(history).rows.at(0).verdict, Verdict::unknown);
  EXPECT_THAT(judge(history).rows.at(0).reason, HasSubstr("(1 needed)"));
}

TEST(Judge, WhereNothingRanNoFaultIsBlamed) {
  History history;
  FaultEvent lag;
  lag.fault = "lag";
  lag.phase = "start";
  lag.targets = {"node-1"};
  lag.detail = {{"delay_ms", 500}};
  history.faults = {lag};
  history.footer = {{"ended", "interrupted"}, {"why", "stopped by the user"}};
  EXPECT_EQ(judge(history).rows.at(0).reason, "the run ended before anything was asked: stopped by the user");
  history.footer = {{"ended", "duration"}};
  EXPECT_THAT(judge(history).rows.at(0).reason, HasSubstr("did not bite"));
}

TEST(Judge, HeadersAndFootersOfAnyTypesAreJudged) {
  for (const nlohmann::json& odd : {nlohmann::json("x"), nlohmann::json(nullptr), nlohmann::json::array({1}),
                                    nlohmann::json::object(), nlohmann::json(-1), nlohmann::json(1.5)}) {
    History history = stale_register();
    for (const char* name : {"min_at_risk", "nodes", "scenario"})
      history.header.all[name] = odd;
    for (const char* name : {"ended", "why", "notes", "lost_system"})
      history.footer[name] = odd;
    EXPECT_EQ(judge(history).verdict, Verdict::violated) << odd;
  }
}

}  // namespace
}  // namespace afterwrite
