#include "adapters/http/template.hpp"

#include <cstdlib>
#include <gmock/gmock.h>

#include "harness/session/errors.hpp"

namespace afterwrite::http {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const std::vector<std::string> places{"key", "value", "token"};

struct TemplateTest : testing::Test {
  Secrets secrets;
  std::string where = "svc.json: write.path";
  Template read(const std::string& text) { return Template(text, {where, places, secrets}); }
};

TEST_F(TemplateTest, FillsPlacesAndEncodesThemForUrlsOnly) {
  const Template path = read("/users/{key}/bio?x={value}");
  const Places filled{{"key", "a/b c"}, {"value", std::int64_t{7}}};
  EXPECT_EQ(path.in_url(filled), "/users/a%2Fb%20c/bio?x=7");
  EXPECT_EQ(path.plain(filled), "/users/a/b c/bio?x=7");
  EXPECT_TRUE(path.has("key"));
  EXPECT_FALSE(path.has("token"));
  EXPECT_EQ(read("{token}").plain({}), "");
}

TEST_F(TemplateTest, BracesThatNameNothingAreThemselves) {
  EXPECT_EQ(read(R"({"bio": {"a": "{value}"}} { {} {a b})").plain({{"value", "v"}}),
            R"({"bio": {"a": "v"}} { {} {a b})");
}

TEST_F(TemplateTest, AnUnknownPlaceIsRefusedWithTheNearest) {
  EXPECT_THAT([&] { read("/users/{kye}"); },
              ThrowsMessage<UsageError>(
                  testing::AllOf(HasSubstr("svc.json: write.path"), HasSubstr("{kye}"), HasSubstr("'key'"))));
}

TEST_F(TemplateTest, TheEnvironmentIsTakenAtOnceAndMasked) {
  ASSERT_EQ(setenv("AW_TEMPLATE_TEST", "s e&cret\"long", 1), 0);
  const Template header = read("Bearer {env:AW_TEMPLATE_TEST}");
  ASSERT_EQ(unsetenv("AW_TEMPLATE_TEST"), 0);
  EXPECT_EQ(header.plain({}), "Bearer s e&cret\"long");
  EXPECT_FALSE(header.constant());
  for (const char* form : {"s e&cret\"long", "s%20e%26cret%22long", "s e&cret\\\"long"}) {
    EXPECT_EQ(secrets.masked(std::string("<") + form + ">"), "<{env:AW_TEMPLATE_TEST}>");
  }
  EXPECT_THAT([&] { read("{env:AW_TEMPLATE_TEST}"); }, ThrowsMessage<UsageError>(HasSubstr("AW_TEMPLATE_TEST")));
}

// A value of the run is never taken for a secret: it would be a read that nobody wrote.
TEST_F(TemplateTest, ShortSecretsAreMaskedForPeopleButNotInWhatIsRecorded) {
  ASSERT_EQ(setenv("AW_SHORT", "s0", 1), 0);
  read("{env:AW_SHORT}");
  ASSERT_EQ(unsetenv("AW_SHORT"), 0);
  EXPECT_EQ(secrets.masked("s0-17"), "{env:AW_SHORT}-17");
  EXPECT_EQ(secrets.recorded("s0-17"), "s0-17");
}

TEST_F(TemplateTest, JsonKeepsTheTypeOfAPlaceThatStandsAlone) {
  const auto json = nlohmann::json::parse(R"({"a": "{value}", "b": ["n {value}", true, 3], "c": {"d": "{key}"}})");
  const JsonTemplate body(json, {where, places, secrets});
  EXPECT_EQ(body.dump({{"value", std::int64_t{7}}, {"key", "k\"1"}}), R"({"a":7,"b":["n 7",true,3],"c":{"d":"k\"1"}})");
  EXPECT_EQ(body.dump({{"value", "7"}, {"key", "k1"}}), R"({"a":"7","b":["n 7",true,3],"c":{"d":"k1"}})");
}

TEST_F(TemplateTest, DeepJsonIsRefused) {
  nlohmann::json deep = "x";
  for (int level = 0; level < 100; ++level)
    deep = nlohmann::json::array({std::move(deep)});
  EXPECT_THROW(JsonTemplate(deep, {where, places, secrets}), UsageError);
}

}  // namespace
}  // namespace afterwrite::http
