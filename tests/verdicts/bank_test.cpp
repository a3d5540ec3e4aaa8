#include "checkers/bank.hpp"

#include <gtest/gtest.h>

namespace afterwrite {
namespace {

Operation transfer(const std::string& intent, const std::string& value, Outcome outcome) {
  Operation operation;
  operation.session = "s1";
  operation.function = Function::append;
  operation.key = "account-1";
  operation.value = value;
  operation.outcome = outcome;
  operation.intent = intent;
  operation.labels = {{"amount", "100"}};
  return operation;
}

Operation look(const List& seen) {
  Operation operation;
  operation.session = "s1";
  operation.key = "account-1";
  operation.value = seen;
  operation.outcome = Outcome::ok;
  return operation;
}

TEST(Bank, HistoryWithoutIntentsHasNoSummary) {
  History history;
  history.operations = {look({})};
  EXPECT_FALSE(count_intents(history));
}

TEST(Bank, AcknowledgedTwiceIsMoneyMovedTwice) {
  History history;
  history.operations = {transfer("pay-1", "a", Outcome::ok), look({}), transfer("pay-1", "b", Outcome::ok),
                        transfer("pay-2", "c", Outcome::ok)};
  const auto summary = count_intents(history);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->intents, 2U);
  EXPECT_EQ(summary->carried_out_twice, 1U);
  EXPECT_EQ(summary->money_moved_twice, 100);
  EXPECT_EQ(summary->twice_after_unknown_outcome, 0U);
}

TEST(Bank, RepetitionAfterUnknownOutcomeIsToldApart) {
  History history;
  history.operations = {transfer("pay-1", "a", Outcome::info), transfer("pay-1", "b", Outcome::ok),
                        look({Scalar{"a"}, Scalar{"b"}})};
  const auto summary = count_intents(history);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->carried_out_twice, 0U);
  EXPECT_EQ(summary->twice_after_unknown_outcome, 1U);
  EXPECT_EQ(summary->money_moved_twice, 0);
}

TEST(Bank, FailedTransferIsNotCarriedOut) {
  History history;
  history.operations = {transfer("pay-1", "a", Outcome::fail), transfer("pay-1", "b", Outcome::ok)};
  const auto summary = count_intents(history);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->carried_out_twice, 0U);
  EXPECT_EQ(summary->twice_after_unknown_outcome, 0U);
}

}  // namespace
}  // namespace afterwrite
