#include <gmock/gmock.h>
#include <set>

#include "tests/workloads/fake_session.hpp"
#include "workloads/workloads.hpp"

namespace afterwrite::workloads {
namespace {

using namespace std::chrono_literals;

std::size_t scorers(std::size_t count, std::size_t keys) {
  FakeSystem system;
  const auto workload = make_workload("score", {.keys = keys});
  std::size_t writing = 0;
  for (std::size_t ordinal = 0; ordinal < count; ++ordinal) {
    FakeSession session(system, ordinal, count, 4);
    workload->run(session);
    const auto operations = session.operations();
    if (!operations.empty() && operations.front().is_write()) ++writing;
  }
  return writing;
}

TEST(Score, OneSessionInFourKeepsScores) {
  EXPECT_EQ(scorers(8, 16), 2);
  EXPECT_EQ(scorers(32, 16), 8);
  EXPECT_EQ(scorers(3, 16), 1);
  EXPECT_EQ(scorers(1, 16), 1);
  EXPECT_EQ(scorers(32, 2), 2) << "no scorer without a match";
}

TEST(Score, EachMatchHasOneScorerWhoLooksOnce) {
  FakeSystem system;
  const auto workload = make_workload("score", {.keys = 5});
  std::map<std::string, std::set<std::string>> scorers_of_match;
  for (std::size_t ordinal = 0; ordinal < 2; ++ordinal) {
    FakeSession session(system, ordinal, 8, 60);
    workload->run(session);
    for (std::size_t i = 0; i < session.steps.size(); i += 3) {
      EXPECT_EQ(session.steps[i].operation.function, Function::write);
      EXPECT_TRUE(session.steps[i + 1].is_pause);
      EXPECT_GE(session.steps[i + 1].paused, 1ms);
      EXPECT_LE(session.steps[i + 1].paused, 2s);
      EXPECT_EQ(session.steps[i + 2].operation.function, Function::read);
      EXPECT_EQ(session.steps[i + 2].operation.key, session.steps[i].operation.key);
      scorers_of_match[session.steps[i].operation.key].insert(session.name());
    }
  }
  EXPECT_EQ(scorers_of_match.size(), 5);
  for (const auto& [match, names] : scorers_of_match)
    EXPECT_EQ(names.size(), 1) << match;
}

TEST(Score, ReadersStayWithAMatchForAWhile) {
  FakeSystem system;
  const auto workload = make_workload("score", {});
  FakeSession scorer(system, 0, 8, 200);
  workload->run(scorer);
  FakeSession reader(system, 7, 8, 4000);
  workload->run(reader);
  std::size_t changes = 0;
  std::string match;
  for (const Operation& operation : reader.operations()) {
    EXPECT_EQ(operation.function, Function::read);
    if (operation.key != match) ++changes;
    match = operation.key;
  }
  EXPECT_GE(changes, 2);
  EXPECT_LE(changes, reader.operations().size() / 10 + 1);
}

TEST(Score, NobodyPausesWithoutADelay) {
  FakeSystem system;
  const auto workload = make_workload("score", {.keys = 4, .read_delay = {0s, 0s}});
  for (const std::size_t ordinal : {0U, 7U}) {
    FakeSession session(system, ordinal, 8, 100);
    workload->run(session);
    EXPECT_EQ(session.pauses(), 0);
  }
}

TEST(Score, AFailedWriteIsNotHurried) {
  FakeSystem system;
  const auto workload = make_workload("score", {.keys = 4, .read_delay = {0s, 0s}});
  FakeSession scorer(system, 0, 8, 100);
  scorer.answer = [](Operation& operation) { operation.outcome = Outcome::fail; };
  workload->run(scorer);
  EXPECT_EQ(scorer.pauses(), 50);
}

}  // namespace
}  // namespace afterwrite::workloads
