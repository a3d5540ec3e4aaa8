// The oracle is judged by histories whose answer is plain to a reader, so that the checkers may be judged by the
// oracle.

#include <gtest/gtest.h>
#include <sstream>

#include "tests/checkers/settings.hpp"
#include "tests/checkers/story.hpp"

namespace afterwrite::oracle {
namespace {

struct Case {
  const char* name;
  const char* rows;  ///< guarantees
  const char* scope;
  const char* assume;
  const char* story;
  const char* expected;  ///< `OPERATION:TIER` of each own violation, in order; a last word `dropped`, `broken-alone`
  friend void PrintTo(const Case& known, std::ostream* out) { *out << known.name; }
};

std::string describe(const History& history, const Setting& setting) {
  const Oracle oracle(history, setting.assume);
  const Answer answer = oracle.judge(setting.guarantees, setting.scope);
  std::ostringstream text;
  for (const Flag& flag : answer.own) {
    text << (text.tellp() > 0 ? " " : "") << flag.operation << ":" << to_string(flag.tier);
  }
  if (answer.own.empty() && answer.violated()) {
    text << (text.tellp() > 0 ? " " : "") << "broken-alone";
  }
  for (const std::string& dropped : oracle.dropped()) {
    text << (text.tellp() > 0 ? " " : "") << "dropped-" << dropped.substr(0, dropped.find(' '));
  }
  return text.str();
}

class OracleOnKnownHistory : public testing::TestWithParam<Case> {};

TEST_P(OracleOnKnownHistory, AnswersAsTheDefinitionsSay) {
  const Case& known = GetParam();
  const History history = story(known.story);
  const Setting setting{guarantees(known.rows), scope(known.scope), assumptions(known.assume)};
  EXPECT_EQ(describe(history, setting), known.expected) << known.story;
  const Oracle oracle(history, setting.assume);
  if (!oracle.ambiguous_nulls()) {
    EXPECT_EQ(oracle.judge(setting.guarantees, setting.scope).violated(),
              oracle.unsatisfiable(setting.guarantees, setting.scope).has_value())
        << known.story;
  }
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

constexpr Case read_your_writes[] = {
    {"LostToTheInitialState", "ryw", "session", "none", "s write a 1 2; s read - 3 4", "1:facts"},
    {"ReadOfTheWriteItself", "ryw", "session", "all", "s write a 1 2; s read a 3 4", ""},
    {"OverlappingReadIsOwedNothing", "ryw", "session", "all", "s write a 1 3; s read - 2 4", ""},
    {"CompleteAtInvokePrecedes", "ryw", "session", "all", "s write a 1 2; s read - 2 3", "1:facts"},
    {"UnacknowledgedWriteOwesNothing", "ryw", "session", "all", "s write a 1 2 info; s read - 3 4", ""},
    {"FailedWriteOwesNothing", "ryw", "session", "all", "s write a 1 2 fail; s read - 3 4", ""},
    {"ReadThatDidNotAnswerShowsNothing", "ryw", "session", "all", "s write a 1 2; s read - 3 4 info; s read - 5 6 fail",
     ""},
    {"DifferentIsNotStaleByItself", "ryw", "session", "wo", "t write b 1 2; s write a 3 4; s read b 5 6", ""},
    {"OlderByRealTime", "ryw", "session", "all", "t write b 1 2; s write a 3 4; s read b 5 6", "2:realtime-writes"},
    {"RealTimeNeedsOneClock", "ryw", "session", "wo+rt", "t write b 1 2; s write a 3 4; s read b 5 6", ""},
    {"ConcurrentWritesMayEndEitherWay", "ryw", "session", "all", "s write a 1 3; t write b 2 4; s read b 5 6", ""},
    {"OlderByRecordedVersion", "ryw", "session", "none", "t write b 1 2 v=1; s write a 3 4 v=2; s read b 5 6",
     "2:facts"},
    {"NewerByRecordedVersion", "ryw", "session", "all", "s write a 1 2 v=1; t write b 3 4 v=2; s read b 5 6", ""},
    {"VersionsAreLearnedFromReads", "ryw", "session", "none",
     "t write b 1 2; s write a 3 4; u read b 5 6 v=1; u read a 7 8 v=2; s read b 9 10", "4:facts"},
    {"VersionsAreLearnedFromLaterReads", "ryw", "session", "none",
     "t write b 1 2; s write a 3 4; s read b 5 6; u read b 7 8 v=1; u read a 9 10 v=2", "2:facts"},
    {"EqualVersionsOrderNothing", "ryw", "session", "none", "t write b 1 2 v=7; s write a 3 4 v=7; s read b 5 6", ""},
    {"LaterEpochIsNewerWhateverTheVersion", "ryw", "session", "none",
     "s write a 1 2 v=1:9; t write b 3 4 v=2:3; s read b 5 6", ""},
    {"EarlierEpochIsOlderWhateverTheVersion", "ryw", "session", "none",
     "t write b 1 2 v=1:9; s write a 3 4 v=2:3; s read b 5 6", "2:facts"},
    {"VersionRecordedInTwoWaysSaysNothing", "ryw", "session", "none",
     "t write b 1 2 v=1; s write a 3 4 v=2; u read b 5 6 v=3; s read b 7 8", ""},
    {"VersionOfANullIsNoFact", "ryw", "session", "none",
     "s delete - 1 2 v=3; s write a 3 4; u read - 5 6 v=9; s read a 7 8 v=4", ""},
    {"OwnOlderWrite", "ryw", "session", "wo", "s write a 1 2; s write b 3 4; s read a 5 6", "2:writer-order"},
    {"OwnOlderWriteWithoutAssumption", "ryw", "session", "none", "s write a 1 2; s write b 3 4; s read a 5 6", ""},
    {"OverwrittenBySomeoneElse", "ryw", "session", "all", "s write a 1 2; t write b 3 4; s read b 5 6; s read a 7 8",
     ""},
    {"SameStaleVersionTwice", "ryw", "session", "wo",
     "s write a 1 2; s write b 3 4; s read a 5 6; s read a 7 8; s read b 9 10", "2:writer-order 3:writer-order"},
    {"TheReadThatIsRightAgainIsNotAccused", "ryw", "session", "wo",
     "s write a 1 2; s write b 3 4; s read a 5 6; s read b 7 8", "2:writer-order"},
    {"WithoutAssumptionTheLaterReadContradicts", "ryw", "session", "none",
     "s write a 1 2; s write b 3 4; s read a 5 6; s read b 7 8", "3:facts"},
    {"LeastTierCounts", "ryw", "session", "all",
     "s write a 1 2; s read - 3 4; s write b 5 6; s read a 7 8; t write c 9 10; s read b 11 12; s write d 13 14;"
     "s read c 15 16",
     "1:facts 3:writer-order 7:realtime-writes"},
    {"LostAtFailover", "ryw", "session", "none", "t write a 1 2 v=1:1; s write b 3 4 v=1:2; s read a 9 10 v=1:1",
     "2:facts"},
    {"KeysAreApart", "ryw", "session", "all",
     "s write a 1 2; s write a 3 4 k=y; s read a 5 6; s read - 7 8 k=z; s read - 9 10 k=y", "4:facts"},
};
INSTANTIATE_TEST_SUITE_P(ReadYourWrites, OracleOnKnownHistory, testing::ValuesIn(read_your_writes), case_name);

constexpr Case late_and_failed_writes[] = {
    {"UnseenInfoWriteMayLandLate", "ryw", "session", "all", "s write a 1 2 info; s write b 3 4; s read a 5 6", ""},
    {"SeenInfoWriteIsInEffectForItsWriter", "ryw", "session", "wo",
     "s write a 1 2 info; s read a 3 4; s write b 5 6; s read a 7 8", "3:writer-order"},
    {"InfoWriteSeenByOthersNeedsRealTime", "ryw", "session", "all",
     "s write a 1 2 info; t read a 3 4; s write b 5 6; s read a 7 8", "3:realtime-writes"},
    {"InfoWriteSeenTooLateOrdersNothing", "ryw", "session", "all",
     "s write a 1 2 info; s write b 3 4; t read a 5 6; s read a 7 8", ""},
    {"SeenBeforeItsAcknowledgement", "ryw", "session", "all",
     "t read a 2 3; s write b 4 5; u write a 1 10; s read a 11 12", "3:realtime-writes"},
    {"ReadAtATieDoesNotShowItsWriteInEffect", "ryw", "session", "wo",
     "s read a 1 1 v=5; t write b 1 2; t write c 2 2 v=4; s write a 1 3 v=5; s read b 4 5", "4:writer-order"},
    {"OverlappingWritesUnseen", "ryw", "session", "all", "s write b 4 5; u write a 1 10; s read a 11 12", ""},
    {"AbortedReadIsNoBreach", "ryw+mr", "session", "all",
     "s write a 1 2; t write f 3 4 fail; s read f 5 6; s read a 7 8", ""},
    {"PhantomReadIsNoBreach", "ryw+mr", "session", "all", "s write a 1 2; s read ghost 3 4; s read a 5 6", ""},
    {"FutureReadIsNoBreach", "ryw+mr", "session", "all", "s write a 1 2; s read b 3 4; t write b 5 6; s read a 7 8",
     ""},
    {"FutureReadNeedsOneClock", "mr", "session", "none",
     "s write a 1 2; s read b 3 4 v=2; t write b 5 6; s read a 7 8 v=1", "3:facts"},
    {"DuplicateValueIsNoBreach", "ryw+mr", "session", "all",
     "s write a 1 2; t write a 3 4; s write b 5 6; s read a 7 8; s read b 9 10", ""},
    {"OtherVersionsOfADuplicatesKeyAreJudged", "ryw", "session", "all",
     "s write a 1 2; t write a 3 4; s write b 5 6; s read - 7 8", "3:facts"},
    {"FailedThenRetriedIsNoDuplicate", "ryw", "session", "all",
     "s write a 1 2 fail; s write a 3 4; s read a 5 6; s read - 7 8", "3:facts"},
};
INSTANTIATE_TEST_SUITE_P(LateAndFailedWrites, OracleOnKnownHistory, testing::ValuesIn(late_and_failed_writes),
                         case_name);

constexpr Case nothing_there[] = {
    {"MayBeADelete", "ryw", "session", "all", "s write a 1 2; t delete - 3 4; s read - 5 6", ""},
    {"DeleteIsOlderByRealTime", "ryw", "session", "all", "t delete - 1 2; s write a 3 4; s read - 5 6",
     "2:realtime-writes"},
    {"OwnDeleteIsOlder", "ryw", "session", "wo", "s delete - 1 2; s write a 3 4; s read - 5 6", "2:writer-order"},
    {"OwnDeleteUnseen", "ryw", "session", "wo", "s write a 1 2; s delete - 3 4; s read a 5 6", "2:writer-order"},
    {"OwnDeleteSeen", "ryw", "session", "all", "s write a 1 2; s delete - 3 4; s read - 5 6", ""},
    {"FailedDeleteIsNoCandidate", "ryw", "session", "all", "s write a 1 2; t delete - 3 4 fail; s read - 5 6",
     "2:facts"},
    {"UnsureDeleteMayLandLate", "ryw", "session", "all", "t delete - 1 2 info; s write a 3 4; s read - 5 6", ""},
    {"DeleteInvokedLaterIsNoCandidate", "ryw", "session", "oc", "s write a 1 2; s read - 3 4; t delete - 5 6",
     "1:facts"},
    {"DeleteInvokedLaterByAnotherClock", "ryw", "session", "none", "s write a 1 2; s read - 3 4; t delete - 5 6", ""},
    {"OneOfTwoDeletesIsEnough", "ryw", "session", "all", "t delete - 1 2; s write a 3 4; u delete - 3 7; s read - 6 8",
     ""},
    {"AmbiguousNullDrawsNoEdge", "mr", "session", "all", "t write a 1 2; t delete - 3 4; s read - 5 6; s read a 7 8",
     ""},
    {"NullAfterSomethingReadMayBeADelete", "mr", "session", "all",
     "t write a 1 2; s read a 3 4; t delete - 5 6; s read - 7 8", ""},
    {"NullAfterSomethingReadWithoutDeletes", "mr", "session", "none", "t write a 1 2; s read a 3 4; s read - 5 6",
     "2:facts"},
};
INSTANTIATE_TEST_SUITE_P(NothingThere, OracleOnKnownHistory, testing::ValuesIn(nothing_there), case_name);

constexpr Case monotonic_reads[] = {
    {"BackByWriterOrder", "mr", "session", "wo", "t write a 1 2; t write b 3 4; s read b 5 6; s read a 7 8",
     "3:writer-order"},
    {"ForthByWriterOrder", "mr", "session", "all", "t write a 1 2; t write b 3 4; s read a 5 6; s read b 7 8", ""},
    {"OverlappingReadsAreUnordered", "mr", "session", "all", "t write a 1 2; t write b 3 4; s read b 5 7; s read a 6 8",
     ""},
    {"TwoSessionsInOppositeOrders", "mr", "session", "none",
     "p write a 1 3; q write b 2 4; s read a 5 6; s read b 7 8; t read b 9 10; t read a 11 12", "5:facts"},
    {"ThereAndBackAgain", "mr", "session", "none",
     "p write a 1 3; q write b 2 4; s read a 5 6; s read b 7 8; s read a 9 10", "4:facts"},
    {"RejectedReadAddsNoEdge", "mr", "session", "wo",
     "t write a 1 2; t write b 3 4; s read b 5 6; s read a 7 8; s read b 9 10", "3:writer-order"},
    {"EachRejectedReadCounts", "mr", "session", "none",
     "p write a 1 3; q write b 2 4; s read a 5 6; s read b 7 8; t read b 9 10; t read a 11 12; u read b 13 14;"
     "u read a 15 16",
     "5:facts 7:facts"},
    {"CycleOfThreeSessions", "mr", "session", "none",
     "p write a 1 4; q write b 2 5; r write c 3 6; s read a 7 8; s read b 9 10; t read b 11 12; t read c 13 14;"
     "u read c 15 16; u read a 17 18",
     "8:facts"},
};
INSTANTIATE_TEST_SUITE_P(MonotonicReads, OracleOnKnownHistory, testing::ValuesIn(monotonic_reads), case_name);

constexpr Case writes[] = {
    {"WritesAgainstTheirVersions", "mw", "session", "none", "s write a 1 2 v=2; s write b 3 4 v=1", "1:facts"},
    {"FactsDropTheAssumption", "mw", "session", "all", "s write a 1 2 v=2; s write b 3 4 v=1",
     "1:facts dropped-writer-order dropped-realtime-writes"},
    {"UnacknowledgedFirstWrite", "mw", "session", "none", "s write a 1 2 info v=2; s write b 3 4 v=1", ""},
    {"UnsureSecondWriteSeen", "mw", "session", "none", "s write a 1 2 v=2; s write b 3 4 info; t read b 5 6 v=1",
     "1:facts"},
    {"NothingRecorded", "mw", "session", "all", "s write a 1 2; s write b 3 4", ""},
    {"WriteOlderThanWhatWasRead", "wfr", "session", "none", "t write a 1 2 v=2; s read a 3 4; s write b 5 6 v=1",
     "2:facts"},
    {"ThroughALaterOwnWrite", "wfr", "session", "wo",
     "t write a 1 2 v=3; s read a 3 4; s write b 5 6; s write c 7 8 v=2", "2:writer-order 3:facts"},
    {"OwnWriteReadAtATieIsNoEdge", "wfr", "session", "none", "s read a 1 2; s write a 2 3", ""},
    {"DeleteAgainstItsVersion", "mw", "session", "none", "s write a 1 2 v=2; s delete - 3 4 v=1", "1:facts"},
};
INSTANTIATE_TEST_SUITE_P(Writes, OracleOnKnownHistory, testing::ValuesIn(writes), case_name);

constexpr const char* lost_only_jointly = "s write a 1 3; q write b 2 4; s read b 5 6; t read b 7 8; t read a 9 10";

constexpr Case joint[] = {
    {"ReadYourWritesHolds", "ryw", "session", "none", lost_only_jointly, ""},
    {"MonotonicReadsHolds", "mr", "session", "none", lost_only_jointly, ""},
    {"TogetherTheyDoNot", "ryw+mr", "session", "none", lost_only_jointly, "4:facts"},
    {"BrokenAloneIsNoOwnEntry", "ryw+mr", "session", "none", "s write a 1 2; s read - 3 4", "broken-alone"},
    {"BrokenAloneAddsNoEdge", "ryw+mr", "session", "none",
     "s write a 1 2 v=2; q write b 3 4 v=1; s read b 5 6; t read b 7 8; t read a 9 10", "broken-alone"},
    {"WritesInOrderAndReadBack", "coherence", "session", "none", "s write a 1 2; s write b 3 4; s read a 5 6",
     "2:facts"},
    {"SuchAWriteIsNoPartOfTheReadGuarantees", "ryw+mr", "session", "none", "s write a 1 2; s write b 3 4; s read a 5 6",
     ""},
    {"SomeoneElseReadsThemBackwards", "mr+mw", "session", "none",
     "s write a 1 2; s write b 3 4; t read b 5 6; t read a 7 8", "3:facts"},
    {"AnswerReadBeforeItsQuestion", "mr+wfr", "session", "none",
     "p write a 1 2; s read a 3 4; s write b 5 6; t read b 7 8; t read a 9 10", "4:facts"},
    {"AnswerReadBeforeItsQuestionNeedsBoth", "ryw+mr+mw", "session", "none",
     "p write a 1 2; s read a 3 4; s write b 5 6; t read b 7 8; t read a 9 10", ""},
    {"AloneByAnAssumptionIsNoOwnEntryOnFacts", "ryw+mw", "session", "wo", "s write a 1 2; s write b 3 4; s read a 5 6",
     "broken-alone"},
    {"JointByAnAssumption", "ryw+mr", "process", "wo",
     "q write b 1 3; p.0 write a 2 4; p.1 write c 5 6; p.1 read b 7 8; t read b 9 10; t read a 11 12",
     "5:writer-order"},
    {"JointByAnAssumptionWithoutIt", "ryw+mr", "process", "none",
     "q write b 1 3; p.0 write a 2 4; p.1 write c 5 6; p.1 read b 7 8; t read b 9 10; t read a 11 12", ""},
};
INSTANTIATE_TEST_SUITE_P(Joint, OracleOnKnownHistory, testing::ValuesIn(joint), case_name);

constexpr const char* two_devices = "phone/ann write a 1 2; laptop/ann read - 3 4";
constexpr const char* reconnected = "s.0 write a 1 2; s.1 read - 3 4";

constexpr Case scopes_and_assumptions[] = {
    {"CookieHoldsPerSession", "ryw", "session", "all", two_devices, ""},
    {"CookieBreaksPerUser", "ryw", "user", "oc", two_devices, "1:facts"},
    {"UserNeedsOneClock", "ryw", "user", "none", two_devices, ""},
    {"SessionSurvivesReconnects", "ryw", "session", "none", reconnected, "1:facts"},
    {"ProcessDoesNot", "ryw", "process", "none", reconnected, ""},
    {"WriterOrderSpeaksOfTheSession", "ryw", "user", "wo+oc", "p/ann write a 1 2; q/ann write b 3 4; p/ann read a 5 6",
     ""},
    {"WriterOrderWhateverTheScope", "ryw", "process", "wo", "s.0 write a 1 2; s.1 write b 3 4; s.1 read a 5 6",
     "2:writer-order"},
    {"RealTimeAcrossTheUsersSessions", "ryw", "user", "all", "p/ann write a 1 2; q/ann write b 3 4; p/ann read a 5 6",
     "2:realtime-writes"},
    {"ContradictedByFacts", "ryw", "session", "wo", "s write a 1 2 v=2; s write b 3 4 v=1; s read a 5 6",
     "dropped-writer-order"},
    {"RealTimeContradictedWriterOrderNot", "ryw", "session", "all",
     "s write a 1 2 v=2; t write b 3 4 v=1; s write c 5 6; s read a 7 8", "3:writer-order dropped-realtime-writes"},
    {"DroppedOnItsKeyAlone", "ryw", "session", "wo",
     "s write a 1 2 v=2; s write b 3 4 v=1; s write c 5 6 k=y; s write d 7 8 k=y; s read c 9 10 k=y",
     "4:writer-order dropped-writer-order"},
    {"ViolationRemainsBesideADroppedAssumption", "ryw", "session", "wo",
     "s write a 1 2 v=2; s write b 3 4 v=1; s read - 5 6", "2:facts dropped-writer-order"},
};
INSTANTIATE_TEST_SUITE_P(ScopesAndAssumptions, OracleOnKnownHistory, testing::ValuesIn(scopes_and_assumptions),
                         case_name);

TEST(Anomalies, AreFoundAndCounted) {
  const auto anomalies = [](const char* text, bool one_clock = true, bool open = false) {
    return model_registers(story(text), one_clock, open).front().anomalies;
  };
  using Counts = std::map<std::string, std::size_t>;
  EXPECT_EQ(anomalies("s read ghost 1 2; s read ghost 3 4"), (Counts{{"phantom-read", 2}}));
  EXPECT_EQ(anomalies("s read ghost 1 2", true, true), (Counts{{"unexplained", 1}}));
  EXPECT_EQ(anomalies("s write a 1 2 fail; s read a 3 4"), (Counts{{"aborted-read", 1}}));
  EXPECT_EQ(anomalies("s read a 1 2; t write a 3 4"), (Counts{{"future-read", 1}}));
  EXPECT_EQ(anomalies("s read a 1 2; t write a 2 4"), Counts{});
  EXPECT_EQ(anomalies("s read a 1 2; t write a 3 4", false), Counts{});
  EXPECT_EQ(anomalies("s write a 1 2; t write a 3 4; s read a 5 6"), (Counts{{"duplicate-value", 1}}));
  EXPECT_EQ(anomalies("s write a 1 2 v=1; s read a 3 4 v=2; s read a 5 6 v=2"), (Counts{{"conflicting-version", 1}}));
  EXPECT_EQ(anomalies("s write a 1 2; s read - 3 4"), Counts{});
}

TEST(TotalOrders, EnumerationProvesWhatFollows) {
  TotalOrders orders(4);
  EXPECT_TRUE(orders.possible());
  EXPECT_FALSE(orders.proves(0, 2));
  orders.require(0, 1);
  orders.require(1, 2);
  EXPECT_TRUE(orders.proves(0, 2));
  EXPECT_FALSE(orders.proves(2, 0));
  EXPECT_FALSE(orders.proves(3, 0));
  orders.require(2, 0);
  EXPECT_FALSE(orders.possible());
  EXPECT_FALSE(orders.proves(0, 2));
  TotalOrders self(2);
  self.require(1, 1);
  EXPECT_FALSE(self.possible());
  EXPECT_THROW(TotalOrders(TotalOrders::max_things + 1), std::length_error);
}

TEST(Story, RefusesWhatItCannotRead) {
  EXPECT_THROW(story("s write a 1"), std::invalid_argument);
  EXPECT_THROW(story("s forget a 1 2"), std::invalid_argument);
  EXPECT_THROW(story("s read a 1 2 what"), std::invalid_argument);
  EXPECT_THROW(story("s read a 3 4; s read a 1 2"), std::invalid_argument);
}

}  // namespace
}  // namespace afterwrite::oracle
