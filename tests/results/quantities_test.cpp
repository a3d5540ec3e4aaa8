#include "results/quantities.hpp"

#include <gtest/gtest.h>

#include "results/text_layout.hpp"

namespace afterwrite {
namespace {

TEST(Quantities, PercentilesAreMeasuredValues) {
  std::vector<double> values;
  for (int i = 100; i >= 1; --i)
    values.push_back(i);
  const Distribution d = distribution(values);
  EXPECT_EQ(d.count, 100U);
  EXPECT_DOUBLE_EQ(d.mean, 50.5);
  EXPECT_DOUBLE_EQ(d.median, 50);
  EXPECT_DOUBLE_EQ(d.p90, 90);
  EXPECT_DOUBLE_EQ(d.p99, 99);
  EXPECT_DOUBLE_EQ(d.max, 100);
  EXPECT_DOUBLE_EQ(distribution({7}).p99, 7);
  EXPECT_EQ(distribution({}).count, 0U);
}

TEST(Quantities, TimesAreShownAsShortAsTheyAreMeant) {
  EXPECT_EQ(milliseconds_text(0), "0 ms");
  EXPECT_EQ(milliseconds_text(0.00004), "under 0.1 µs");
  EXPECT_EQ(milliseconds_text(0.0004), "0.4 µs");
  EXPECT_EQ(milliseconds_text(0.012), "12 µs");
  EXPECT_EQ(milliseconds_text(0.0994), "99 µs");
  EXPECT_EQ(milliseconds_text(0.0995), "0.10 ms");
  EXPECT_EQ(milliseconds_text(0.42), "0.42 ms");
  EXPECT_EQ(milliseconds_text(0.999), "1.0 ms");
  EXPECT_EQ(milliseconds_text(12.34), "12.3 ms");
  EXPECT_EQ(milliseconds_text(99.96), "100 ms");
  EXPECT_EQ(milliseconds_text(212.05), "212 ms");
  EXPECT_EQ(milliseconds_text(999.7), "1.00 s");
  EXPECT_EQ(milliseconds_text(3019), "3.02 s");
  EXPECT_EQ(milliseconds_text(9996), "10.0 s");
  EXPECT_EQ(milliseconds_text(75'300), "75.3 s");
}

TEST(Quantities, SharesInPercent) {
  EXPECT_EQ(percent_text(0), "0 %");
  EXPECT_EQ(percent_text(3.0 / 412), "0.73 %");
  EXPECT_EQ(percent_text(0.0898), "9.0 %");
  EXPECT_EQ(percent_text(0.122), "12.2 %");
  EXPECT_EQ(percent_text(0.00996), "1.0 %");
  EXPECT_EQ(percent_text(1), "100 %");
  EXPECT_EQ(percent_text(0.9996), "over 99.9 %");
  EXPECT_EQ(counted(1, "read"), "1 read");
  EXPECT_EQ(counted(0, "read"), "0 reads");
}

TEST(TextLayout, WrapsUnderTheLabelAndKeepsUnitsWithTheirNumbers) {
  TextLayout out(false);
  std::string text;
  for (int i = 0; i < 60; ++i)
    text += "12 ms; ";
  out.item("label: ", text + "end");
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = out.text().find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = out.text().substr(begin, end - begin);
    EXPECT_LE(line.size(), TextLayout::columns);
    EXPECT_EQ(line.find(begin == 0 ? "label: 12 ms;" : "       12 ms;"), 0U) << line;
  }
}

TEST(TextLayout, AWordThatIsTooLongStandsAloneAndWhole) {
  TextLayout out(false);
  out.item("- ", "short " + std::string(300, 'x') + " short");
  EXPECT_EQ(out.text(), "- short\n  " + std::string(300, 'x') + "\n  short\n");
}

TEST(TextLayout, ColoursOnlyIfAsked) {
  EXPECT_EQ(TextLayout(false).toned("x", Tone::bad), "x");
  EXPECT_EQ(TextLayout(true).toned("x", Tone::bad), "\x1b[1;31mx\x1b[0m");
  EXPECT_EQ(TextLayout(true).toned("x", Tone::plain), "x");
  EXPECT_EQ(width("\u00fc\u2026x"), 3U);
}

}  // namespace
}  // namespace afterwrite
