#include <gmock/gmock.h>
#include <set>

#include "tests/workloads/fake_session.hpp"
#include "workloads/keys.hpp"
#include "workloads/pace.hpp"
#include "workloads/workloads.hpp"

namespace afterwrite::workloads {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t sessions = 8;
constexpr std::size_t writers = 4;
constexpr std::pair<Duration, Duration> no_delay{0s, 0s};

/// Register and append behave alike.
class WriteAndReadBack : public testing::TestWithParam<const char*> {
 protected:
  bool lists() const { return workload_kind(GetParam()).lists; }
  std::unique_ptr<Workload> make(const WorkloadSettings& settings = {}) const {
    return make_workload(GetParam(), settings);
  }
  FakeSystem system_;
};
INSTANTIATE_TEST_SUITE_P(Workloads, WriteAndReadBack, testing::Values("register", "append"));

TEST_P(WriteAndReadBack, EachWriteIsReadBackThreeTimes) {
  const auto workload = make();
  FakeSession session(system_, 1, sessions, 700);
  workload->run(session);
  const std::vector<Operation> operations = session.operations();
  std::size_t punctual = 0;
  for (std::size_t i = 0; i + 3 < operations.size(); i += 4) {
    const Operation& write = operations[i];
    EXPECT_EQ(write.function, lists() ? Function::append : Function::write);
    for (std::size_t j = i + 1; j < i + 4; ++j) {
      EXPECT_EQ(operations[j].function, Function::read);
      EXPECT_EQ(operations[j].key, write.key);
      const Duration delay(operations[j].invoke - write.complete);
      EXPECT_GE(delay, 1ms);
      EXPECT_LE(delay, 2s + 3ms) << "an operation here takes 1 ms, and may push the next one back";
      if (delay <= 2s) ++punctual;
    }
  }
  EXPECT_GT(punctual, 250);
}

TEST_P(WriteAndReadBack, DelaysCountFromTheWrite) {
  const auto workload = make();
  FakeSession session(system_, 1, sessions, 700);
  session.answer = [&](Operation& operation) {
    if (operation.is_write()) return;
    system_.now += Nanoseconds{3'000'000'000};
    operation.complete = system_.now;
  };
  workload->run(session);
  // The first read took longer than the longest delay: the second and third are due at once.
  EXPECT_NEAR(static_cast<double>(session.pauses()), 700.0 / 5, 1);
}

TEST_P(WriteAndReadBack, EachWriterKeepsToItsOwnKeys) {
  const auto workload = make({.keys = 10});
  std::map<std::string, std::set<std::string>> writers_of_key;
  for (std::size_t ordinal = 0; ordinal < writers; ++ordinal) {
    FakeSession session(system_, ordinal, sessions, 700);
    workload->run(session);
    for (const Operation& operation : session.operations())
      writers_of_key[operation.key].insert(session.name());
  }
  EXPECT_EQ(writers_of_key.size(), 10);
  for (const auto& [key, names] : writers_of_key)
    EXPECT_EQ(names.size(), 1) << key;
  EXPECT_EQ(*writers_of_key.at("k1").begin(), "s0");
  EXPECT_EQ(*writers_of_key.at("k6").begin(), "s1");
}

TEST_P(WriteAndReadBack, MoreWritersThanKeysShareThem) {
  const auto workload = make({.keys = 2});
  for (std::size_t ordinal = 0; ordinal < writers; ++ordinal) {
    FakeSession session(system_, ordinal, sessions, 70);
    workload->run(session);
    for (const Operation& operation : session.operations()) {
      EXPECT_EQ(operation.key, ordinal % 2 == 0 ? "k1" : "k2");
    }
  }
}

TEST_P(WriteAndReadBack, AControlSessionReadsItsOwnWritesBackAndIsSeenByNobody) {
  const auto workload = make({.keys = 10});
  FakeSession control(system_, sessions, sessions, 70);
  workload->run(control);
  std::size_t written = 0;
  for (const Operation& operation : control.operations()) {
    EXPECT_EQ(operation.key, "k11");
    written += operation.is_write() ? 1U : 0U;
  }
  EXPECT_GT(written, 5);
  FakeSession observer(system_, writers, sessions, 70);
  workload->run(observer);
  EXPECT_THAT(observer.operations(), testing::IsEmpty());
}

TEST_P(WriteAndReadBack, ValuesAreTheSessionsOwn) {
  const auto workload = make();
  FakeSession session(system_, 2, sessions, 300);
  workload->run(session);
  std::size_t written = 0;
  for (const Operation& operation : session.operations()) {
    if (operation.is_write()) {
      EXPECT_EQ(display(operation.value), "s2-" + std::to_string(++written));
    }
  }
  EXPECT_GT(written, 10);
}

TEST_P(WriteAndReadBack, ObserversOnlyReadWhatOthersJustWrote) {
  const auto workload = make();
  std::set<std::string> written;
  FakeSession writer(system_, 0, sessions, 200);
  workload->run(writer);
  for (const Operation& operation : writer.operations())
    written.insert(operation.key);

  FakeSession observer(system_, writers, sessions, 2000);
  workload->run(observer);
  std::size_t again = 0;
  std::string last;
  for (const Operation& operation : observer.operations()) {
    EXPECT_EQ(operation.function, Function::read);
    EXPECT_TRUE(written.contains(operation.key)) << operation.key;
    if (operation.key == last) ++again;
    last = operation.key;
  }
  EXPECT_GT(observer.operations().size(), 900);
  EXPECT_GT(again, 300) << "some keys are read several times in a row";
}

TEST_P(WriteAndReadBack, ObserversReadAboutEveryTwentyMilliseconds) {
  const auto workload = make();
  FakeSession writer(system_, 0, sessions, 20);
  workload->run(writer);
  FakeSession observer(system_, sessions - 1, sessions, 2000);
  workload->run(observer);
  Duration total{0};
  for (const FakeSession::Step& step : observer.steps) {
    if (!step.is_pause) continue;
    EXPECT_GE(step.paused, 10ms);
    EXPECT_LE(step.paused, 30ms);
    total += step.paused;
  }
  const double mean_ms = std::chrono::duration<double, std::milli>(total).count() / 1000;
  EXPECT_NEAR(mean_ms, 20, 1);
}

TEST_P(WriteAndReadBack, ObserversWaitForTheFirstWrite) {
  const auto workload = make({.keys = 4, .read_delay = no_delay});
  FakeSession observer(system_, sessions - 1, sessions, 50);
  workload->run(observer);
  EXPECT_TRUE(observer.operations().empty());
  EXPECT_EQ(observer.pauses(), 50);
}

TEST_P(WriteAndReadBack, NobodyPausesWithoutADelay) {
  const auto workload = make({.keys = 4, .read_delay = no_delay});
  FakeSession writer(system_, 0, sessions, 400);
  workload->run(writer);
  EXPECT_EQ(writer.pauses(), 0);
  FakeSession observer(system_, writers, sessions, 400);
  workload->run(observer);
  EXPECT_EQ(observer.pauses(), 0);
  EXPECT_EQ(observer.operations().size(), 400);
}

TEST_P(WriteAndReadBack, AFailedWriteIsNotReadBackAndNotHurried) {
  const auto workload = make({.keys = 4, .read_delay = no_delay});
  FakeSession writer(system_, 0, sessions, 100);
  writer.answer = [](Operation& operation) { operation.outcome = Outcome::fail; };
  workload->run(writer);
  EXPECT_EQ(writer.pauses(), 50);
  for (const Operation& operation : writer.operations())
    EXPECT_TRUE(operation.is_write());
  FakeSession observer(system_, writers, sessions, 20);
  workload->run(observer);
  EXPECT_TRUE(observer.operations().empty()) << "what certainly failed is not worth looking at";
}

TEST_P(WriteAndReadBack, AnUnsureWriteIsReadBack) {
  const auto workload = make({.keys = 4, .read_delay = no_delay});
  FakeSession writer(system_, 0, sessions, 100);
  writer.answer = [](Operation& operation) {
    if (operation.is_write()) operation.outcome = Outcome::info;
  };
  workload->run(writer);
  EXPECT_EQ(writer.pauses(), 0);
  EXPECT_FALSE(writer.operations()[1].is_write());
  EXPECT_FALSE(writer.operations()[3].is_write());
  EXPECT_TRUE(writer.operations()[4].is_write());
}

TEST_P(WriteAndReadBack, AFailedReadIsNotHurriedEither) {
  const auto workload = make({.keys = 4, .read_delay = no_delay});
  FakeSession writer(system_, 0, sessions, 7);
  FakeSession observer(system_, writers, sessions, 10);
  for (FakeSession* session : {&writer, &observer}) {
    session->answer = [](Operation& operation) {
      if (!operation.is_write()) operation.outcome = Outcome::fail;
    };
    workload->run(*session);
  }
  EXPECT_EQ(writer.pauses(), 3);
  EXPECT_EQ(observer.pauses(), 5);
  EXPECT_EQ(observer.steps[1].paused, pause_after_failure);
}

TEST(Register, TheShareOfObserversCanBeChosen) {
  FakeSystem system;
  const auto workload = make_workload("register:observers=0", {});
  FakeSession last(system, sessions - 1, sessions, 10);
  workload->run(last);
  EXPECT_TRUE(last.operations().front().is_write());
  const auto mostly_observed = make_workload("register:observers=0.9", {});
  FakeSession second(system, 1, sessions, 10);
  mostly_observed->run(second);
  EXPECT_TRUE(second.operations().empty());
}

TEST(Append, ListsDoNotGrowWithoutBound) {
  FakeSystem system;
  const auto workload = make_workload("append", {.keys = 4, .read_delay = no_delay});
  FakeSession writer(system, 0, sessions, 4 * 1000);
  workload->run(writer);
  std::set<std::string> keys;
  for (const auto& [key, value] : system.state) {
    keys.insert(key);
    EXPECT_LE(std::get<List>(value).size(), ListKeys::longest_list) << key;
  }
  EXPECT_EQ(keys, (std::set<std::string>{"k1", "k1.2", "k1.3", "k1.4", "k1.5"}));
  // The reads of the last append under a name still ask for that name.
  const std::vector<Operation> operations = writer.operations();
  for (std::size_t i = 0; i < operations.size(); i += 4) {
    for (std::size_t j = 1; j < 4; ++j)
      EXPECT_EQ(operations[i + j].key, operations[i].key);
  }
}

}  // namespace
}  // namespace afterwrite::workloads
