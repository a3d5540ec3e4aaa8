#include "adapters/postgres/outcomes.hpp"

#include <gtest/gtest.h>

namespace afterwrite::postgres {
namespace {

TEST(Ruling, NothingSentIsAFailureAndAnythingSentIsUnsure) {
  for (const Failure failure : {Failure::unknown_node, Failure::unsupported_value, Failure::deadline_before_sending,
                                Failure::refused, Failure::connect_timed_out, Failure::lost_before_sending}) {
    EXPECT_EQ(ruling(failure).outcome, Outcome::fail) << ruling(failure).meaning;
  }
  for (const Failure failure : {Failure::timed_out, Failure::lost, Failure::sync_wait_ended, Failure::strange_answer}) {
    EXPECT_EQ(ruling(failure).outcome, Outcome::info) << ruling(failure).meaning;
  }
}

TEST(Ruling, SaysWhatBecameOfTheConnection) {
  EXPECT_EQ(ruling(Failure::refused).connection, Connection::refused);
  EXPECT_EQ(ruling(Failure::timed_out).connection, Connection::lost);
  EXPECT_EQ(ruling(Failure::connect_timed_out).connection, Connection::lost);
  EXPECT_EQ(ruling(Failure::sync_wait_ended).connection, Connection::usable);
}

TEST(OutcomeOfError, AnErrorTookTheWriteBack) {
  for (const char* state : {"25006", "40001", "40P01", "42601", "42P01", "53100", "53200", "23505", "22021", "55P03",
                            "57P03", "0A000", "28P01", "P0001"}) {
    EXPECT_EQ(outcome_of_error(state, "ERROR", /*is_write=*/true), Outcome::fail) << state;
  }
}

TEST(OutcomeOfError, WhatMayHaveCommittedIsUnsure) {
  for (const char* state :
       {"57014", "57P01", "57P02", "57P04", "08006", "08P01", "40003", "XX000", "58030", "ZZ999", ""}) {
    EXPECT_EQ(outcome_of_error(state, "ERROR", /*is_write=*/true), Outcome::info) << state;
  }
}

TEST(OutcomeOfError, AServerThatHungUpGaveNoAnswer) {
  for (const bool is_write : {true, false}) {
    EXPECT_EQ(outcome_of_error("57P01", "FATAL", is_write), Outcome::info);
    EXPECT_EQ(outcome_of_error("40001", "FATAL", is_write), Outcome::info);
    EXPECT_EQ(outcome_of_error("XX000", "PANIC", is_write), Outcome::info);
    EXPECT_EQ(outcome_of_error("", "", is_write), Outcome::info);
    EXPECT_EQ(outcome_of_error("57P03", "FATAL", is_write), Outcome::fail);
  }
}

TEST(OutcomeOfError, AReadThatWasAnsweredWithAnErrorFailed) {
  for (const char* state : {"57014", "40001", "42P01", "XX000"}) {
    EXPECT_EQ(outcome_of_error(state, "ERROR", /*is_write=*/false), Outcome::fail) << state;
  }
}

}  // namespace
}  // namespace afterwrite::postgres
