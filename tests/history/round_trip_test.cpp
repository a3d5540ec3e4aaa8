#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sstream>

#include "harness/history/reader.hpp"
#include "harness/history/writer.hpp"
#include "tests/history/any_operation.hpp"

namespace afterwrite {
namespace {

RC_GTEST_PROP(RoundTrip, EveryOperationComesBackAsItWas, ()) {
  std::vector<Operation> written;
  std::string text;
  const auto count = *rc::gen::inRange<std::size_t>(1, 8);
  for (std::size_t i = 0; i < count; ++i) {
    written.push_back(any_operation(i == 0 ? 0 : written.back().complete));
    append_operation_line(text, written.back(), i);
    text += '\n';
  }
  text += footer_line(written.size()) + '\n';

  const History history = read_history_text(text, "generated");
  RC_ASSERT(!history.truncated);
  RC_ASSERT(history.operations.size() == written.size());
  for (std::size_t i = 0; i < count; ++i) {
    RC_ASSERT(fields_of(history.operations[i]) == fields_of(written[i]));
    RC_ASSERT(history.operations[i].line == i + 1);
  }
}

/// Whatever is done to a history's bytes, the reader says yes or BadHistory; the sanitizer builds watch the rest.
RC_GTEST_PROP(RoundTrip, ADamagedHistoryIsReadOrRefused, ()) {
  std::string text = header_line({}) + '\n';
  append_operation_line(text, any_operation(0), 0);
  text += '\n' + footer_line(1) + '\n';
  const auto damages = *rc::gen::inRange(1, 4);
  for (int i = 0; i < damages; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        text.erase(at, *rc::gen::inRange<std::size_t>(1, 20));
        break;
      default:
        text.insert(at, *rc::gen::arbitrary<std::string>());
        break;
    }
    if (text.empty()) break;
  }
  try {
    for (const Operation& operation : read_history_text(text, "damaged").operations) {
      RC_ASSERT(operation.complete >= operation.invoke);
      RC_ASSERT(!operation.session.empty());
    }
  } catch (const BadHistory& bad) {
    RC_ASSERT(std::string(bad.what()).starts_with("damaged:"));
  }
}

/// A run that is killed may leave any prefix: it reads, unless not one whole line is left.
RC_GTEST_PROP(RoundTrip, EveryPrefixCanStillBeRead, ()) {
  std::string text = header_line({}) + '\n';
  const std::size_t first_line = text.size();
  Nanoseconds time = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const Operation operation = any_operation(time);
    time = operation.complete;
    append_operation_line(text, operation, i);
    text += '\n';
  }
  const auto size = *rc::gen::inRange<std::size_t>(first_line, text.size() + 1);
  const History history = read_history_text(text.substr(0, size), "prefix");
  RC_ASSERT(history.truncated);
  // A line that lacks nothing but its line feed is whole.
  RC_ASSERT(history.notes.size() <= 1);
}

RC_GTEST_PROP(RoundTrip, FaultsComeBackAsTheyWere, ()) {
  FaultEvent event;
  event.time = *rc::gen::inRange<Nanoseconds>(0, 1'000'000'000'000);
  event.fault = *any_text();
  event.phase = *rc::gen::element<std::string>("start", "end", "proof");
  event.episode = *any_text();
  event.targets = *rc::gen::container<std::vector<std::string>>(any_text());
  event.detail = nlohmann::json{{*any_name(), *any_text()}, {"bit", *rc::gen::arbitrary<bool>()}, {"ms", 1.5}};
  const History history = read_history_text(fault_line(event), "generated");
  RC_ASSERT(history.faults.size() == 1U);
  const FaultEvent& read = history.faults.front();
  RC_ASSERT(read.time == event.time);
  RC_ASSERT(read.fault == event.fault);
  RC_ASSERT(read.phase == event.phase);
  RC_ASSERT(read.episode == event.episode);
  RC_ASSERT(read.targets == event.targets);
  RC_ASSERT(read.detail == event.detail);
}

RC_GTEST_PROP(RoundTrip, LagSamplesComeBackAsTheyWere, ()) {
  LagSample sample;
  sample.time = *rc::gen::inRange<Nanoseconds>(0, 1'000'000'000'000);
  sample.node = *any_text();
  sample.reachable = *rc::gen::arbitrary<bool>();
  if (sample.reachable) sample.lag_ms = *rc::gen::inRange(0, 1'000'000) / 1000.0;
  if (*rc::gen::arbitrary<bool>()) sample.beat_acknowledged = *rc::gen::inRange<Nanoseconds>(0, 1'000'000);
  const History history = read_history_text(lag_line(sample), "generated");
  RC_ASSERT(history.lags.size() == 1U);
  const LagSample& read = history.lags.front();
  RC_ASSERT(read.time == sample.time);
  RC_ASSERT(read.node == sample.node);
  RC_ASSERT(read.reachable == sample.reachable);
  RC_ASSERT(read.lag_ms == sample.lag_ms);
  RC_ASSERT(read.beat_acknowledged == sample.beat_acknowledged);
}

TEST(RoundTrip, HeaderAndFooter) {
  Header header;
  header.system = "postgres";
  header.workload = "register";
  header.policy = "recent-writer:5s";
  header.seed = 18446744073709551615U;
  header.assume = std::vector<std::string>{};
  header.all = {{"min_at_risk", 30}, {"nodes", {"node-0"}}, {"system", "the field of the struct wins"}};
  const History history =
      read_history_text(header_line(header) + "\n" + footer_line(0, {{"reason", "interrupted"}, {"ops", 9}}), "x");
  EXPECT_EQ(history.header.system, "postgres");
  EXPECT_EQ(history.header.workload, "register");
  EXPECT_EQ(history.header.policy, "recent-writer:5s");
  EXPECT_EQ(history.header.seed, 18446744073709551615U);
  ASSERT_TRUE(history.header.assume.has_value());
  EXPECT_TRUE(history.header.assume->empty());
  EXPECT_EQ(history.header.all.at("min_at_risk"), 30);
  EXPECT_EQ(history.footer.at("reason"), "interrupted");
  EXPECT_EQ(history.footer.at("ops"), 0);
  EXPECT_FALSE(history.truncated);
}

/// What a caller left in a field that means nothing must not make the file unreadable.
TEST(RoundTrip, AReadWithoutAnAnswerHasNoValue) {
  Operation operation;
  operation.session = "s0";
  operation.function = Function::read;
  operation.outcome = Outcome::info;
  operation.value = std::string("left over");
  operation.waited_ms = std::numeric_limits<double>::quiet_NaN();
  std::string line;
  append_operation_line(line, operation, 0);
  EXPECT_EQ(line, R"({"kind":"op","i":0,"session":"s0","f":"read","key":"","value":null,"type":"info",)"
                  R"("invoke":0,"complete":0})");
  EXPECT_TRUE(is_null(read_history_text(line, "x").operations.at(0).value));
}

TEST(RoundTrip, WithoutAProcessTheSessionIsOneAndWithoutAUserThereIsNone) {
  const Operation operation =
      read_history_text(
          R"({"kind":"op","session":"s7","f":"write","key":"k","value":1,"type":"ok","invoke":1,"complete":2})", "x")
          .operations.at(0);
  EXPECT_EQ(operation.user, "") << "a name would make it one with the sessions of a user called s7";
  EXPECT_EQ(operation.process, "s7");
}

TEST(RoundTrip, EpochAloneIsIgnoredAndVersionAloneIsOfEpochZero) {
  const std::string start =
      R"({"kind":"op","session":"s","f":"read","key":"k","value":1,"type":"ok","invoke":1,"complete":2)";
  const auto version = [&](const std::string& fields) {
    return read_history_text(start + fields + "}", "x").operations.at(0).version;
  };
  EXPECT_EQ(version(""), std::nullopt);
  EXPECT_EQ(version(R"(,"epoch":4)"), std::nullopt);
  EXPECT_EQ(version(R"(,"version":9)"), (RecordedVersion{0, 9}));
  EXPECT_EQ(version(R"(,"epoch":4,"version":9)"), (RecordedVersion{4, 9}));
}

}  // namespace
}  // namespace afterwrite
