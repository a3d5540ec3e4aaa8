#include "results/page/embedded_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace afterwrite {
namespace {

using Json = nlohmann::ordered_json;

TEST(EmbeddedJson, EndsNoScriptAndBeginsNoComment) {
  const Json hostile{{"a</script>", "</script><script>alert(1)</script><!-- ]]> \u2028"}};
  const std::string text = embedded(hostile);
  EXPECT_EQ(text.find('<'), std::string::npos);
  EXPECT_EQ(Json::parse(text), hostile) << "and it is the same text all the same";
}

TEST(EmbeddedJson, IsAscii) {
  for (const char c : embedded("שלום \u202e\u0001 🚀")) {
    EXPECT_GE(c, 0x20);
    EXPECT_LT(c, 0x7F);
  }
}

TEST(Shortened, StringsAreMadeVisibleAndCut) {
  const Json kept =
      shortened({{"bad\nname", std::string(1'000'000, 'x')}, {"turned", "\u202eabc"}}, {.string_bytes = 20});
  EXPECT_EQ(kept.at("bad\\nname"), std::string(17, 'x') + "\u2026");
  EXPECT_EQ(kept.at("turned"), "\\u202eabc");
}

TEST(Shortened, ElementsAndDepth) {
  EXPECT_EQ(shortened(Json::array({1, 2, 3}), {.elements = 2}), Json::array({1, 2}));
  EXPECT_EQ(shortened({{"a", 1}, {"b", 2}}, {.elements = 1}), Json({{"a", 1}}));
  EXPECT_EQ(shortened(Json::array({Json::array({Json::array({1})})}), {.depth = 2}),
            Json::array({Json::array({"\u2026"})}));
  Json deep = 1;
  for (int i = 0; i < 10'000; ++i)
    deep = Json::array({std::move(deep)});
  EXPECT_LT(embedded(shortened(deep)).size(), 100U);
}

TEST(Shortened, LeavesFiguresAlone) {
  const Json figures = Json::parse(R"([null, true, 9007199254740993, 0.125])");
  EXPECT_EQ(shortened(figures), figures);
}

}  // namespace
}  // namespace afterwrite
