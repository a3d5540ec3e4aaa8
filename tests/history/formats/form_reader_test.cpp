#include "harness/history/formats/form_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/history/line_limit.hpp"

namespace afterwrite {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The first form, as EDN again.
std::string again(std::string_view text, Dialect dialect = Dialect::edn) {
  FormReader reader(bytes_of(text), dialect);
  return edn_text(reader.read());
}

/// `LINE: message` of what is wrong with the first form.
std::string wrong(std::string_view text, Dialect dialect = Dialect::edn) {
  try {
    again(text, dialect);
    return "";
  } catch (const BadPlace& bad) {
    return std::to_string(bad.line()) + ": " + bad.what();
  }
}

TEST(FormReader, EveryKindOfForm) {
  for (const char* text : {"nil",
                           "true",
                           "false",
                           "7",
                           "-7",
                           "9223372036854775807",
                           "3.5",
                           "1/2",
                           "1e9",
                           ":a",
                           ":a.b/c",
                           "sym",
                           "+",
                           "-",
                           "\\a",
                           "\\newline",
                           "\\(",
                           "\"\"",
                           "\"a\\nb\\\"c\\\\\"",
                           "[]",
                           "()",
                           "{}",
                           "#{}",
                           "[1 [2 [3]] (4) {:a {:b #{5}}} 6]",
                           "{:type :invoke :value [[:r 1 nil] [:append 2 3]]}"}) {
    EXPECT_EQ(again(text), text);
  }
}

TEST(FormReader, BlanksAndCommentsArePassedOver) {
  EXPECT_EQ(again("; a comment\n , 1"), "1");
  EXPECT_EQ(again("\xEF\xBB\xBF[1,,2 ; x]\n]"), "[1 2]");
}

TEST(FormReader, DiscardsNest) {
  EXPECT_EQ(again("[1 #_2 #_ #_ 3 [4] 5 #_{:a [0]} #_ 6]"), "[1 5]");
  EXPECT_EQ(again("{:a #_:b 1 #_#_:c 2}"), "{:a 1}");
  EXPECT_EQ(again("[#x #_1 2]"), "[2]");
}

TEST(FormReader, TagsAreLeftOut) {
  EXPECT_EQ(again("#jepsen.history.Op{:index 0}"), "{:index 0}");
  EXPECT_EQ(again("#jepsen.history.Op {:t #inst \"2024-01-01\" :u #uuid \"x\"}"), "{:t \"2024-01-01\" :u \"x\"}");
  EXPECT_EQ(again("#object[java.lang.Object 0x4f \"x\"]"), "[java.lang.Object 0x4f \"x\"]");
  EXPECT_EQ(again("[##NaN #'a/b #\"re\"]"), "[NaN a/b \"re\"]");
}

TEST(FormReader, Integers) {
  const auto kind = [](std::string_view text) {
    FormReader reader(bytes_of(text), Dialect::edn);
    return reader.read().kind();
  };
  EXPECT_EQ(kind("7N"), FormKind::integer);
  EXPECT_EQ(kind("+7"), FormKind::integer);
  EXPECT_EQ(kind("-9223372036854775808"), FormKind::integer);
  EXPECT_EQ(kind("9223372036854775808"), FormKind::number);
  EXPECT_EQ(kind("9223372036854775808N"), FormKind::number);
  EXPECT_EQ(kind("7.0"), FormKind::number);
  EXPECT_EQ(kind("7M"), FormKind::number);
}

TEST(FormReader, Escapes) {
  const auto text = [](std::string_view form) {
    FormReader reader(bytes_of(form), Dialect::edn);
    return std::string(reader.read().text());
  };
  EXPECT_EQ(text(R"("\t\r\n\\\"\/\b\f\u00e9\ud83e\udde8")"), "\t\r\n\\\"/\b\f\u00e9\U0001F9E8");
  EXPECT_EQ(text("\"two\nlines\""), "two\nlines");
  EXPECT_THAT(wrong(R"("\q")"), HasSubstr("escape"));
  EXPECT_THAT(wrong(R"("\ud800")"), HasSubstr("half a character"));
  EXPECT_THAT(wrong(R"("\ud800\u0041")"), HasSubstr("half a character"));
  EXPECT_THAT(wrong(R"("\udc00")"), HasSubstr("half a character"));
  EXPECT_THAT(wrong(R"("\u00g0")"), HasSubstr("'g'"));
}

TEST(FormReader, Json) {
  EXPECT_EQ(again(R"( {"a" : [1, -2, null, true, 1.5], "b":{}} )", Dialect::json),
            R"({"a" [1 -2 null true 1.5] "b" {}})");
  for (const char* text : {"nul", "[1 a]", "(1)", "#{1}", ";x\n1", "\\a", "'a'", "\"a\nb\""})
    EXPECT_NE(wrong(text, Dialect::json), "") << text;
}

TEST(FormReader, ComplaintsNameTheLine) {
  EXPECT_THAT(wrong("\n\n[1\n 2}"), StartsWith("4: '}' closes what wants ']' (opened in line 3)"));
  EXPECT_THAT(wrong("\n)"), StartsWith("2: ')' cannot stand here"));
  EXPECT_THAT(wrong("{:a\n1 :b\n}"), StartsWith("3: the map of line 1 has a key without a value"));
  EXPECT_THAT(wrong("\n[1 2\n"), StartsWith("2: what begins here is never closed, the file ends in line 3"));
  EXPECT_THAT(wrong("[#tag]"), StartsWith("1: ']'"));
  EXPECT_THAT(wrong("[#_]"), StartsWith("1: ']'"));
  EXPECT_THAT(wrong("[1 \x01]"), StartsWith("1: the byte 0x01"));
  EXPECT_THAT(wrong(std::string_view("\"a\0b\"", 5)), StartsWith("1: the byte 0x00"));
  EXPECT_THAT(wrong("\n\"a\xff\""), StartsWith("2: not valid UTF-8"));
  EXPECT_THAT(wrong("[:\xc3 \xa9]"), StartsWith("1: not valid UTF-8")) << "two halves in two words";
  EXPECT_EQ(wrong("[:caf\u00e9 \"\u00e9\" \\\u00e9]"), "");
}

TEST(FormReader, EveryPrefixEndsInACleanComplaint) {
  const std::string text = "#a {:b [1 \"x\\u0041\" \\c #_ d #{2} ##NaN (3.5)] :e nil}";
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_NE(wrong(text.substr(0, size)), "") << text.substr(0, size);
  EXPECT_EQ(wrong(text), "");
}

TEST(FormReader, DeepNestingIsRefused) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(wrong(nested(FormReader::deepest_form)), "");
  EXPECT_THAT(wrong(nested(FormReader::deepest_form + 1)), HasSubstr("nested more than 64 deep"));
  EXPECT_THAT(wrong(std::string(10'000'000, '[')), HasSubstr("nested more than 64 deep"));
  std::string tags;
  for (int i = 0; i < 100'000; ++i)
    tags += "#a ";
  EXPECT_THAT(wrong(tags + "1"), HasSubstr("nested more than 64 deep"));
  EXPECT_THAT(wrong("[" + tags), HasSubstr("nested more than 64 deep"));
}

/// Endless input: what is held of it must stay bounded, so a test that ends is one that passes.
ByteSource endless(const std::string& start, char then) {
  auto begun = std::make_shared<bool>(false);
  return [start, then, begun](char* buffer, std::size_t size) {
    if (!std::exchange(*begun, true)) return start.copy(buffer, size);
    std::fill_n(buffer, size, then);
    return size;
  };
}

TEST(FormReader, AnEndlessFormIsRefused) {
  for (const char* start : {"\"", ":", "[\"", "[1 ", "[#", ";\n[", "{:a \\u"}) {
    for (const char then : {'a', '1', ' '}) {
      FormReader reader(endless(start, then), Dialect::edn);
      try {
        reader.read();
        // Only what a blank ends can be whole.
        EXPECT_EQ(then, ' ') << start;
      } catch (const BadPlace& bad) {
        EXPECT_THAT(bad.what(), ::testing::AnyOf(HasSubstr("longer than"), HasSubstr("cannot stand here"))) << start;
      }
    }
  }
}

TEST(FormReader, AFormOfManyValuesIsRefused) {
  std::string many = "[";
  for (std::size_t i = 0; i <= FormReader::most_nodes; ++i)
    many += "1 ";
  EXPECT_THAT(wrong(many + "]"), HasSubstr("more than 2097152 values"));
}

TEST(FormReader, PiecesOfAnySizeGiveTheSameForms) {
  const std::string text = "{:a \"b\\u0041\" :c [1 -22 #_ 3 \\newline #t :x/y]} ; z\n #_ 1 #{\"\u00e9\"}";
  const auto forms = [&](std::size_t piece) {
    FormReader reader(
        [all = bytes_of(text), piece](char* buffer, std::size_t size) { return all(buffer, std::min(size, piece)); },
        Dialect::edn);
    std::string all;
    while (reader.ahead() != '\0')
      all += edn_text(reader.read()) + "|";
    return all;
  };
  for (std::size_t piece = 1; piece < text.size(); ++piece)
    EXPECT_EQ(forms(piece), forms(text.size())) << piece;
}

TEST(FormReader, CollectionsCanBeEntered) {
  FormReader reader(bytes_of("#_ x [1 #_ 2 [3] #_ 4] 5 #_ 6"), Dialect::edn);
  EXPECT_EQ(reader.ahead(), '[');
  reader.enter();
  EXPECT_EQ(reader.ahead(), '1');
  EXPECT_EQ(edn_text(reader.read()), "1");
  EXPECT_EQ(reader.ahead(), '[');
  EXPECT_EQ(edn_text(reader.read()), "[3]");
  EXPECT_EQ(reader.ahead(), ']');
  reader.leave();
  EXPECT_EQ(edn_text(reader.read()), "5");
  EXPECT_EQ(reader.ahead(), '\0');
}

}  // namespace
}  // namespace afterwrite
