#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/history/formats/complaint.hpp"

namespace afterwrite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::string> operations(std::string_view text, const ReadOptions& options = {}) {
  return shown(read_history_text(text, "h", options));
}

TEST(Plume, ReadsAndWrites) {
  EXPECT_THAT(operations("w(1,5,0,0)\nr(1,5,0,1)\nr(1,0,3,2)\n"),
              ElementsAre("0 write 1 5 ok [0,1] txn 0 @1", "0 read 1 5 ok [2,3] txn 1 @2",
                          "3 read 1 nothing ok [4,5] txn 2 @3"));
}

TEST(Plume, OperationsOfATransactionOverlapAndTheNextOneFollows) {
  EXPECT_THAT(
      operations("w(1,5,0,7)\nw(2,6,0,7)\nr(1,5,0,8)\n"),
      ElementsAre("0 write 1 5 ok [0,1] txn 7 @1", "0 write 2 6 ok [0,1] txn 7 @2", "0 read 1 5 ok [2,3] txn 8 @3"));
}

TEST(Plume, ATransactionIsTakenUpAgainAtItsPlace) {
  EXPECT_THAT(operations("w(1,5,0,7)\nw(1,6,1,8)\nw(2,6,0,7)\n"),
              ElementsAre(HasSubstr("[0,1] txn 7 @1"), HasSubstr("[0,1] txn 7 @3"), HasSubstr("[2,3] txn 8 @2")));
}

TEST(Plume, AbortedIsFailed) {
  EXPECT_THAT(operations("w(1,5,0,-1)\nr(1,5,0,-1)\n"),
              ElementsAre("0 write 1 5 fail [0,1] @1", "0 read 1 nothing fail [2,3] @2"));
}

TEST(Plume, NothingIsAssumedAcrossSessions) {
  const History history = read_history_text("r(1,5,0,0)\nw(1,5,1,1)\n", "h");
  EXPECT_THAT(*history.header.assume, ElementsAre("writer-order"));
  EXPECT_EQ(times_of(history.header), Times::none);
  EXPECT_THAT(history.notes, IsEmpty());
  EXPECT_FALSE(history.truncated);
}

TEST(Plume, BlanksAndLineEndsOfOtherSystems) {
  EXPECT_THAT(operations("\n w( 1 , 5 ,0,0) \r\n\r\nr(1,5,0,1)"), ElementsAre(HasSubstr("@2"), HasSubstr("@4")));
}

TEST(Plume, ALastLineThatWasCutOffIsNoted) {
  for (const char* torn : {"w", "w(", "w(1", "w(1,5", "w(1,5,0,", "r(1,5,0,11"}) {
    const History history = read_history_text(std::string("w(1,5,0,0)\n") + torn, "h");
    EXPECT_EQ(history.operations.size(), 1U) << torn;
    EXPECT_TRUE(history.truncated);
    EXPECT_THAT(history.notes.front(), StartsWith("line 2 was cut off in mid-write"));
  }
}

TEST(Plume, WhatCannotBeUnderstood) {
  EXPECT_THAT(complaint("w(1,5,0,0)\nx(1,5,0,1)\n"), StartsWith("h:2: 'x(1,5,0,1)' is no operation; write r("));
  EXPECT_THAT(complaint("w(1,5,0)\n"), StartsWith("h:1: field 'session' is not followed by ','"));
  EXPECT_THAT(complaint("w(a,5,0,0)\n"), StartsWith("h:1: field 'key': is 'a'"));
  EXPECT_THAT(complaint("w(1,,0,0)\n"), StartsWith("h:1: field 'value': is ''"));
  EXPECT_THAT(complaint("w(1,99999999999999999999,0,0)\n"),
              StartsWith("h:1: field 'value': is 99999999999999999999, which"));
  EXPECT_THAT(complaint("w(1,5,-3,0)\n"), StartsWith("h:1: field 'session': is -3"));
  EXPECT_THAT(complaint("w(1,5,0,-2)\n"), StartsWith("h:1: field 'txn': is -2"));
  EXPECT_THAT(complaint("w(1,5,0,0) w(1,6,0,1)\n"), StartsWith("h:1: ' w(1,6,0,1)' follows the operation"));
  EXPECT_THAT(complaint("w(1,5,0,7)\nw(1,6,1,7)\n"),
              StartsWith("h:2: field 'txn': transaction 7 is of session 0 in line 1"));
  EXPECT_THAT(complaint(std::string("w(1,5,0,0)\n\0\0\0\n", 15)), StartsWith("h:2: "));
  EXPECT_THAT(complaint("w(1,5,0,0)\n\xff\xfe\n"), StartsWith("h:2: "));
  EXPECT_THAT(complaint("", as(HistoryFormat::plume)), StartsWith("h: holds no operation"));
}

TEST(Plume, AnEnormousLine) {
  EXPECT_THAT(complaint("w(" + std::string(20U << 20U, '1')), StartsWith("h:1: longer than"));
  EXPECT_LT(complaint("w(1,5,0,0)\n" + std::string(1'000'000, 'x') + "\n").size(), 300U);
}

TEST(Initial, AWriteOfItIsADelete) {
  EXPECT_THAT(operations("w(1,5,0,0)\nw(1,0,0,1)\nr(1,0,1,2)\n"),
              ElementsAre(HasSubstr("write 1 5"), HasSubstr("delete 1 nothing ok"), HasSubstr("read 1 nothing")));
}

TEST(Initial, AnotherValueMayBe) {
  ReadOptions options;
  options.initial = Scalar{std::int64_t{9}};
  EXPECT_THAT(operations("w(1,0,0,0)\nr(1,9,1,1)\n", options),
              ElementsAre(HasSubstr("write 1 0"), HasSubstr("read 1 nothing")));
  options.initial = Scalar{std::string("none")};
  const std::string line =
      R"({"kind":"op","session":"s","f":"read","key":"k","value":"none","type":"ok","invoke":1,"complete":2})";
  EXPECT_THAT(operations(line, options), ElementsAre("s read k nothing ok [1,2] @1"));
  EXPECT_THAT(operations(line), ElementsAre("s read k none ok [1,2] @1"));
}

/// As AWDIT writes it.
TEST(Initial, ATransactionThatSetsEveryKeyUpIsLeftOut) {
  const History history = read_history_text("w(1,5,0,0)\nr(2,0,0,1)\nw(1,0,1,2)\nw(2,0,1,2)\n", "h");
  EXPECT_THAT(shown(history), ElementsAre(HasSubstr("write 1 5"), HasSubstr("read 2 nothing")));
  EXPECT_THAT(history.notes, ::testing::Contains(HasSubstr("transaction 2 sets every key to 0")));
}

TEST(Initial, WhatMayBeAResetIsADelete) {
  for (const char* text : {
           "w(1,5,0,0)\nw(1,0,1,2)\n",                                      // one key alone
           "w(1,5,0,0)\nr(2,0,0,1)\nw(1,0,1,2)\n",                          // not every key
           "w(1,5,0,0)\nr(2,0,0,1)\nr(1,5,1,2)\nw(1,0,1,3)\nw(2,0,1,3)\n",  // not the first of its session
           "w(1,5,0,0)\nr(1,5,1,2)\nw(1,0,1,2)\nw(2,0,1,2)\n",              // does more
           "w(1,5,0,0)\nw(1,0,1,2)\nw(2,0,1,2)\nw(1,0,2,3)\n",              // again
           "w(1,5,0,0)\nr(2,0,0,1)\nw(1,0,1,-1)\nw(2,0,1,-1)\n",            // aborted
       }) {
    EXPECT_THAT(operations(text), ::testing::Contains(HasSubstr("delete 1"))) << text;
  }
}

}  // namespace
}  // namespace afterwrite
