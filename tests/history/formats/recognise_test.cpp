#include <gtest/gtest.h>

#include "harness/history/formats/format.hpp"

namespace afterwrite {
namespace {

TEST(Recognise, ByContent) {
  using enum HistoryFormat;
  for (const auto& [text, format] : std::vector<std::pair<std::string, HistoryFormat>>{
           {R"({"kind":"header"})", jsonl},
           {R"( {"session":"a","kind":"op","labels":{"data":"x"}})", jsonl},
           {"", jsonl},
           {"hello", jsonl},
           {"[1,2]", jsonl},
           {"[]", jsonl},
           {"{", jsonl},
           {R"([{"kind":"op"}])", jsonl},
           {"{:type :invoke}", jepsen_edn},
           {"\n; a comment {\"kind\"}\n,{ :type :invoke}", jepsen_edn},
           {"[{:type :invoke}", jepsen_edn},
           {"[#jepsen.history.Op{", jepsen_edn},
           {"#jepsen.history.Op{", jepsen_edn},
           {"({:index 0", jepsen_edn},
           {"\xEF\xBB\xBF{:a 1}", jepsen_edn},
           {"r(1,2,3,4)", plume},
           {"\n w(1,2,3,4)", plume},
           {R"([[{"events":[]}]])", dbcop},
           {"[\n  [\n", dbcop},
           {"{\n \"params\": {}, \"data\": []}", dbcop},
           {R"({"data":[]})", dbcop},
       }) {
    EXPECT_EQ(kind_of(recognise_format(text)).name, kind_of(format).name) << text;
  }
}

TEST(Recognise, ByName) {
  for (const FormatKind& kind : format_kinds())
    EXPECT_EQ(parse_history_format(kind.name), kind.format);
  EXPECT_EQ(parse_history_format("edn"), std::nullopt);
}

}  // namespace
}  // namespace afterwrite
