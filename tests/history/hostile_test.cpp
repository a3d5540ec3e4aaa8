#include <array>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/history/reader.hpp"
#include "harness/history/text.hpp"
#include "harness/history/writer.hpp"

namespace afterwrite {
namespace {

/// Texts that have broken other programs.
std::vector<std::string> hostile_texts() {
  std::vector<std::string> texts{"\"},\"kind\":\"end\"",
                                 "\\",
                                 "\\u0000",
                                 "line\nfeed",
                                 "\r\n",
                                 std::string("nul\0inside", 10),
                                 "\x1b]0;title\x07",
                                 "\u2028\u2029",
                                 "\u202emirror",
                                 "\U0001F9E8",
                                 "</testcase>]]>",
                                 "%s%n{}",
                                 "'; DROP TABLE t; --",
                                 std::string(100'000, '"')};
  std::string all_bytes;
  for (int byte = 0; byte < 0x80; ++byte)
    all_bytes += static_cast<char>(byte);
  texts.push_back(all_bytes);
  return texts;
}

/// Bytes that are no UTF-8: overlong, surrogate, cut off, beyond the last character, stray.
const std::array<std::string, 6> broken_texts{"a\xc0\x80z",         "a\xed\xa0\x80z", "a\xe2\x82",
                                              "a\xf5\x80\x80\x80z", "a\xffz",         "\x80"};

Operation operation_full_of(const std::string& text) {
  Operation operation;
  operation.session = operation.user = operation.process = operation.key = operation.node = text;
  operation.position = operation.txn = operation.intent = operation.error = text;
  operation.labels = {{text, text}};
  operation.function = Function::read;
  operation.outcome = Outcome::ok;
  operation.value = List{text, std::int64_t{1}};
  return operation;
}

TEST(Hostile, TextsSurviveTheFile) {
  for (const std::string& text : hostile_texts()) {
    std::string line;
    append_operation_line(line, operation_full_of(text), 0);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const Operation read = read_history_text(line + "\n", "x").operations.at(0);
    EXPECT_EQ(read.session, text);
    EXPECT_EQ(read.key, text);
    EXPECT_EQ(read.error, text);
    EXPECT_EQ(read.labels.at(text), text);
    EXPECT_EQ(std::get<List>(read.value).at(0), Scalar{text});
  }
}

TEST(Hostile, BrokenBytesAreReplacedAndTheLineStaysReadable) {
  for (const std::string& text : broken_texts) {
    std::string line;
    append_operation_line(line, operation_full_of(text), 0);
    const Operation read = read_history_text(line + "\n", "x").operations.at(0);
    EXPECT_EQ(read.key, valid_utf8(text));
    EXPECT_NE(read.key.find("\ufffd"), std::string::npos);
  }
}

TEST(Hostile, EveryOtherKindOfLineBearsItToo) {
  std::vector<std::string> texts = hostile_texts();
  texts.insert(texts.end(), broken_texts.begin(), broken_texts.end());
  for (const std::string& text : texts) {
    Header header;
    header.system = header.workload = header.policy = text;
    header.all["command"] = text;
    FaultEvent event;
    event.fault = event.episode = text;
    event.phase = "start";
    event.targets = {text};
    event.detail["why"] = text;
    LagSample sample;
    sample.node = text;
    sample.lag_ms = std::numeric_limits<double>::infinity();
    const History history = read_history_text(header_line(header) + "\n" + fault_line(event) + "\n" + lag_line(sample) +
                                                  "\n" + footer_line(0, {{"why", text}}) + "\n",
                                              "x");
    EXPECT_EQ(history.header.system, valid_utf8(text));
    EXPECT_EQ(history.header.all.at("command"), valid_utf8(text));
    EXPECT_EQ(history.faults.at(0).detail.at("why"), valid_utf8(text));
    EXPECT_EQ(history.lags.at(0).node, valid_utf8(text));
    EXPECT_EQ(history.footer.at("why"), valid_utf8(text));
  }
}

TEST(Hostile, MessagesShowNoControlCharacters) {
  const std::string line = R"({"kind":"op","session":"s","f":"\u001b[2J\u202e)" + std::string(5000, 'x') +
                           R"(","key":"k","value":1,"type":"ok","invoke":1,"complete":2})";
  try {
    read_history_text(line, "x");
    FAIL();
  } catch (const BadHistory& bad) {
    const std::string said = bad.what();
    EXPECT_LT(said.size(), 200U);
    EXPECT_NE(said.find("\\u001b[2J\\u202e"), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace afterwrite
