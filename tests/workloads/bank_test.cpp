#include <gmock/gmock.h>
#include <set>

#include "tests/workloads/fake_session.hpp"
#include "workloads/keys.hpp"
#include "workloads/workloads.hpp"

namespace afterwrite::workloads {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr WorkloadSettings hurried{.keys = 4, .read_delay = {0s, 0s}};

class Bank : public testing::Test {
 protected:
  /// What one customer does whose calls are answered so.
  std::vector<Operation> run(std::size_t steps, std::function<void(Operation&)> answer = {},
                             const WorkloadSettings& settings = hurried) {
    FakeSession session(system_, 3, 4, steps);
    session.answer = std::move(answer);
    make_workload("bank", settings)->run(session);
    pauses_ = session.pauses();
    return session.operations();
  }

  /// The appends of each intent, as outcomes.
  static std::map<std::string, std::vector<Outcome>> attempts(const std::vector<Operation>& operations) {
    std::map<std::string, std::vector<Outcome>> all;
    for (const Operation& operation : operations) {
      if (operation.is_write()) all[operation.intent].push_back(operation.outcome);
    }
    return all;
  }

  static void hide_ledger(Operation& operation) {
    if (!operation.is_write()) operation.value = Value{};
  }

  FakeSystem system_;
  std::size_t pauses_ = 0;
};

TEST_F(Bank, ATransferThatIsSeenIsMadeOnceAndLookedAtTwice) {
  const auto operations = run(99);
  for (std::size_t i = 0; i < operations.size(); i += 3) {
    EXPECT_EQ(operations[i].function, Function::append);
    EXPECT_EQ(operations[i].intent, "s3-pay-" + std::to_string(i / 3 + 1));
    EXPECT_THAT(operations[i].labels, ElementsAre(Pair("amount", "100")));
    for (std::size_t look = i + 1; look < i + 3; ++look) {
      EXPECT_EQ(operations[look].function, Function::read);
      EXPECT_EQ(operations[look].key, operations[i].key);
      EXPECT_EQ(operations[look].intent, operations[i].intent);
      EXPECT_THAT(operations[look].labels, IsEmpty());
    }
  }
  EXPECT_EQ(pauses_, 0);
}

TEST_F(Bank, TheCustomerLooksAfterADelay) {
  FakeSession session(system_, 0, 4, 100);
  make_workload("bank", {.keys = 4, .read_delay = {5ms, 50ms}})->run(session);
  for (std::size_t i = 0; i < session.steps.size(); i += 5) {
    EXPECT_TRUE(session.steps[i].operation.is_write());
    for (std::size_t look = i + 1; look < i + 5; look += 2) {
      EXPECT_GE(session.steps[look].paused, 5ms);
      EXPECT_LE(session.steps[look].paused, 50ms);
      EXPECT_FALSE(session.steps[look + 1].is_pause);
    }
  }
}

TEST_F(Bank, ATransferThatVanishesAgainIsNotRepeated) {
  int looks = 0;
  const auto operations = run(30, [&](Operation& operation) {
    if (!operation.is_write() && looks++ % 2 == 1) operation.value = Value{};
  });
  for (const auto& [intent, outcomes] : attempts(operations)) {
    EXPECT_EQ(outcomes.size(), 1) << intent;
  }
}

TEST_F(Bank, ATransferThatSeemsLostIsMadeAgainAFewTimes) {
  const auto operations = run(60, hide_ledger);
  const auto all = attempts(operations);
  EXPECT_EQ(all.size(), 10);
  for (const auto& [intent, outcomes] : all)
    EXPECT_EQ(outcomes.size(), 3) << intent;
  std::set<std::string> values;
  for (const Operation& operation : operations) {
    if (!operation.is_write()) continue;
    EXPECT_TRUE(values.insert(display(operation.value)).second) << "each attempt is a new element";
    EXPECT_THAT(operation.labels, ElementsAre(Pair("amount", "100"))) << "no unsure outcome explains it";
  }
  // All attempts go to one ledger.
  for (std::size_t i = 0; i < operations.size(); i += 6) {
    for (std::size_t j = 1; j < 6; ++j)
      EXPECT_EQ(operations[i + j].key, operations[i].key);
  }
}

TEST_F(Bank, AnOlderLedgerWithoutTheTransferCountsAsLost) {
  int looks = 0;
  const auto operations = run(5, [&](Operation& operation) {
    if (!operation.is_write() && looks++ == 0) operation.value = List{std::string("s3-0")};
  });
  EXPECT_THAT(attempts(operations), ElementsAre(Pair("s3-pay-1", ElementsAre(Outcome::ok, Outcome::ok))));
}

TEST_F(Bank, ALaterAttemptThatIsSeenIsEnough) {
  int looks = 0;
  const auto operations = run(6, [&](Operation& operation) {
    if (!operation.is_write() && looks++ == 0) operation.value = Value{};
    // The first transfer never shows: seeing the second one is seeing the transfer.
    if (!operation.is_write() && looks >= 2) operation.value = List{std::string("s3-2")};
  });
  EXPECT_THAT(attempts(operations), ElementsAre(Pair("s3-pay-1", ElementsAre(Outcome::ok, Outcome::ok)),
                                                Pair("s3-pay-2", ElementsAre(Outcome::ok))));
}

TEST_F(Bank, AnAttemptAfterAnUnsureOneSaysSo) {
  const auto operations = run(6, [](Operation& operation) {
    if (operation.is_write() && display(operation.value) == "s3-1") operation.outcome = Outcome::info;
    hide_ledger(operation);
  });
  EXPECT_THAT(operations[0].labels, ElementsAre(Pair("amount", "100")));
  EXPECT_THAT(operations[2].labels, ElementsAre(Pair("after", "info"), Pair("amount", "100")));
  EXPECT_THAT(operations[4].labels, ElementsAre(Pair("after", "info"), Pair("amount", "100")))
      << "the first attempt may still be the one that counts twice";
}

TEST_F(Bank, ACertainFailureIsRepeatedWithoutALook) {
  const auto operations = run(6, [](Operation& operation) {
    if (operation.is_write() && display(operation.value) == "s3-1") operation.outcome = Outcome::fail;
  });
  EXPECT_EQ(pauses_, 1);
  EXPECT_THAT(attempts(operations), ElementsAre(Pair("s3-pay-1", ElementsAre(Outcome::fail, Outcome::ok)),
                                                Pair("s3-pay-2", ElementsAre(Outcome::ok))));
  EXPECT_THAT(operations[1].labels, ElementsAre(Pair("amount", "100")));
}

TEST_F(Bank, ALedgerThatDoesNotAnswerIsNoReasonToPayAgain) {
  const auto operations = run(35, [](Operation& operation) {
    if (!operation.is_write()) operation.outcome = Outcome::info;
  });
  // A transfer, and three looks with a pause after each.
  EXPECT_EQ(operations.size(), 20);
  EXPECT_EQ(pauses_, 15);
  for (const auto& [intent, outcomes] : attempts(operations))
    EXPECT_EQ(outcomes.size(), 1) << intent;
}

TEST_F(Bank, EachCustomerHasAccountsOfItsOwn) {
  std::map<std::string, std::set<std::string>> customers_of_account;
  for (const std::size_t count : {3U, 9U}) {
    customers_of_account.clear();
    const auto workload = make_workload("bank", {.keys = 5, .read_delay = {0s, 0s}});
    for (std::size_t ordinal = 0; ordinal < count; ++ordinal) {
      FakeSession session(system_, ordinal, count, 60);
      workload->run(session);
      for (const Operation& operation : session.operations()) {
        customers_of_account[operation.key].insert(session.name());
      }
    }
    EXPECT_EQ(customers_of_account.size(), std::max<std::size_t>(count, 5));
    for (const auto& [account, names] : customers_of_account)
      EXPECT_EQ(names.size(), 1) << account;
  }
}

TEST_F(Bank, LedgersDoNotGrowWithoutBoundAndNoIntentIsSplit) {
  const auto operations = run(6000, hide_ledger, {.keys = 1, .read_delay = {0s, 0s}});
  std::map<std::string, std::set<std::string>> ledgers_of_intent;
  for (const Operation& operation : operations)
    ledgers_of_intent[operation.intent].insert(operation.key);
  for (const auto& [intent, ledgers] : ledgers_of_intent)
    EXPECT_EQ(ledgers.size(), 1) << intent;
  EXPECT_GT(system_.state.size(), 10);
  for (const auto& [key, value] : system_.state) {
    EXPECT_LE(std::get<List>(value).size(), ListKeys::longest_list + 2) << key;
  }
}

}  // namespace
}  // namespace afterwrite::workloads
