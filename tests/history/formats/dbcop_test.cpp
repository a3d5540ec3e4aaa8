#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/history/formats/complaint.hpp"

namespace afterwrite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<std::string> operations(std::string_view text) {
  return shown(read_history_text(text, "h", as(HistoryFormat::dbcop)));
}

std::string session(const std::string& events, const std::string& committed = "true") {
  return R"([[{"events":[)" + events + R"(],"committed":)" + committed + "}]]";
}

TEST(Dbcop, SessionsOfTransactions) {
  EXPECT_THAT(operations(R"([
  [{"events":[{"Write":{"variable":1,"version":7}},
              {"Read":{"variable":2,"version":null}}],"committed":true},
   {"events":[{"Read":{"version":7,"variable":1}}],"committed":true}],
  [{"events":[{"Read":{"variable":1,"version":0}}],"committed":true}]])"),
              ElementsAre("1 write 1 7 ok [0,1] txn 1 @2", "1 read 2 nothing ok [0,1] txn 1 @3",
                          "1 read 1 7 ok [2,3] txn 2 @4", "2 read 1 nothing ok [4,5] txn 3 @5"));
}

TEST(Dbcop, TheWholeThatItsGeneratorWrites) {
  const std::string whole =
      R"({"params":{"id":0,"n_node":1},"info":"generated [","start":"2025","end":"2025","data":)" +
      session(R"({"Write":{"variable":1,"version":7}})") + "}\n";
  EXPECT_THAT(operations(whole), ElementsAre("1 write 1 7 ok [0,1] txn 1 @1"));
  EXPECT_EQ(recognise_format(whole), HistoryFormat::dbcop);
}

TEST(Dbcop, TheCompactAndTheOlderForm) {
  EXPECT_THAT(operations(session(R"(["w",1,7],["r","x",null])")),
              ElementsAre("1 write 1 7 ok [0,1] txn 1 @1", "1 read x nothing ok [0,1] txn 1 @1"));
  EXPECT_THAT(operations(R"([[{"events":[{"write":true,"variable":1,"value":7,"success":true},
    {"write":true,"variable":1,"value":8,"success":false}],"success":true}]])"),
              ElementsAre("1 write 1 7 ok [0,1] txn 1 @1", "1 write 1 8 fail [0,1] txn 1 @2"));
}

TEST(Dbcop, UncommittedIsFailed) {
  EXPECT_THAT(operations(session(R"(["w",1,7],["r",2,3])", "false")),
              ElementsAre("1 write 1 7 fail [0,1] txn 1 @1", "1 read 2 nothing fail [0,1] txn 1 @1"));
}

TEST(Dbcop, WhatCannotBeUnderstood) {
  const auto bad = [](const std::string& text) { return complaint(text, as(HistoryFormat::dbcop)); };
  EXPECT_THAT(bad(session(R"(["x",1,7])")), StartsWith("h:1: field 'events'"));
  EXPECT_THAT(bad(session(R"(["w",1])")), StartsWith("h:1: field 'events'"));
  EXPECT_THAT(bad(session(R"(["w",1,null])")), StartsWith("h:1: field 'version': is null"));
  EXPECT_THAT(bad(session(R"(["w",1,99999999999999999999])")), HasSubstr("64 bits"));
  EXPECT_THAT(bad(session(R"(["w",1.5,1])")), StartsWith("h:1: field 'variable'"));
  EXPECT_THAT(bad(session(R"({"Write":{"variable":1}})")), StartsWith("h:1: field 'version': is missing"));
  EXPECT_THAT(bad(session(R"({"Scan":{"variable":1,"version":1}})")), StartsWith("h:1: field 'events'"));
  EXPECT_THAT(bad(session(R"({"Write":7})")), StartsWith("h:1: field 'Write': is 7"));
  EXPECT_THAT(bad(session("7")), StartsWith("h:1: field 'events': holds 7"));
  EXPECT_THAT(bad(session(R"(["w",1,2])", "1")), StartsWith("h:1: field 'committed': is 1"));
  EXPECT_THAT(bad(R"([[{"events":[]}]])"), StartsWith("h:1: field 'committed': is missing"));
  EXPECT_THAT(bad(R"([[{"committed":true}]])"), StartsWith("h:1: field 'events': is missing"));
  EXPECT_THAT(bad("[[7]]"), StartsWith("h:1: a transaction is 7"));
  EXPECT_THAT(bad("[7]"), StartsWith("h:1: '7' stands here; a session is an array"));
  EXPECT_THAT(bad(R"({"params":{}})"), StartsWith("h:1: field 'data': is missing"));
  EXPECT_THAT(bad(R"({"data":[],"data":[]})"), HasSubstr("comes twice"));
  EXPECT_THAT(bad("[[]]"), StartsWith("h: holds no operation"));
  EXPECT_THAT(bad(session(R"(["w",1,2])") + "[]"), StartsWith("h:1: something follows"));
}

TEST(Dbcop, AFileThatWasCutOff) {
  const std::string whole = session(R"(["w",1,7],{"Read":{"variable":2,"version":null}})");
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_NE(complaint(whole.substr(0, size), as(HistoryFormat::dbcop)), "") << size;
}

TEST(Dbcop, Bombs) {
  EXPECT_THAT(complaint("[[" + std::string(1'000'000, '['), as(HistoryFormat::dbcop)),
              HasSubstr("nested more than 64"));
  EXPECT_THAT(complaint("[[{\"events\":[" + std::string(20U << 20U, ' '), as(HistoryFormat::dbcop)),
              HasSubstr("longer than"));
}

}  // namespace
}  // namespace afterwrite
