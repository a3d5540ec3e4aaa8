#include "harness/history/line_splitter.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "harness/history/reader.hpp"

namespace afterwrite {
namespace {

/// Gives `text` out in pieces of at most `piece` bytes.
LineSplitter::Source pieces(std::string text, std::size_t piece) {
  return [text = std::move(text), piece, at = std::size_t{0}](char* buffer, std::size_t size) mutable {
    const std::size_t part = std::min({size, piece, text.size() - at});
    text.copy(buffer, part, at);
    at += part;
    return part;
  };
}

RC_GTEST_PROP(LineSplitter, LinesArePutTogetherFromAnyPieces, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('a', 'b', '\n'));
  LineSplitter lines(pieces(text, *rc::gen::inRange<std::size_t>(1, 9)), 1000, 8);
  std::string joined;
  std::uint64_t count = 0;
  while (const auto line = lines.next()) {
    joined += line->text;
    if (line->terminated) joined += '\n';
    RC_ASSERT(lines.number() == ++count);
  }
  RC_ASSERT(joined == text);
}

TEST(LineSplitter, TheLongestLineIsAllowedAndOneByteMoreIsNot) {
  LineSplitter fits(pieces(std::string(10, 'x') + "\n", 3), 10, 8);
  EXPECT_EQ(fits.next()->text.size(), 10U);
  for (const std::string end : {"", "\n"}) {
    LineSplitter too_long(pieces("short\n" + std::string(11, 'x') + end, 3), 10, 8);
    EXPECT_EQ(too_long.next()->text, "short");
    EXPECT_THROW(too_long.next(), BadLine);
    EXPECT_EQ(too_long.number(), 2U);
  }
}

TEST(LineSplitter, AnEndlessLineIsNotSwallowed) {
  std::size_t given = 0;
  const auto endless = [&](char* buffer, std::size_t size) {
    std::fill_n(buffer, size, 'x');
    given += size;
    return size;
  };
  LineSplitter lines(endless, max_line_bytes, 64);
  EXPECT_THROW(lines.next(), BadLine);
  EXPECT_LE(given, max_line_bytes + (2U << 20U));
}

TEST(LineSplitter, ALongLineIsReadWhole) {
  const std::string long_value(5U << 20U, 'y');
  const History history = read_history_text(R"({"kind":"op","session":"s","f":"write","key":"k","value":")" +
                                                long_value + R"(","type":"ok","invoke":1,"complete":2})",
                                            "x");
  EXPECT_EQ(std::get<std::string>(history.operations.at(0).value), long_value);
}

}  // namespace
}  // namespace afterwrite
