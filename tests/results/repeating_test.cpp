#include "results/repeating.hpp"

#include <gtest/gtest.h>

#include "results/shell_command.hpp"

namespace afterwrite {
namespace {

TEST(ShellCommand, QuotesWhatCouldMeanSomethingElse) {
  EXPECT_EQ(shell_command({"afterwrite", "check", "--scope", "user,session", "a/b-1.jsonl"}),
            "afterwrite check --scope user,session a/b-1.jsonl");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(shell_word("~"), "'~'");
  EXPECT_EQ(shell_word("=sh"), "'=sh'");
  EXPECT_EQ(shell_word("a=b"), "a=b");
  EXPECT_EQ(shell_word("na\u00efve"), "'na\u00efve'");
}

TEST(ShellCommand, AFileIsNoFlag) {
  EXPECT_EQ(file_argument("--out"), "./--out");
  EXPECT_EQ(file_argument("-"), "-");
  EXPECT_EQ(file_argument("/-x"), "/-x");
}

TEST(ShellCommand, WhatCannotBeShownIsNoCommand) {
  EXPECT_EQ(if_copyable("rm 'a\\b'"), "rm 'a\\b'");
  EXPECT_EQ(if_copyable("rm 'a\nb'"), "");
  EXPECT_EQ(if_copyable("rm '\u202e'"), "");
  EXPECT_EQ(if_copyable("rm \xff"), "");
  EXPECT_EQ(if_copyable(std::string(1'000'000, 'x')), "");
}

TEST(Repeating, AJudgementIsNamedWithItsFlags) {
  History history;
  history.name = "-h.jsonl";
  EXPECT_EQ(judging_command(history, {}), "afterwrite check ./-h.jsonl");
  GivenFlags given{{"--initial", "-1"}};
  add_given(given, {{"--scope", ""}, {"--group-by", "a b"}});
  EXPECT_EQ(judging_command(history, given, {"--entries", "all"}),
            "afterwrite check --initial=-1 --group-by 'a b' ./-h.jsonl --entries all");
  history.is_stream = true;
  EXPECT_EQ(judging_command(history, given), "afterwrite check --initial=-1 --group-by 'a b' -");
}

TEST(Repeating, LinesAreShownAsTheFileIsPacked) {
  History history;
  history.name = "-h";
  EXPECT_EQ(lines_command(history, {3, 5}), "sed -n '3p;5p' ./-h");
  history.packing = Packing::gzip;
  EXPECT_EQ(lines_command(history, {3}), "zcat < ./-h | sed -n '3p'");
  history.packing = Packing::zstd;
  EXPECT_EQ(lines_command(history, {3}), "zstdcat < ./-h | sed -n '3p'");
  EXPECT_EQ(lines_command(history, {3, 0}), "");
  EXPECT_EQ(lines_command(history, {}), "");
  history.is_stream = true;
  EXPECT_EQ(lines_command(history, {3}), "");
}

}  // namespace
}  // namespace afterwrite
