#include "adapters/http/extraction.hpp"

#include <gmock/gmock.h>

#include "adapters/http/position.hpp"

namespace afterwrite::http {
namespace {

using testing::HasSubstr;

Answer answer(std::string body, Headers headers = {{"Content-Type", "application/json"}}) {
  return {.status = 200, .headers = std::move(headers), .body = std::move(body), .address = ""};
}

Found<Value> value_in(const std::string& body, const char* pointer, bool list = false,
                      std::vector<nlohmann::json> nothing = {}, std::optional<nlohmann::json::json_pointer> each = {}) {
  const Answer given = answer(body);
  Answered answered(given, [](std::string_view text) { return std::string(text); });
  return value_of(answered, {{nlohmann::json::json_pointer(pointer), ""}, std::move(each), std::move(nothing)}, list);
}

TEST(Extraction, TextsAndWholeNumbersAreValues) {
  EXPECT_EQ(value_in(R"({"a": {"bio": "s0-1"}})", "/a/bio").what, Value("s0-1"));
  EXPECT_EQ(value_in(R"([7])", "/0").what, Value(std::int64_t{7}));
  EXPECT_EQ(value_in(R"("s0-1")", "").what, Value("s0-1"));
}

// None of these is "nothing there": a read that cannot be understood decides nothing.
TEST(Extraction, WhatIsNoValueIsAProblemAndNeverNull) {
  const std::pair<const char*, const char*> strange[]{{"<html>Please log in</html>", "no JSON"},
                                                      {"", "empty"},
                                                      {R"({"bio": )", "no JSON"},
                                                      {R"({"Bio": "x"})", "has no /bio"},
                                                      {R"({"bio": null})", "null"},
                                                      {R"({"bio": true})", "neither"},
                                                      {R"({"bio": 1.5})", "neither"},
                                                      {R"({"bio": {}})", "neither"},
                                                      {R"({"bio": 18446744073709551615})", "neither"}};
  for (const auto& [body, problem] : strange) {
    const auto found = value_in(body, "/bio");
    EXPECT_FALSE(found.what.has_value()) << body;
    EXPECT_THAT(found.problem, HasSubstr(problem)) << body;
  }
}

TEST(Extraction, DeepBodiesAreNotRead) {
  const auto found = value_in("{\"v\":" + std::string(4'100'000, '['), "/v");
  EXPECT_FALSE(found.what);
  EXPECT_THAT(found.problem, HasSubstr("is nested more than 64 deep"));
  EXPECT_EQ(value_in(R"({"v": 1, "v": 2})", "/v").what, Value(std::int64_t{2}));
}

TEST(Extraction, CompressedBodiesAreNamed) {
  const Answer given = answer("\x1f\x8b", {{"Content-Type", "application/json"}, {"content-encoding", "gzip"}});
  Answered answered(given, [](std::string_view text) { return std::string(text); });
  EXPECT_THAT(text_in(answered, {nlohmann::json::json_pointer("/v"), ""}).problem, HasSubstr("Content-Encoding: gzip"));
}

TEST(Extraction, ValuesThatStandForNothingAreNull) {
  EXPECT_EQ(value_in(R"({"bio": ""})", "/bio", false, {""}).what, Value{});
  EXPECT_EQ(value_in(R"({"bio": null})", "/bio", false, {nullptr}).what, Value{});
  EXPECT_EQ(value_in(R"({"bio": ""})", "/bio").what, Value(""));
}

TEST(Extraction, Lists) {
  EXPECT_EQ(value_in(R"(["a", 2])", "", true).what, Value(List{"a", std::int64_t{2}}));
  EXPECT_EQ(value_in(R"([])", "", true).what, Value(List{}));
  EXPECT_EQ(value_in(R"([{"t": "a"}])", "", true, {}, nlohmann::json::json_pointer("/t")).what, Value(List{"a"}));
  EXPECT_FALSE(value_in(R"("a")", "", true).what);
  EXPECT_FALSE(value_in(R"([["a"]])", "", true).what);
  EXPECT_FALSE(value_in(R"([{"u": "a"}])", "", true, {}, nlohmann::json::json_pointer("/t")).what);
  EXPECT_FALSE(value_in(R"(["a"])", "", false).what);
}

TEST(Extraction, HeadersAndText) {
  const Answer given = answer("s0-1\n", {{"X-Position", "17"}, {"X-Empty", ""}});
  Answered answered(given, [](std::string_view text) { return std::string(text); });
  EXPECT_EQ(text_in(answered, {{}, "x-position"}).what, "17");
  EXPECT_EQ(number_in(answered, {{}, "X-Position"}).what, 17);
  EXPECT_FALSE(text_in(answered, {{}, "X-Empty"}).what);
  EXPECT_THAT(text_in(answered, {{}, "X-Other"}).problem, HasSubstr("X-Other"));
  EXPECT_EQ(value_of(answered, {{}, {}, {}}, false).what, Value("s0-1"));
  EXPECT_FALSE(number_in(answered, {}).what);
}

TEST(Position, NumbersCompareHoweverLargeAndOthersDoNot) {
  EXPECT_EQ(position_at_least("10", "9"), true);
  EXPECT_EQ(position_at_least("9", "10"), false);
  EXPECT_EQ(position_at_least("007", "7"), true);
  EXPECT_EQ(position_at_least("100000000000000000000000", "99999999999999999999999"), true);
  EXPECT_EQ(position_at_least("rev-2", "rev-1"), std::nullopt);
  EXPECT_EQ(position_at_least("", "1"), std::nullopt);
}

TEST(Position, TheGreatestNumberIsCarriedElseTheLastWrite) {
  CarriedPosition numbers;
  numbers.learn("5", true);
  numbers.learn("9", false);
  numbers.learn("7", true);
  EXPECT_EQ(numbers.text(), "9");
  CarriedPosition opaque;
  opaque.learn("r1", false);
  opaque.learn("r2", false);
  EXPECT_EQ(opaque.text(), "r2");
  opaque.learn("w1", true);
  opaque.learn("r3", false);
  EXPECT_EQ(opaque.text(), "w1");
}

}  // namespace
}  // namespace afterwrite::http
