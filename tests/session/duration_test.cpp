#include "harness/session/duration.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "harness/session/errors.hpp"

namespace afterwrite {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Duration parsed(std::string_view text) {
  return parse_duration(text, "--lag");
}

std::string refusal(std::string_view text) {
  try {
    const Duration duration = parse_duration(text, "--lag");
    return "accepted as " + std::to_string(duration.count()) + "ns";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(ParseDuration, ReadsEveryUnit) {
  EXPECT_EQ(parsed("500ms"), 500ms);
  EXPECT_EQ(parsed("2s"), 2s);
  EXPECT_EQ(parsed("250us"), 250us);
  EXPECT_EQ(parsed("7ns"), 7ns);
  EXPECT_EQ(parsed("3m"), 3min);
  EXPECT_EQ(parsed("2h"), 2h);
  EXPECT_EQ(parsed("0"), 0ns);
  EXPECT_EQ(parsed("0s"), 0ns);
}

TEST(ParseDuration, FractionsAreExact) {
  EXPECT_EQ(parsed("1.5s"), 1500ms);
  EXPECT_EQ(parsed("0.1s"), 100ms);
  EXPECT_EQ(parsed("1.25m"), 75s);
  EXPECT_EQ(parsed("0.000000001s"), 1ns);
  EXPECT_EQ(parsed("1.50000000000000s"), 1500ms);
  EXPECT_EQ(parsed("5.0ns"), 5ns);
}

TEST(ParseDuration, RefusesWhatIsNone) {
  for (const char* text :
       {"", "ms", "fast", "5x", "5 ms", " 5ms", "5ms ", "1.s", ".5s", "1.5.5s", "1e3s", "+5s", "5MS"}) {
    EXPECT_EQ(refusal(text), "--lag: '" + std::string(text) +
                                 "' is no duration; write a number and a unit, such as 500ms, 2s, 1.5s or 3m "
                                 "(units: ns, us, ms, s, m, h)");
  }
}

TEST(ParseDuration, SaysWhatIsWrong) {
  EXPECT_THAT(refusal("500"), HasSubstr("--lag: '500' has no unit; write"));
  EXPECT_THAT(refusal("-5ms"), HasSubstr("'-5ms' is negative; write"));
  EXPECT_THAT(refusal("0.5ns"), HasSubstr("'0.5ns' is finer than a nanosecond; write"));
  EXPECT_THAT(refusal("0.0000000001s"), HasSubstr("is finer than a nanosecond"));
}

TEST(ParseDuration, OverflowIsRefusedAtTheEdge) {
  EXPECT_EQ(parsed("9223372036854775807ns"), Duration::max());
  EXPECT_EQ(parsed("9223372036.854775807s"), Duration::max());
  for (const char* text :
       {"9223372036854775808ns", "9223372036.854775808s", "9223372037s", "2562048h", "99999999999999999999999999s"}) {
    EXPECT_THAT(refusal(text), HasSubstr("is too long (at most about 292 years)"));
  }
}

TEST(FormatDuration, ShortestExactForm) {
  EXPECT_EQ(format_duration(0ns), "0");
  EXPECT_EQ(format_duration(500ms), "500ms");
  EXPECT_EQ(format_duration(2s), "2s");
  EXPECT_EQ(format_duration(1500ms), "1.5s");
  EXPECT_EQ(format_duration(1'000'001ns), "1.000001ms");
  EXPECT_EQ(format_duration(250us), "250us");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(3min), "3m");
  EXPECT_EQ(format_duration(90min), "90m");
  EXPECT_EQ(format_duration(2h), "2h");
  EXPECT_EQ(format_duration(-500ms), "-500ms");
  EXPECT_EQ(format_duration(Duration::min()), "-9223372036.854775808s");
}

RC_GTEST_PROP(FormatDuration, ReadsBackAsItself, ()) {
  const auto magnitude = *rc::gen::inRange(0, 19);
  std::int64_t bound = 9;
  for (int i = 0; i < magnitude && bound < 900'000'000'000'000'000; ++i)
    bound *= 10;
  const Duration duration{*rc::gen::inRange<std::int64_t>(0, bound)};
  RC_ASSERT(parse_duration(format_duration(duration), "test") == duration);
}

}  // namespace
}  // namespace afterwrite
