#include "adapters/exec/answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/exec/exec.hpp"
#include "harness/session/errors.hpp"

namespace afterwrite::exec {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

json hello() {
  return {{"id", 1}, {"name", "x"}, {"functions", {"read", "write"}}, {"nodes", {"a", "b"}}};
}

auto breaks(const std::string& words) {
  return ThrowsMessage<Breach>(HasSubstr(words));
}

TEST(ExecWords, are_split_as_a_shell_would) {
  EXPECT_THAT(split_words("./a  --x=1"), ElementsAre("./a", "--x=1"));
  EXPECT_THAT(split_words(R"(python3 "my adapter.py" 'a "b"' c\ d '')"),
              ElementsAre("python3", "my adapter.py", "a \"b\"", "c d", ""));
  EXPECT_THAT(split_words(R"(a "\"" '\')"), ElementsAre("a", "\"", "\\"));
  EXPECT_THROW(split_words("  "), UsageError);
  EXPECT_THROW(split_words("a 'b"), UsageError);
  EXPECT_THROW(split_words("''"), UsageError);
}

TEST(ExecHello, is_understood) {
  const Capabilities plain = to_capabilities(hello());
  EXPECT_EQ(plain.nodes[0].role, Role::leader);
  EXPECT_EQ(plain.nodes[1].role, Role::follower);
  EXPECT_FALSE(plain.waits || plain.numeric || plain.beat);
  json more = hello();
  more["nodes"] = {{{"name", "a"}, {"role", "follower"}}, {{"name", "b"}, {"role", "leader"}}};
  more["position"] = {{"waits", true}};
  more["beat"] = true;
  const Capabilities whole = to_capabilities(more);
  EXPECT_EQ(whole.nodes[1].role, Role::leader);
  EXPECT_TRUE(whole.waits && whole.beat);
  EXPECT_FALSE(plain == whole);
}

TEST(ExecHello, is_refused_with_a_reason) {
  const auto with = [](const std::string& member, const json& value) {
    return [=] {
      json changed = hello();
      changed[member] = value;
      to_capabilities(changed);
    };
  };
  EXPECT_THAT(with("nodes", json::array()), breaks("an array of names"));
  EXPECT_THAT(with("nodes", {"a", "a"}), breaks("each once"));
  EXPECT_THAT(with("nodes", {"a", 7}), breaks("expected a name"));
  EXPECT_THAT(with("nodes", {{{"name", "a"}, {"role", "master"}}}), breaks("\"leader\" or \"follower\""));
  EXPECT_THAT(with("nodes", {{{"name", "a"}, {"role", "follower"}}}), breaks("exactly one leader"));
  EXPECT_THAT(with("functions", {"read"}), breaks("at least one of \"write\""));
  EXPECT_THAT(with("functions", {"read", "put"}), breaks("at least one of"));
  EXPECT_THAT(with("functoins", 1), breaks("did you mean 'functions'?"));
  EXPECT_THAT(with("position", true), breaks("{\"waits\":true}"));
  EXPECT_THAT(with("position", {{"wait", true}}), breaks("did you mean 'waits'?"));
  EXPECT_THAT(with("beat", "yes"), breaks("true or false"));
}

Reply reply_to(const json& answer, bool list = false, Function function = Function::read) {
  Reply reply;
  read_reply(answer, {.function = function, .key = "k", .value = {}, .list = list, .node = "a", .deadline = {}},
             to_capabilities(hello()), reply);
  return reply;
}

TEST(ExecAnswers, values) {
  EXPECT_EQ(reply_to({{"type", "ok"}, {"value", "x"}}).value, Value("x"));
  EXPECT_EQ(reply_to({{"type", "ok"}, {"value", 7}}).value, Value(std::int64_t{7}));
  EXPECT_EQ(reply_to({{"type", "ok"}, {"value", nullptr}}).value, Value());
  EXPECT_EQ(reply_to({{"type", "ok"}, {"value", {"x", 7}}}, true).value, Value(List{"x", std::int64_t{7}}));
  EXPECT_THAT([] { reply_to({{"type", "ok"}}); }, breaks("there is no 'value'"));
  EXPECT_THAT([] { reply_to({{"type", "ok"}, {"value", {"x"}}}); }, breaks("a string or an integer"));
  EXPECT_THAT([] { reply_to({{"type", "ok"}, {"value", "x"}}, true); }, breaks("an array"));
  EXPECT_THAT([] { reply_to({{"type", "ok"}, {"value", 18446744073709551615U}}); }, breaks("a string or an integer"));
}

TEST(ExecAnswers, what_goes_along) {
  const Reply reply = reply_to({{"type", "ok"},
                                {"value", "x"},
                                {"version", 3},
                                {"epoch", 2},
                                {"position", "p"},
                                {"node", "b"},
                                {"role", "follower"}});
  EXPECT_EQ(reply.version, (RecordedVersion{.epoch = 2, .version = 3}));
  EXPECT_EQ(reply.position, "p");
  EXPECT_EQ(reply.node, "b");
  EXPECT_EQ(reply.role, Role::follower);
  EXPECT_THAT([] { reply_to({{"type", "ok"}, {"value", "x"}, {"version", "3"}}); }, breaks("an integer that grows"));
  EXPECT_THAT([] { reply_to({{"type", "ok"}, {"value", "x"}, {"epoch", 3}}); }, breaks("a 'version' beside it"));
  EXPECT_THAT(
      [] {
        reply_to({{"type", "ok"}, {"value", "x"}}, false, Function::write);
      },
      breaks("no member of the answer to a write"));
  EXPECT_THAT([] { reply_to({{"type", "incomparable"}}); }, breaks("\"ok\", \"fail\" or \"info\""));
  EXPECT_EQ(reply_to({{"type", "info"}}).error, "the adapter gave no reason");
}

TEST(ExecAnswers, bear_the_id_of_the_request) {
  EXPECT_EQ(parse_answer(R"({"id":3})", 3)["id"], 3);
  EXPECT_THAT([] { parse_answer(R"({"id":"3"})", 3); }, breaks("wrong id"));
  EXPECT_THAT([] { parse_answer(R"({})", 3); }, breaks("has no 'id'"));
  EXPECT_THAT([] { parse_answer("", 3); }, breaks("is no JSON"));
  EXPECT_THAT([] { parse_answer("{\"id\":3}{\"id\":3}", 3); }, breaks("is no JSON"));
}

// The parser ends at the depth that is too great: as deep as a line may be long, it would take gigabytes.
TEST(ExecAnswers, that_are_nested_too_deeply_are_not_read) {
  const std::string deep = R"({"id":3,"type":"ok","value":)" + std::string(15'000'000, '[');
  const auto before = std::chrono::steady_clock::now();
  EXPECT_THAT([&] { parse_answer(deep, 3); }, breaks("is nested more than 64 deep"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
  const std::string list = R"({"id":3,"type":"ok","value":)" + std::string(63, '[') + std::string(63, ']') + "}";
  EXPECT_EQ(parse_answer(list, 3)["id"], 3);
}

TEST(ExecAnswers, with_a_member_twice_mean_nothing) {
  EXPECT_THAT([] { parse_answer(R"({"id":3,"type":"ok","type":"fail"})", 3); }, breaks("has the member 'type' twice"));
  EXPECT_EQ(parse_answer(R"({"id":3,"nodes":[{"name":"a"},{"name":"b"}]})", 3)["id"], 3);
}

}  // namespace
}  // namespace afterwrite::exec
