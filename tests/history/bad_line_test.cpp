#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/history/reader.hpp"

namespace afterwrite {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string good_line =
    R"({"kind":"op","session":"s","f":"write","key":"k","value":"v","type":"ok","invoke":10,"complete":20})";

/// What the reader says of `text`; empty if it does not mind.
std::string complaint(const std::string& text) {
  try {
    read_history_text(text, "h.jsonl");
    return "";
  } catch (const BadHistory& bad) {
    return bad.what();
  }
}

/// Of a good line in which one field was set to `json`.
std::string complaint_with(const std::string& field, const std::string& json) {
  nlohmann::ordered_json line = nlohmann::ordered_json::parse(good_line);
  line[field] = nlohmann::ordered_json::parse(json);
  return complaint(good_line + "\n" + line.dump() + "\n");
}

MATCHER_P(Names, field, "") {
  return std::string(arg).starts_with("h.jsonl:2: field '" + std::string(field) + "': is ");
}

TEST(BadLine, TheGoodLineIsGood) {
  EXPECT_EQ(complaint(good_line), "");
}

TEST(BadLine, EachNeededFieldIsMissed) {
  for (const std::string field : {"kind", "session", "f", "key", "value", "type", "invoke", "complete"}) {
    nlohmann::json line = nlohmann::json::parse(good_line);
    line.erase(field);
    const std::string said = complaint(good_line + "\n" + line.dump() + "\n");
    EXPECT_THAT(said, AllOf(StartsWith("h.jsonl:2: field '" + field + "': is missing; write")));
  }
}

TEST(BadLine, MistypedFields) {
  EXPECT_THAT(complaint_with("kind", "3"), Names("kind"));
  EXPECT_THAT(complaint_with("session", "3"), Names("session"));
  EXPECT_THAT(complaint_with("session", "null"), Names("session"));
  EXPECT_THAT(complaint_with("session", "\"\""), Names("session"));
  EXPECT_THAT(complaint_with("user", "[]"), Names("user"));
  EXPECT_THAT(complaint_with("process", "{}"), Names("process"));
  EXPECT_THAT(complaint_with("key", "1"), Names("key"));
  EXPECT_THAT(complaint_with("invoke", "\"10\""), Names("invoke"));
  EXPECT_THAT(complaint_with("complete", "20.5"), Names("complete"));
  EXPECT_THAT(complaint_with("node", "1"), Names("node"));
  EXPECT_THAT(complaint_with("version", "\"3\""), Names("version"));
  EXPECT_THAT(complaint_with("epoch", "true"), Names("epoch"));
  EXPECT_THAT(complaint_with("position", "3"), Names("position"));
  EXPECT_THAT(complaint_with("txn", "3"), Names("txn"));
  EXPECT_THAT(complaint_with("intent", "3"), Names("intent"));
  EXPECT_THAT(complaint_with("waited_ms", "\"3\""), Names("waited_ms"));
  EXPECT_THAT(complaint_with("waited_ms", "-1"), Names("waited_ms"));
  EXPECT_THAT(complaint_with("fallback", "1"), Names("fallback"));
  EXPECT_THAT(complaint_with("labels", "[]"), Names("labels"));
  EXPECT_THAT(complaint_with("labels", R"({"a":1})"), HasSubstr("field 'labels': has an integer for 'a'"));
  EXPECT_THAT(complaint_with("error", "[]"), Names("error"));
  EXPECT_THAT(complaint_with("i", "-1"), Names("i"));
}

TEST(BadLine, UnknownNamesAreAnsweredWithTheKnownOnes) {
  EXPECT_EQ(complaint_with("f", "\"cas\""), "h.jsonl:2: field 'f': is 'cas'; write one of read, write, append, delete");
  EXPECT_EQ(complaint_with("type", "\"okay\""), "h.jsonl:2: field 'type': is 'okay'; write one of ok, fail, info");
  EXPECT_EQ(complaint_with("role", "\"master\""),
            "h.jsonl:2: field 'role': is 'master'; write one of leader, follower, unknown");
  EXPECT_EQ(complaint_with("kind", "\"operation\""),
            "h.jsonl:2: field 'kind': is 'operation'; write one of header, op, fault, lag, end");
}

TEST(BadLine, ValuesThatDoNotFitTheFunction) {
  EXPECT_THAT(complaint_with("value", "null"), Names("value"));
  EXPECT_THAT(complaint_with("value", "[1]"), Names("value"));
  EXPECT_THAT(complaint_with("value", "1.5"), Names("value"));
  EXPECT_THAT(complaint_with("value", "{}"), Names("value"));
  EXPECT_THAT(complaint_with("value", "true"), Names("value"));
  EXPECT_THAT(complaint_with("f", "\"delete\""), Names("value"));
  const std::string read =
      R"({"kind":"op","session":"s","f":"read","key":"k","value":VALUE,"type":"TYPE","invoke":1,"complete":2})";
  const auto of_read = [&](std::string value, std::string type) {
    std::string line = read;
    line.replace(line.find("VALUE"), 5, value);
    line.replace(line.find("TYPE"), 4, type);
    return complaint(line);
  };
  EXPECT_EQ(of_read("[1,\"a\"]", "ok"), "");
  EXPECT_EQ(of_read("null", "info"), "");
  EXPECT_THAT(of_read("[1,null]", "ok"), HasSubstr("field 'value': holds null"));
  EXPECT_THAT(of_read("[[1]]", "ok"), HasSubstr("field 'value': is an array"));
  EXPECT_THAT(of_read("1", "fail"), HasSubstr("field 'value': is there although the read is `fail`"));
}

TEST(BadLine, NumbersOutOfRange) {
  EXPECT_THAT(complaint_with("value", "18446744073709551615"), Names("value"));
  EXPECT_THAT(complaint_with("invoke", "18446744073709551615"), Names("invoke"));
  EXPECT_THAT(complaint_with("invoke", "-1"), Names("invoke"));
  std::string giant = good_line;
  giant.replace(giant.find("10"), 2, "123456789012345678901234567890");
  EXPECT_THAT(complaint(giant + "\n"), StartsWith("h.jsonl:1: field 'invoke': is a number that does not fit"));
  std::string beyond = good_line;
  beyond.replace(beyond.find("10"), 2, "1e999");
  EXPECT_THAT(complaint(beyond + "\n"), StartsWith("h.jsonl:1: a number is out of range"));
}

TEST(BadLine, CompletionBeforeInvocation) {
  EXPECT_EQ(complaint_with("complete", "9"),
            "h.jsonl:2: field 'complete': is 9, before `invoke` (10); take both from "
            "one monotonic clock");
  EXPECT_EQ(complaint_with("invoke", "20"), "") << "both at one tick is possible";
}

TEST(BadLine, AFieldThatComesTwice) {
  std::string line = good_line;
  line.insert(line.size() - 1, R"(,"key":"other")");
  EXPECT_THAT(complaint(line), StartsWith("h.jsonl:1: field 'key': comes twice"));
}

TEST(BadLine, OptionalFieldsMayBeNullAndUnknownOnesAnything) {
  EXPECT_EQ(complaint_with("version", "null"), "");
  EXPECT_EQ(complaint_with("labels", "null"), "");
  EXPECT_EQ(complaint_with("mood", R"({"a":[1.5,{"b":null}]})"), "");
}

TEST(BadLine, Header) {
  EXPECT_EQ(complaint(R"({"kind":"header"})"), "") << "a header may say nothing";
  EXPECT_EQ(complaint(R"({"kind":"header","schema":"afterwrite.history/2"})"),
            "h.jsonl:1: field 'schema': is 'afterwrite.history/2', which this afterwrite cannot read; it reads "
            "afterwrite.history/1");
  for (const std::string field : {R"("system":1)", R"("workload":{})", R"("policy":[])", R"("seed":-1)",
                                  R"("assume":"writer-order")", R"("assume":[1])", R"("min_at_risk":1.5)", R"("times":"nome")", R"("times":1)"}) {
    EXPECT_THAT(complaint(R"({"kind":"header",)" + field + "}\n"),
                StartsWith("h.jsonl:1: field '" + field.substr(1, field.find('"', 1) - 1) + "': "));
  }
}

TEST(BadLine, FaultsAndLagSamples) {
  EXPECT_THAT(complaint(R"({"kind":"fault","time":1,"fault":"lag"})"), HasSubstr("field 'phase': is missing"));
  EXPECT_THAT(complaint(R"({"kind":"fault","time":1,"fault":"lag","phase":"stop"})"),
              HasSubstr("field 'phase': is 'stop'; write one of start, end, proof"));
  EXPECT_THAT(complaint(R"({"kind":"fault","time":-1,"fault":"lag","phase":"end"})"), HasSubstr("field 'time'"));
  EXPECT_THAT(complaint(R"({"kind":"fault","time":1,"fault":"lag","phase":"end","targets":"node-1"})"),
              HasSubstr("field 'targets'"));
  EXPECT_THAT(complaint(R"({"kind":"fault","time":1,"fault":"lag","phase":"end","detail":3})"),
              HasSubstr("field 'detail'"));
  EXPECT_THAT(complaint(R"({"kind":"lag","time":1,"node":"n"})"), HasSubstr("field 'lag_ms': is missing"));
  EXPECT_THAT(complaint(R"({"kind":"lag","time":1,"node":"n","lag_ms":-3})"), HasSubstr("field 'lag_ms'"));
  EXPECT_THAT(complaint(R"({"kind":"lag","time":1,"node":"n","lag_ms":3,"beat_acknowledged":"x"})"),
              HasSubstr("field 'beat_acknowledged'"));
  EXPECT_EQ(complaint(R"({"kind":"lag","time":1,"node":"n","reachable":false})"), "");
  EXPECT_THAT(complaint(R"({"kind":"end","ops":"1"})"), HasSubstr("field 'ops'"));
  EXPECT_THAT(complaint(R"({"kind":"end"})"), HasSubstr("field 'ops': is missing"));
}

TEST(BadLine, NoJsonAtAll) {
  EXPECT_THAT(complaint("hello\n"), StartsWith("h.jsonl:1: not JSON from byte 1 on"));
  EXPECT_THAT(complaint("[1,2]\n"), StartsWith("h.jsonl:1: no JSON object"));
  EXPECT_THAT(complaint("{\"kind\":\"op\" \"i\":1}\n"), StartsWith("h.jsonl:1: not JSON from byte 16 on"));
  EXPECT_THAT(complaint(good_line + good_line + "\n"), StartsWith("h.jsonl:1: not JSON"));
  EXPECT_THAT(complaint("{\"kind\":\"op\",\"session\":\"\xff\"}\n"), StartsWith("h.jsonl:1: not valid UTF-8"));
  EXPECT_THAT(complaint(std::string("{\0}\n", 4)), StartsWith("h.jsonl:1: not JSON"));
  EXPECT_THAT(complaint(R"({"x":)" + std::string(100'000, '[') + "\n"), StartsWith("h.jsonl:1: n"));
  EXPECT_THAT(complaint(R"({"x":)" + std::string(100, '[') + std::string(100, ']') + "}\n"),
              StartsWith("h.jsonl:1: nested more than 64"));
}

}  // namespace
}  // namespace afterwrite
