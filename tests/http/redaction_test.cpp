#include "harness/http/redaction.hpp"

#include <gtest/gtest.h>

namespace afterwrite::http {
namespace {

std::string without(const std::string& secret, const std::string& text) {
  return redacted(text, {{secret, "{env:KEY}"}});
}

TEST(Redaction, InWhateverFormItIsRepeated) {
  const std::string secret = "a/b c\"d\\e+f%g&h";
  const std::string forms[]{
      secret,
      "a%2Fb%20c%22d%5Ce%2Bf%25g%26h",
      "a%2fb%20c%22d%5ce%2bf%25g%26h",
      "a/b%20c%22d%5Ce%2Bf%25g%26h",
      "a%2Fb+c%22d%5Ce%2Bf%25g%26h",
      "a%252Fb%2520c%2522d%255Ce%252Bf%2525g%2526h",
      R"(a/b c\"d\\e+f%g&h)",
      R"(a\/b c\"d\\e+f%g\u0026h)",
      R"(a/b c\\\"d\\\\e+f%g\\u0026h)",
      "a/b c&quot;d\\e+f%g&amp;h",
      "a/b c&#34;d\\e+f%g&#x26;h",
  };
  for (const std::string& form : forms) {
    EXPECT_EQ(without(secret, "<" + form + ">"), "<{env:KEY}>");
    EXPECT_EQ(without(secret, form + form), "{env:KEY}{env:KEY}");
  }
}

TEST(Redaction, CharactersBeyondAscii) {
  const std::string secret = "caf\u00e9-\U0001F511";
  for (const std::string form :
       {secret.c_str(), "caf%C3%A9-%F0%9F%94%91", "caf%c3%a9-\U0001F511", R"(caf\u00e9-\ud83d\uDD11)"})
    EXPECT_EQ(without(secret, form), "{env:KEY}") << form;
  EXPECT_EQ(without("\xff\xfe", "-\xff\xfe-%ff%FE"), "-{env:KEY}-{env:KEY}");
}

TEST(Redaction, LeavesOtherTextAlone) {
  for (const std::string text : {"", "abcdefg", "%", "%4", "\\", "&#;", "&", "+", "abcdef%6", "\\u00"})
    EXPECT_EQ(without("abcdefgh", text), text);
  EXPECT_EQ(redacted("abcdefgh", {}), "abcdefgh");
  EXPECT_EQ(without("", "abc"), "abc");
}

TEST(Redaction, WhatOverlapsIsReplacedTogether) {
  EXPECT_EQ(redacted("xabcdefghy", {{"abcdefgh", "{env:A}"}, {"xabcd", "{env:B}"}}), "{env:B}y");
  EXPECT_EQ(redacted("abcdefgh", {{"abcd", "{env:A}"}, {"abcdefgh", "{env:B}"}}), "{env:B}");
  EXPECT_EQ(without("abab", "ababab!"), "{env:KEY}!");
}

TEST(Redaction, OfWhatWasRedactedChangesNothing) {
  const std::vector<Secret> secrets{{"e", "{env:E}"}, {"secret", "{env:KEY}"}};
  const std::string once = redacted("a secret e", secrets);
  EXPECT_EQ(once, "a {env:KEY} {env:E}");
  EXPECT_EQ(redacted(once, secrets), once);
}

// As a service may answer: a secret that repeats itself, and megabytes of what it begins with.
TEST(Redaction, OfGiantsTakesNoTime) {
  EXPECT_EQ(without("\\\\\\\\x", std::string(1 << 20, '\\') + "y").back(), 'y');
  EXPECT_EQ(without("%%%%%%%%", std::string(1 << 20, '%') + "y").back(), 'y');
}

}  // namespace
}  // namespace afterwrite::http
