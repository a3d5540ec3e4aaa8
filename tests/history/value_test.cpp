#include "harness/history/value.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>
#include <simdjson.h>

#include "harness/history/operation.hpp"
#include "harness/history/text.hpp"
#include "tests/history/any_operation.hpp"

namespace afterwrite {
namespace {

TEST(Display, ShowsPlainValuesBare) {
  EXPECT_EQ(display(Value{std::string("s0-1")}), "s0-1");
  EXPECT_EQ(display(Value{std::int64_t{-7}}), "-7");
  EXPECT_EQ(display(Value{}), "nothing");
  EXPECT_EQ(display(Value{List{std::string("a"), std::int64_t{2}}}), "[a, 2]");
  EXPECT_EQ(display(Value{List{}}), "[]");
}

TEST(Display, QuotesWhatCouldBeTakenForSomethingElse) {
  EXPECT_EQ(display(Value{std::string("7")}), "\"7\"");
  EXPECT_EQ(display(Value{std::string("-7")}), "\"-7\"");
  EXPECT_EQ(display(Value{std::string("-")}), "-");
  EXPECT_EQ(display(Value{std::string()}), "\"\"");
  EXPECT_EQ(display(Value{std::string("nothing")}), "\"nothing\"");
  EXPECT_EQ(display(Value{std::string(" padded")}), "\" padded\"");
  EXPECT_EQ(display(Value{List{std::string("a, b"), std::string("say \"x\"")}}), R"(["a, b", "say \"x\""])");
}

TEST(Display, ShortensWithAnEllipsis) {
  EXPECT_EQ(display(Value{std::string(100, 'x')}, 10), "xxxxxxx\u2026");
  EXPECT_EQ(display(Value{std::string(10, 'x')}, 10), "xxxxxxxxxx");
  const auto numbers = [](std::int64_t last) {
    List list;
    for (std::int64_t i = 1; i <= last; ++i)
      list.emplace_back(i);
    return Value{list};
  };
  EXPECT_EQ(display(numbers(3), 9), "[1, 2, 3]");
  EXPECT_EQ(display(numbers(3), 8), "[\u2026 3 elements]");
  EXPECT_EQ(display(numbers(1000), 30), "[\u2026 998 earlier, 999, 1000]");
  EXPECT_EQ(display(Value{List{std::string(100, 'x')}}, 20), "[xxxxxxx\u2026]");
}

TEST(VisibleText, NeverCutsACharacter) {
  EXPECT_EQ(visible_text("\u00fc\u00fc\u00fc\u00fc", 7), "\u00fc\u00fc\u2026");
  EXPECT_EQ(visible_text("\u00fc\u00fc\u00fc\u00fc", 8), "\u00fc\u00fc\u00fc\u00fc");
  EXPECT_EQ(visible_text("\U0001F600\U0001F600", 6), "\u2026");
}

TEST(VisibleText, DisarmsWhatATerminalWouldObey) {
  EXPECT_EQ(visible_text("a\x1b[31mb\nc\td\r\\"), "a\\u001b[31mb\\nc\\td\\r\\\\");
  EXPECT_EQ(visible_text(std::string("\0\x7f", 2)), "\\u0000\\u007f");
  EXPECT_EQ(visible_text("x\u202ey\u200bz\u0085\ufeff\U000E0041"), "x\\u202ey\\u200bz\\u0085\\ufeff\\ue0041");
  EXPECT_EQ(visible_text("\xff\xfeok"), "\ufffd\ufffdok");
}

RC_GTEST_PROP(VisibleText, IsAlwaysOneShortLineOfValidText, (const std::string& text)) {
  const auto limit = *rc::gen::inRange<std::size_t>(3, 80);
  const std::string shown = visible_text(text, limit);
  RC_ASSERT(shown.size() <= limit);
  RC_ASSERT(simdjson::validate_utf8(shown));
  for (const char c : shown)
    RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
}

RC_GTEST_PROP(VisibleText, GoodTextIsLeftAlone, ()) {
  const std::string text = *rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'z'));
  RC_ASSERT(visible_text(text, text.size()) == text);
  RC_ASSERT(valid_utf8(text) == text);
}

TEST(VisibleJson, ShowsWhatHidesAndSaysTheSame) {
  const std::string json = nlohmann::json{{"a", "\u202egnp.exe \x7f \u200f \U000e0041 \u00e4 \\"}, {"b", 7}}.dump();
  const std::string shown = visible_json(json);
  EXPECT_EQ(shown, R"({"a":"\u202egnp.exe \u007f \u200f \udb40\udc41 )"
                   "\u00e4"
                   R"( \\","b":7})");
  EXPECT_EQ(nlohmann::json::parse(shown), nlohmann::json::parse(json));
}

TEST(Values, AStringOfDigitsIsNotTheInteger) {
  EXPECT_NE(Value{std::string("7")}, Value{std::int64_t{7}});
  EXPECT_EQ(to_value(Scalar{std::int64_t{7}}), Value{std::int64_t{7}});
  EXPECT_EQ(to_scalar(Value{std::string("7")}), Scalar{std::string("7")});
  EXPECT_THROW(to_scalar(Value{}), std::bad_variant_access);
  EXPECT_THROW(to_scalar(Value{List{}}), std::bad_variant_access);
}

TEST(Names, EveryEnumeratorComesBackFromItsName) {
  for (const Function f : {Function::read, Function::write, Function::append, Function::remove}) {
    EXPECT_EQ(parse_function(to_string(f)), f);
  }
  for (const Outcome o : {Outcome::ok, Outcome::fail, Outcome::info})
    EXPECT_EQ(parse_outcome(to_string(o)), o);
  for (const Role r : {Role::unknown, Role::leader, Role::follower})
    EXPECT_EQ(parse_role(to_string(r)), r);
  EXPECT_EQ(to_string(Function::remove), "delete");
  EXPECT_EQ(parse_function("remove"), std::nullopt);
  EXPECT_EQ(parse_outcome("OK"), std::nullopt);
  EXPECT_EQ(parse_role(""), std::nullopt);
}

}  // namespace
}  // namespace afterwrite
