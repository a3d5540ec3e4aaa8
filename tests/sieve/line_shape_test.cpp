// A line that matches a shape is one that the full parser accepts, and both read the same.

#include "harness/history/scan/line_shape.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "harness/history/line_parser.hpp"
#include "harness/history/scan/json_tokens.hpp"

namespace afterwrite {
namespace {

const std::vector<std::string> lines{
    R"({"kind":"op","i":12,"session":"s3","user":"u3","process":"s3.0","f":"write","key":"k1","value":"s3-7","type":"ok","invoke":900100000,"complete":901250000,"node":"node-0","role":"leader","version":7,"epoch":1,"position":"1/0/3000148"})",
    R"({"kind": "op", "session": "ann", "f": "read", "key": "bio", "value": null, "type": "ok", "invoke": 3000, "complete": 3500})",
    R"({"session":"a","f":"read","key":"","value":-5,"type":"ok","invoke":0,"complete":0,"kind":"op"})",
    R"({"kind":"op","session":"s","f":"read","key":"k","value":null,"type":"info","invoke":1,"complete":12345678901234567,"error":"no answer","waited_ms":210.4,"fallback":true,"txn":"","own":"x","count":3,"on":true,"off":null})",
    R"({"kind":"op","session":"s","f":"delete","key":"k","value":null,"type":"fail","invoke":1,"complete":2,"role":"unknown","intent":"a","waited_ms":0,"fallback":false})",
};

/// What the parser makes of a line; nothing if it refuses.
std::optional<OperationLine> parsed(LineParser& parser, std::string line) {
  line.append(simdjson::SIMDJSON_PADDING, '\0');
  try {
    ParsedLine found = parser.parse({line.data(), line.size() - simdjson::SIMDJSON_PADDING});
    if (auto* const operation = std::get_if<OperationLine>(&found)) return std::move(*operation);
  } catch (const BadLine&) {
  }
  return std::nullopt;
}

void expect_same(const ScannedOperation& a, const ScannedOperation& b, const std::string& line) {
  EXPECT_EQ(a.session, b.session) << line;
  EXPECT_EQ(a.key, b.key) << line;
  EXPECT_EQ(a.text, b.text) << line;
  EXPECT_EQ(a.error, b.error) << line;
  EXPECT_EQ(a.node, b.node) << line;
  EXPECT_EQ(a.integer, b.integer) << line;
  EXPECT_EQ(a.invoke, b.invoke) << line;
  EXPECT_EQ(a.complete, b.complete) << line;
  EXPECT_EQ(a.waited_ms, b.waited_ms) << line;
  EXPECT_EQ(a.versioned, b.versioned) << line;
  if (a.versioned) {
    EXPECT_EQ(a.version, b.version) << line;
    EXPECT_EQ(a.epoch, b.epoch) << line;
  }
  EXPECT_EQ(a.function, b.function) << line;
  EXPECT_EQ(a.outcome, b.outcome) << line;
  EXPECT_EQ(a.role, b.role) << line;
  EXPECT_EQ(a.value, b.value) << line;
  EXPECT_EQ(a.fallback, b.fallback) << line;
  EXPECT_EQ(a.in_transaction, b.in_transaction) << line;
}

/// True if `line` matches.
bool check(const LineShape& shape, LineParser& parser, const std::string& line) {
  std::string padded = line + "\n";
  const std::size_t size = padded.size();
  padded.append(token_padding, '"');
  ScannedOperation scanned_one;
  std::optional<std::uint64_t> index;
  const char* const next = shape.match(padded.data(), padded.data() + size, scanned_one, index);
  if (next == nullptr) return false;
  EXPECT_EQ(next, padded.data() + size);
  const auto whole = parsed(parser, line);
  EXPECT_TRUE(whole) << "the parser refuses " << line;
  if (!whole) return true;
  expect_same(scanned_one, scanned(whole->operation), line);
  EXPECT_EQ(index, whole->index) << line;
  return true;
}

TEST(LineShape, MatchesTheLineItWasLearnedFrom) {
  LineParser parser;
  for (const std::string& line : lines) {
    ASSERT_TRUE(parsed(parser, line)) << line;
    const auto shape = LineShape::of(line + "\n");
    ASSERT_TRUE(shape) << line;
    EXPECT_TRUE(check(*shape, parser, line)) << line;
    EXPECT_FALSE(check(*shape, parser, line + " ")) << line;
    EXPECT_FALSE(check(*shape, parser, line.substr(0, line.size() - 1))) << line;
  }
}

TEST(LineShape, CannotBeLearnedFromEscapesAndNestedValues) {
  for (
      const std::string line :
      {R"({"kind":"op","session":"a\u0041","f":"read","key":"k","value":null,"type":"ok","invoke":1,"complete":2})",
       R"({"kind":"op","session":"a","f":"read","key":"k","value":[1],"type":"ok","invoke":1,"complete":2})",
       R"({"kind":"op","session":"ä","f":"read","key":"k","value":null,"type":"ok","invoke":1,"complete":2})",
       R"({"kind":"op","session":"a","f":"read","key":"k","value":null,"type":"ok","invoke":1,"complete":2,"labels":{}})"}) {
    EXPECT_FALSE(LineShape::of(line + "\n")) << line;
  }
}

TEST(LineShape, AcceptsNothingThatTheParserRefuses) {
  LineParser parser;
  std::mt19937_64 random(5);
  const std::string bytes = "\"\\{}[]:,0123456789-+.eEtfn rdwk\x01\x80\xff";
  const std::vector<std::string> words{"null",
                                       "\"ok\"",
                                       "\"info\"",
                                       "\"fail\"",
                                       "true",
                                       "1e5",
                                       "01",
                                       "-0",
                                       "-1",
                                       "0.5",
                                       "\"write\"",
                                       "\"read\"",
                                       "99999999999999999999",
                                       "999999999999999999",
                                       "\"\"",
                                       "[]"};
  std::size_t matched = 0;
  for (int round = 0; round < 200'000; ++round) {
    const std::string& line = lines[random() % lines.size()];
    const auto shape = LineShape::of(line + "\n");
    std::string changed = line;
    if (random() % 2 == 0) {
      const auto at = changed.find(':', random() % changed.size());
      if (at == std::string::npos) continue;
      const auto stop = changed.find_first_of(",}", at);
      changed.replace(at + 1, stop - at - 1, words[random() % words.size()]);
    } else {
      const auto at = random() % changed.size();
      changed.replace(at, random() % 3, 1, bytes[random() % bytes.size()]);
    }
    matched += check(*shape, parser, changed) ? 1U : 0U;
  }
  EXPECT_GT(matched, 10'000U);
}

}  // namespace
}  // namespace afterwrite
