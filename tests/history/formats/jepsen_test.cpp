#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/history/formats/complaint.hpp"

namespace afterwrite {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::string> operations(std::string_view text, const ReadOptions& options = {}) {
  return shown(read_history_text(text, "h", options));
}

/// One operation that is whole, by the values of its invocation and of its completion.
std::string op(const std::string& f, const std::string& invoked, const std::string& type,
               const std::string& completed) {
  return "{:type :invoke :f :" + f + " :value " + invoked + " :process 0 :time 1}\n{:type :" + type + " :f :" + f +
         " :value " + completed + " :process 0 :time 2}\n";
}

TEST(Jepsen, OneRegister) {
  EXPECT_THAT(operations(R"({:type :invoke, :f :write, :value 3, :process 0, :time 10, :index 0}
{:type :invoke, :f :read, :value nil, :process 1, :time 15, :index 1}
{:type :ok, :f :write, :value 3, :process 0, :time 20, :index 2}
{:type :ok, :f :read, :value 3, :process 1, :time 25, :index 3}
)"),
              ElementsAre("0 write register 3 ok [10,20] @3", "1 read register 3 ok [15,25] @4"));
}

TEST(Jepsen, KeysOfItsOwn) {
  EXPECT_THAT(operations(op("write", "[\"k\" 3]", "ok", "[\"k\" 3]")), ElementsAre("0 write k 3 ok [1,2] @2"));
  EXPECT_THAT(operations(op("read", "[4 nil]", "ok", "[4 \"a\"]")), ElementsAre("0 read 4 a ok [1,2] @2"));
  EXPECT_THAT(operations(op("read", "nil", "ok", "[4 nil]")), ElementsAre("0 read 4 nothing ok [1,2] @2"));
  EXPECT_THAT(operations("{:type :invoke :f :write :key :x :value 1 :process 0}"),
              ElementsAre("0 write :x 1 info [1,1] @1"));
}

TEST(Jepsen, AnIntegerAndAStringAreTwoKeys) {
  EXPECT_THAT(operations(op("write", "[1 5]", "ok", "nil") + op("write", "[\"1\" 6]", "ok", "nil")),
              ElementsAre(HasSubstr("write 1 5"), HasSubstr("write \"1\" 6")));
}

TEST(Jepsen, OutcomesThatAreNotOk) {
  EXPECT_THAT(operations(op("write", "3", "fail", "3") + op("read", "nil", "fail", "nil") +
                         op("write", "4", "info", "nil") + op("read", "nil", "info", ":timeout")),
              ElementsAre("0 write register 3 fail [1,2] @2", "0 read register nothing fail [1,2] @4",
                          "0 write register 4 info [1,2] @6", "0 read register nothing info [1,2] @8"));
}

TEST(Jepsen, WhatNeverCompletedIsUnknownToTheEnd) {
  EXPECT_THAT(operations("{:type :invoke :f :write :value 3 :process 7 :time 0}\n" + op("read", "nil", "ok", "3")),
              ElementsAre("0 read register 3 ok [1,2] @3", "7 write register 3 info [0,2] @1"));
}

TEST(Jepsen, CompareAndSet) {
  EXPECT_THAT(operations(op("cas", "[1 2]", "ok", "[1 2]")),
              ElementsAre("0 read register 1 ok [1,2] txn 1 @2", "0 write register 2 ok [1,2] txn 1 @2"));
  EXPECT_THAT(operations(op("cas", "[5 [1 2]]", "fail", "[5 [1 2]]")), ElementsAre("0 write 5 2 fail [1,2] @2"));
  EXPECT_THAT(operations(op("cas", "[5 [1 2]]", "info", "[5 [1 2]]")), ElementsAre("0 write 5 2 info [1,2] @2"));
  EXPECT_THAT(complaint(op("cas", "3", "ok", "3")), StartsWith("h:1: field ':value'"));
}

TEST(Jepsen, Transactions) {
  const std::string invoked = "[[:r 1 nil] [:w 1 5] [:append 2 6] [:r 2 nil]]";
  EXPECT_THAT(operations(op("txn", invoked, "ok", "[[:r 1 4] [:w 1 5] [:append 2 6] [:r 2 [3 6]]]")),
              ElementsAre("0 read 1 4 ok [1,2] txn 1 @2", "0 write 1 5 ok [1,2] txn 1 @2",
                          "0 append 2 6 ok [1,2] txn 1 @2", "0 read 2 [3, 6] ok [1,2] txn 1 @2"));
  EXPECT_THAT(operations(op("txn", invoked, "info", "nil")),
              ElementsAre("0 read 1 nothing info [1,2] txn 1 @2", "0 write 1 5 info [1,2] txn 1 @2",
                          "0 append 2 6 info [1,2] txn 1 @2", "0 read 2 nothing info [1,2] txn 1 @2"));
  EXPECT_THAT(operations(op("txn", "[[:append :x 1]]", "ok", "[[:append :x 1]]")),
              ElementsAre("0 append :x 1 ok [1,2] @2"));
}

TEST(Jepsen, ACompletionAnswersItsInvocation) {
  EXPECT_THAT(complaint(op("txn", "[[:r 1 nil]]", "ok", "[[:r 2 3]]")),
              StartsWith("h:2: field ':value': is of key 2, the invocation of key 1"));
  EXPECT_THAT(complaint(op("txn", "[[:r 1 nil]]", "ok", "[[:w 1 3]]")),
              HasSubstr("differs from the invocation in step 1"));
  EXPECT_THAT(complaint(op("read", "nil", "ok", "[[:r 1 3] [:r 2 3]]")), HasSubstr("on one side only"));
  EXPECT_THAT(complaint(op("txn", "[[:r 1 nil]]", "ok", "[[:r 1 3] [:r 1 3]]")), HasSubstr("2 steps"));
  EXPECT_THAT(complaint(op("txn", "[[:r 1 nil]]", "ok", "nil")), StartsWith("h:2: field ':value'"));
  EXPECT_THAT(complaint(op("read", "[1 nil]", "ok", "[2 3]")), StartsWith("h:2: field ':value': is of key 2"));
  EXPECT_THAT(complaint("{:type :invoke :f :read :value nil :process 0}\n{:type :ok :f :write :value 1 :process 0}"),
              StartsWith("h:2: field ':f': is :write, its invocation in line 1 is :read"));
}

/// Some clients choose the value themselves.
TEST(Jepsen, AWriteThatWasInvokedWithoutAValueHasThatOfItsCompletion) {
  EXPECT_THAT(operations(op("write", "nil", "ok", "3")), ElementsAre("0 write register 3 ok [1,2] @2"));
  EXPECT_THAT(operations(op("write", "[1 nil]", "ok", "[1 3]")), ElementsAre("0 write 1 3 ok [1,2] @2"));
  EXPECT_THAT(operations(op("txn", "[[:w 1 nil]]", "ok", "[[:w 1 3]]")), ElementsAre("0 write 1 3 ok [1,2] @2"));
  EXPECT_THAT(operations(op("write", "3", "ok", "[1 [3 4]]")), ElementsAre("0 write register 3 ok [1,2] @2"))
      << "what else a completion of a write says is not looked at";
}

TEST(Jepsen, NilIsTheStateOfWhatWasNeverWritten) {
  EXPECT_THAT(operations(op("write", "[1 nil]", "ok", "[1 nil]")), ElementsAre("0 delete 1 nothing ok [1,2] @2"));
}

TEST(Jepsen, OneVectorIsTheSameAsAMapALine) {
  const std::string lines = op("write", "3", "ok", "3");
  EXPECT_EQ(operations("[" + lines + "]\n"), operations(lines));
  EXPECT_EQ(operations("(" + lines + ")"), operations(lines));
  EXPECT_EQ(operations("; jepsen\n\n" + lines + "#_{:type :x}"),
            std::vector<std::string>{"0 write register 3 ok [1,2] @4"});
  EXPECT_THAT(operations("#jepsen.history.Op{:type :invoke :f :read :value nil :process 0}"), ::testing::SizeIs(1));
}

TEST(Jepsen, ClocksInTheOrderOfTheirWorth) {
  const auto text = [](const std::string& a, const std::string& b) {
    return "{:type :invoke :f :read :process 0 " + a + "}\n{:type :ok :f :read :value 1 :process 0 " + b + "}\n";
  };
  EXPECT_THAT(operations(text(":time 5 :index 0", ":time 9 :index 1")), ElementsAre(HasSubstr("[5,9]")));
  EXPECT_THAT(operations(text(":time -1 :index 7", ":time -1 :index 8")), ElementsAre(HasSubstr("[7,8]")));
  EXPECT_THAT(operations(text("", "")), ElementsAre(HasSubstr("[1,2]")));
  EXPECT_THAT(complaint(text(":time 5", "")), StartsWith("h:2: field ':time': is missing"));
  EXPECT_THAT(complaint(text(":time 5", ":time 4")),
              StartsWith("h:2: field ':time': is 4, before that of the invocation in"));
  EXPECT_THAT(complaint(text(":time 5", ":time 1.5")), StartsWith("h:2: field ':time': is 1.5"));
  EXPECT_THAT(complaint(text(":time 5", ":time 99999999999999999999")), HasSubstr("64 bits"));
  EXPECT_THAT(complaint(text(":time 5", ":time -7")), HasSubstr("from 0"));
}

TEST(Jepsen, OperationsComeInOrderOfCompletionWhateverTheFile) {
  EXPECT_THAT(
      operations(
          "{:type :invoke :f :read :process 0 :time 1}\n{:type :invoke :f :read :process 1 :time 2}\n"
          "{:type :ok :f :read :value 1 :process 0 :time 9}\n{:type :ok :f :read :value 2 :process 1 :time 8}\n"),
      ElementsAre("1 read register 2 ok [2,8] @4", "0 read register 1 ok [1,9] @3"));
}

TEST(Jepsen, NobodysOperationsAreLeftOutAndNoted) {
  const History history =
      read_history_text("{:type :info :f :kill :process :nemesis :time 1}\n" + op("read", "nil", "ok", "nil") +
                            "{:type :info :f :heal :process :nemesis :value {:a [1]} :time 3}\n",
                        "h");
  EXPECT_EQ(history.operations.size(), 1U);
  EXPECT_TRUE(history.faults.empty());
  EXPECT_THAT(history.notes, ElementsAre("left out: 2 operations of no client (heal, kill)"));
}

TEST(Jepsen, OtherFieldsAreKept) {
  const std::string text =
      "{:type :invoke :f :read :process 0 :session \"s1\" :user :ann :node n1}\n"
      "{:type :ok :f :read :value 1 :process 0 :position 17 :link [1 {:a 2}] :error nil}\n";
  const Operation op = read_history_text(text, "h").operations.at(0);
  EXPECT_EQ(op.session, "s1");
  EXPECT_EQ(op.process, "0");
  EXPECT_EQ(op.user, "ann");
  EXPECT_EQ(op.node, "n1");
  EXPECT_EQ(op.labels, (std::map<std::string, std::string>{{"position", "17"}, {"link", "[1 {:a 2}]"}}));
  EXPECT_EQ(op.version, std::nullopt);
}

TEST(Jepsen, AFieldCanBeTheVersion) {
  ReadOptions options;
  options.version_field = "position";
  const std::string write =
      "{:type :invoke :f :write :value 1 :process 0}\n{:type :ok :f :write :process 0 :position 17}\n";
  EXPECT_EQ(read_history_text(write, "h", options).operations.at(0).version, (RecordedVersion{0, 17}));
  const std::string failed =
      "{:type :invoke :f :write :value 2 :process 0}\n{:type :fail :f :write :process 0 :position 18}\n";
  EXPECT_EQ(read_history_text(write + failed, "h", options).operations.at(1).version, std::nullopt);
  EXPECT_THAT(
      complaint("{:type :invoke :f :write :value 1 :process 0}\n{:type :ok :f :write :process 0 :position \"a\"}",
                options),
      StartsWith("h:2: field ':position': is the string \"a\""));
  options.version_field = "positon";
  EXPECT_THAT(complaint(write, options), AllOf(HasSubstr("positon"), HasSubstr("it has position")));
  options.version_field = "position";
  EXPECT_THAT(complaint("r(1,0,0,0)\n", options), HasSubstr("--version-field"));
}

TEST(Jepsen, AnEpochStandsBesideAVersionOfThatName) {
  ReadOptions options;
  options.version_field = "version";
  const std::string invoked = "{:type :invoke :f :write :value 1 :process 0}\n";
  const std::string both = invoked + "{:type :ok :f :write :process 0 :version 17 :position 4 :epoch 3}\n";
  EXPECT_EQ(read_history_text(both, "h", options).operations.at(0).version, (RecordedVersion{3, 17}));
  EXPECT_THAT(complaint(invoked + "{:type :ok :f :write :process 0 :version 17 :epoch :new}", options),
              StartsWith("h:2: field ':epoch': is :new"));
  options.version_field = "position";
  EXPECT_EQ(read_history_text(both, "h", options).operations.at(0).version, (RecordedVersion{0, 4}))
      << "what another program calls so need not be a leader's reign";
}

TEST(Jepsen, AWriteOfUnknownOutcomeMayBearItsVersion) {
  ReadOptions options;
  options.version_field = "version";
  const std::string invoked = "{:type :invoke :f :write :value 1 :process 0}\n";
  EXPECT_EQ(read_history_text(invoked + "{:type :info :f :write :process 0 :version 17}", "h", options)
                .operations.at(0)
                .version,
            (RecordedVersion{0, 17}));
}

TEST(Jepsen, AVersionOfSeveralKeysIsNotTaken) {
  ReadOptions options;
  options.version_field = "position";
  const History history = read_history_text(
      "{:type :invoke :f :txn :value [[:w 1 2] [:w 2 3]] :process 0}\n"
      "{:type :ok :f :txn :value [[:w 1 2] [:w 2 3]] :process 0 :position 5}\n",
      "h", options);
  EXPECT_EQ(history.operations.at(0).version, std::nullopt);
  EXPECT_EQ(history.operations.at(1).version, std::nullopt);
  EXPECT_THAT(history.notes, ElementsAre(HasSubstr(":position of 1 transactions is not taken")));
}

TEST(Jepsen, ALastLineThatWasCutOffIsNoted) {
  const std::string whole = op("write", "3", "ok", "3");
  for (const std::string torn :
       {"{", "{:type :inv", "{:type :invoke :f :read :value \"x", "#jepsen.hist", "{:a [1 2 #_"}) {
    const History history = read_history_text(whole + torn, "h");
    EXPECT_EQ(history.operations.size(), 1U) << torn;
    EXPECT_TRUE(history.truncated);
    EXPECT_THAT(history.notes, ElementsAre("line 3 was cut off in mid-write and is left out"));
    EXPECT_TRUE(read_history_text("[" + whole + torn, "h").truncated) << torn;
  }
  EXPECT_FALSE(read_history_text(whole, "h").truncated);
  EXPECT_TRUE(read_history_text("[" + whole, "h").truncated);
}

/// It would take everything below with it.
TEST(Jepsen, ABracketMissingAboveIsNoCutOff) {
  const std::string whole = op("write", "3", "ok", "3");
  EXPECT_THAT(complaint("{:type :invoke :process 0 :f :read\n" + whole), StartsWith("h:1: "));
  EXPECT_THAT(complaint(whole + "{:type :invoke\n"), StartsWith("h:3: what begins here is never closed"));
}

TEST(Jepsen, WhatCannotBeUnderstood) {
  EXPECT_THAT(complaint("{:type :invoke :f :read :process 0 :time 1}\n{:type :invoke :f :read :process 0 :time 2}"),
              StartsWith("h:2: field ':process': 0 invokes while its operation of line 1 is in flight"));
  EXPECT_THAT(complaint("{:type :ok :f :read :value 1 :process 0}"),
              StartsWith("h:1: field ':process': 0 completes what it did"));
  EXPECT_THAT(complaint("{:type :info :f :read :value 1 :process 0}"), StartsWith("h:1: field ':process'"));
  EXPECT_THAT(complaint("{:f :read :process 0}"), StartsWith("h:1: field ':type': is missing"));
  EXPECT_THAT(complaint("{:type :okay :f :read :process 0}"), StartsWith("h:1: field ':type': is :okay"));
  EXPECT_THAT(complaint("{:type :invoke :f :read}"), StartsWith("h:1: field ':process': is missing"));
  EXPECT_THAT(complaint("{:type :invoke :f :read :process \"p\"}"),
              StartsWith("h:1: field ':process': is the string \"p\""));
  EXPECT_THAT(complaint("{:type :invoke :f :read :process 0 :process 1}"),
              StartsWith("h:1: field ':process': comes twice"));
  EXPECT_THAT(complaint("{:type :invoke :f :add :value 1 :process 0}"), StartsWith("h:1: field ':f': is :add"));
  EXPECT_THAT(complaint("{:type :invoke :value 1 :process 0}"), StartsWith("h:1: field ':f': is missing"));
  EXPECT_THAT(complaint("{:type :invoke :f :write :value 1.5 :process 0}"),
              StartsWith("h:1: field ':value': holds 1.5"));
  EXPECT_THAT(complaint("{:type :invoke :f :write :value [1 2 3] :process 0}"), StartsWith("h:1: field ':value'"));
  EXPECT_THAT(complaint("{:type :invoke :f :write :value {:a 1} :process 0}"),
              StartsWith("h:1: field ':value': holds a map"));
  EXPECT_THAT(complaint("{:type :invoke :f :append :value [1 nil] :process 0}"),
              StartsWith("h:1: field ':value': nil"));
  EXPECT_THAT(complaint("{:type :invoke :f :txn :value [[:inc 1 2]] :process 0}"),
              StartsWith("h:1: field ':value': holds [:inc"));
  EXPECT_THAT(complaint("{:type :invoke :f :txn :value 3 :process 0}"), StartsWith("h:1: field ':value': is 3"));
  EXPECT_THAT(complaint("{:type :invoke :f :write :value 1 :process 0}\n7", as(HistoryFormat::jepsen_edn)),
              StartsWith("h:2: is 7; an operation is a map"));
  EXPECT_THAT(complaint("[" + op("read", "nil", "ok", "1") + "] {:a 1}"), StartsWith("h:3: something follows"));
  EXPECT_THAT(
      complaint("{:type :invoke :f :write :value 1 :process 0}\n{:type :invoke :f :write :value [1 2] :process 1}"),
      StartsWith("h:2: field ':value'"));
  EXPECT_THAT(
      complaint("{:type :invoke :f :write :value [1 2] :process 0}\n{:type :invoke :f :write :value 1 :process 1}"),
      StartsWith("h:2: field ':value': is no pair"));
}

TEST(Jepsen, NothingToJudge) {
  EXPECT_THAT(complaint("[]", as(HistoryFormat::jepsen_edn)), StartsWith("h: holds no operation of a client"));
  EXPECT_THAT(complaint("", as(HistoryFormat::jepsen_edn)), StartsWith("h: holds no operation of a client"));
  EXPECT_THAT(complaint("{:type :info :f :kill :process :nemesis}"), StartsWith("h: holds no operation of a client"));
}

TEST(Jepsen, LongNamesAreKeptWholeAndShownShort) {
  const std::string name(1'000'000, 'x');
  const std::string text =
      "{:type :invoke :f :read :process 0 :session \"" + name + "\"}\n{:type :ok :f :read :value 1 :process 0}\n";
  EXPECT_EQ(read_history_text(text, "h").operations.at(0).session.size(), name.size());
  EXPECT_LT(complaint("{:type :" + name + " :f :read :process 0}").size(), 200U);
}

TEST(Jepsen, VouchesForWhatJepsenDoes) {
  EXPECT_THAT(*read_history_text(op("read", "nil", "ok", "1"), "h").header.assume,
              ElementsAre("writer-order", "one-clock"));
}

}  // namespace
}  // namespace afterwrite
