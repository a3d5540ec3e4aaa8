#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/markdown.hpp"
#include "results/repeating.hpp"
#include "tests/results/made_up.hpp"

namespace afterwrite {
namespace {

using testing::HasSubstr;
using testing::Not;

// What cmark-gfm makes of these is the text itself.
TEST(MarkdownText, ShowsWhatItIsGiven) {
  EXPECT_EQ(markdown_text("recent-writer:5s, 93.8 % (of 12); it's \"k1\" {a} 1.5 # 3!"),
            "recent-writer:5s, 93.8 % (of 12); it's \"k1\" {a} 1.5 # 3!");
  EXPECT_EQ(markdown_text("a|b"), "a&#124;b");
  EXPECT_EQ(markdown_text("<b>&amp;</b>"), "&#60;b&#62;&#38;amp;&#60;/b&#62;");
  EXPECT_EQ(markdown_text("*a* _b_ `c` ~d~ [e](f) $g$ @h"),
            "&#42;a&#42; &#95;b&#95; &#96;c&#96; &#126;d&#126; &#91;e&#93;(f) &#36;g&#36; @<!-- -->h");
  EXPECT_EQ(markdown_text("#12 a#3 #a #"), "#<!-- -->12 a#<!-- -->3 #a #") << "no issue is meant";
  EXPECT_EQ(markdown_text("http://a www.b"), "http&#58;//a www&#46;b");
}

TEST(MarkdownText, ABackslashStaysOne) {
  EXPECT_EQ(markdown_text("C:\\dir"), "C:&#92;dir");
  EXPECT_EQ(markdown_text("a\\\\b\\|"), "a&#92;&#92;b&#92;&#124;");
  EXPECT_EQ(markdown_text("a\nb"), "a&#92;nb") << "a control character is visible";
}

TEST(MarkdownText, BeginsNoBlock) {
  EXPECT_EQ(markdown_text("    a"), "&#32;   a");
  EXPECT_EQ(markdown_text("# a"), "&#35; a");
  EXPECT_EQ(markdown_text("- a"), "&#45; a");
  EXPECT_EQ(markdown_text("---"), "&#45;--");
  EXPECT_EQ(markdown_text("12. a"), "12&#46; a");
  EXPECT_EQ(markdown_text("1) a"), "1&#41; a");
  EXPECT_EQ(markdown_text("0.5"), "0.5");
  EXPECT_EQ(markdown_text("+3 ms -- a"), "+3 ms -- a");
  EXPECT_EQ(markdown_text("-"), "-") << "what a table shows where nothing is known";
}

TEST(MarkdownCommand, CanBeCopiedWhateverIsInIt) {
  EXPECT_EQ(markdown_command("afterwrite audit 'exec:./a '\\''b'"), "`afterwrite audit 'exec:./a '\\''b'`");
  EXPECT_EQ(markdown_command("a `b` <c> *d* &amp; |"), "``a `b` <c> *d* &amp; |``");
  EXPECT_EQ(markdown_command("``a`"), "``` ``a` ```");
  EXPECT_EQ(markdown_command("a\nb"), "`a\\nb`");
}

TEST(MarkdownSummary, ShowsABackslashOfAValueOnce) {
  const MadeUp made = full_of("a\\b");
  const std::string page = markdown_summary(made.history, made.judgement, summarise(made.history));
  EXPECT_THAT(page, HasSubstr("read policy a&#92;b,"));
  EXPECT_THAT(page, HasSubstr("because a&#92;b"));
  EXPECT_THAT(page, Not(HasSubstr("&#92;&#92;")));
  EXPECT_THAT(page, HasSubstr("Again: `a\\b"));
  EXPECT_THAT(page, HasSubstr("`, into another `--out`\n"));
}

TEST(MarkdownSummary, SaysWhatAVerdictAssumes) {
  MadeUp made = full_of("a");
  Row& row = made.judgement.rows.front();
  row.verdict = Verdict::violated;
  row.assumptions.set(static_cast<std::size_t>(Assumption::writer_order));
  const std::string page = markdown_summary(made.history, made.judgement, summarise(made.history));
  EXPECT_THAT(page, HasSubstr("assuming writer-order"));
}

TEST(RepeatingCommand, NamesTheSeed) {
  Header header;
  EXPECT_EQ(repeating_command(header), "");
  header.all["command"] = "afterwrite audit memory";
  EXPECT_EQ(repeating_command(header), "afterwrite audit memory");
  header.seed = 7;
  EXPECT_EQ(repeating_command(header), "afterwrite audit memory --seed 7");
  for (const char* named : {"afterwrite audit memory --seed 7", "afterwrite audit --seed=7 memory"}) {
    header.all["command"] = named;
    EXPECT_EQ(repeating_command(header), named);
  }
  header.all["command"] = 3;
  EXPECT_EQ(repeating_command(header), "");
}

TEST(RepeatingCommand, AnAdaptersOwnSeedIsNone) {
  EXPECT_EQ(with_seed("afterwrite audit 'exec:./a --seed 1'", 7), "afterwrite audit 'exec:./a --seed 1' --seed 7");
  EXPECT_EQ(with_seed("afterwrite audit 'exec:it'\\''s --seed 1'", 7), "afterwrite audit 'exec:it'\\''s --seed 1' --seed 7");
  EXPECT_EQ(with_seed("afterwrite audit a --seeds", 7), "afterwrite audit a --seeds --seed 7");
}

}  // namespace
}  // namespace afterwrite
