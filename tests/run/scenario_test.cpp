#include "harness/run/scenario.hpp"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/session/errors.hpp"
#include "tests/run/temporary_folder.hpp"

namespace afterwrite {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string refusal_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "(nothing was refused)";
}

std::string refusal_of(const nlohmann::json& json) {
  return refusal_of([&] {
    Scenario scenario;
    apply_json(scenario, json, "FILE");
  });
}

std::string invalid(const std::function<void(Scenario&)>& change) {
  Scenario scenario;
  change(scenario);
  return refusal_of([&] { validate(scenario); });
}

TEST(Scenario, a_file_is_laid_over_the_defaults_and_may_have_comments) {
  const fake::TemporaryFolder folder;
  const std::string file = folder.write("s.json", R"({
    // the usual suspects
    "system": "memory", "followers": 3, "lag": ["400ms", "1200ms", "2s"],
    "options": {"sync": "off"}, /* load */ "workload": "append", "sessions": 4, "keys": 2,
    "duration": "3s", "rate": "500/s", "read-delay": "2ms..1s", "op-timeout": "1500ms", "seed": 7,
    "read-policy": "recent-writer:5s", "faults": ["kill:follower-1@4s"], "control": true,
    "guarantee": "read-your-writes", "scope": "user", "min-at-risk": 5, "expect": "violated"
  })");
  const Scenario scenario = read_scenario(file);
  EXPECT_EQ(scenario.system, "memory");
  EXPECT_EQ(scenario.followers, 3U);
  EXPECT_THAT(scenario.lag, ElementsAre(milliseconds(400), milliseconds(1200), seconds(2)));
  EXPECT_EQ(scenario.options.at("sync"), "off");
  EXPECT_EQ(scenario.workload, "append");
  EXPECT_EQ(scenario.sessions, 4U);
  EXPECT_EQ(scenario.keys, 2U);
  EXPECT_EQ(scenario.duration, seconds(3));
  EXPECT_EQ(scenario.rate, 500.0);
  EXPECT_EQ(scenario.read_delay.first, milliseconds(2));
  EXPECT_EQ(scenario.read_delay.second, seconds(1));
  EXPECT_EQ(scenario.op_timeout, milliseconds(1500));
  EXPECT_EQ(scenario.seed, 7U);
  EXPECT_EQ(scenario.read_policy, "recent-writer:5s");
  EXPECT_THAT(scenario.faults, ElementsAre("kill:follower-1@4s"));
  EXPECT_TRUE(scenario.control);
  EXPECT_THAT(scenario.guarantees, ElementsAre("read-your-writes"));
  EXPECT_EQ(scenario.scope, "user");
  EXPECT_EQ(scenario.min_at_risk, 5U);
  EXPECT_EQ(scenario.expect, "violated");
  EXPECT_NO_THROW(validate(scenario));
}

TEST(Scenario, what_is_written_reads_back_the_same) {
  for (const char* text :
       {R"({})", R"({"lag": "500ms", "ops": 100, "options": {"a": "b"}, "control": true, "rate": 2.5})",
        R"({"leader": "postgresql://h/db", "follower": ["host=i"], "until": "at-risk=300", "duration": "1m"})",
        R"({"endpoint": "http://h", "faults": ["partition:follower-1@3s..5s"], "seed": 18446744073709551615})"}) {
    Scenario scenario;
    apply_json(scenario, nlohmann::json::parse(text), "text");
    const nlohmann::json written = to_json(scenario);
    Scenario again;
    apply_json(again, written, "again");
    EXPECT_EQ(to_json(again), written) << text;
  }
}

TEST(Scenario, an_unknown_member_is_answered_with_the_nearest_known_one) {
  EXPECT_THAT(refusal_of(nlohmann::json{{"sesions", 4}}),
              AllOf(HasSubstr("FILE: 'sesions'"), HasSubstr("did you mean 'sessions'?")));
}

TEST(Scenario, a_mistyped_member_is_told_what_is_expected) {
  EXPECT_THAT(refusal_of(nlohmann::json{{"sessions", "four"}}),
              AllOf(HasSubstr("FILE: 'sessions' expects a whole number"), HasSubstr("\"four\"")));
  EXPECT_THAT(refusal_of(nlohmann::json{{"sessions", -1}}), HasSubstr("expects a whole number"));
  EXPECT_THAT(refusal_of(nlohmann::json{{"sessions", 1.5}}), HasSubstr("expects a whole number"));
  EXPECT_THAT(refusal_of(nlohmann::json{{"control", 1}}), HasSubstr("true or false"));
  EXPECT_THAT(refusal_of(nlohmann::json{{"faults", "kill:leader"}}), HasSubstr("an array of faults"));
  EXPECT_THAT(refusal_of(nlohmann::json{{"options", {{"a", 1}}}}), HasSubstr("an object of texts"));
  EXPECT_THAT(refusal_of(nlohmann::json{{"duration", 10}}), HasSubstr("a duration"));
  EXPECT_THAT(refusal_of(nlohmann::json{{"lag", {1, 2}}}), HasSubstr("a duration"));
  EXPECT_THAT(refusal_of(nlohmann::json{{"seed", nullptr}}), HasSubstr("it holds null"));
  EXPECT_THAT(refusal_of(nlohmann::json::array()), HasSubstr("holds array, not an object"));
}

TEST(Scenario, a_text_that_says_nothing_names_file_and_member) {
  EXPECT_THAT(refusal_of(nlohmann::json{{"lag", "5 parsec"}}), AllOf(HasSubstr("FILE: 'lag'"), HasSubstr("5 parsec")));
  EXPECT_THAT(refusal_of(nlohmann::json{{"until", "tomorrow"}}), HasSubstr("at-risk=300"));
  EXPECT_THAT(refusal_of(nlohmann::json{{"rate", "fast"}}), HasSubstr("500/s"));
  EXPECT_THAT(refusal_of(nlohmann::json{{"read-delay", "1ms..x"}}), HasSubstr("'read-delay'"));
}

TEST(Scenario, a_file_that_is_no_scenario_is_refused_by_name) {
  const fake::TemporaryFolder folder;
  EXPECT_THAT(refusal_of([&] { read_scenario((folder / "none.json").string()); }), HasSubstr("no such scenario file"));
  EXPECT_THAT(refusal_of([&] { read_scenario((folder / "").string()); }), HasSubstr("is a folder"));
  const std::string torn = folder.write("torn.json", "{\n  \"system\": \"memory\",\n  \"keys\": \n}");
  EXPECT_THAT(refusal_of([&] { read_scenario(torn); }), AllOf(HasSubstr("torn.json"), HasSubstr("line 4")));
  const std::string binary = folder.write("b.json", std::string("\x7f"
                                                                "ELF\0\1",
                                                                6));
  EXPECT_THAT(refusal_of([&] { read_scenario(binary); }), HasSubstr("is not JSON"));
  const std::string twice = folder.write("t.json", R"({"keys": 1, "options": {"keys": "x"}, "keys": 2})");
  EXPECT_THAT(refusal_of([&] { read_scenario(twice); }), HasSubstr("'keys' is given twice"));
  const std::string huge = folder.write("h.json", std::string((1U << 20U) + 1, ' '));
  EXPECT_THAT(refusal_of([&] { read_scenario(huge); }), HasSubstr("larger than"));
}

TEST(Scenario, lists_are_taken_with_commas_or_as_arrays) {
  Scenario scenario;
  apply_json(scenario, {{"lag", "400ms,1200ms"}, {"guarantee", {"read-your-writes,monotonic-reads", "causal"}}}, "f");
  EXPECT_THAT(scenario.lag, ElementsAre(milliseconds(400), milliseconds(1200)));
  EXPECT_THAT(scenario.guarantees, ElementsAre("read-your-writes", "monotonic-reads", "causal"));
  apply_json(scenario, {{"follower", "host=a,b"}}, "f");
  EXPECT_THAT(scenario.follower_urls, ElementsAre("host=a,b"));
}

TEST(Scenario, an_end_named_later_replaces_the_earlier_one_and_options_add_up) {
  Scenario scenario;
  apply_json(scenario, {{"duration", "10s"}, {"options", {{"a", "1"}, {"b", "2"}}}}, "file");
  apply_json(scenario, {{"ops", 5}, {"options", {{"b", "3"}}}, {"pg-bin", "/opt/pg"}}, "flags");
  EXPECT_FALSE(scenario.duration);
  EXPECT_EQ(scenario.operations, 5U);
  EXPECT_EQ(scenario.options, (std::map<std::string, std::string>{{"a", "1"}, {"b", "3"}, {"pg-bin", "/opt/pg"}}));
}

TEST(Scenario, what_cannot_work_is_refused) {
  EXPECT_THAT(invalid([](Scenario& s) { s.sessions = 0; }), HasSubstr("--sessions"));
  EXPECT_THAT(invalid([](Scenario& s) { s.sessions_per_user = 0; }), HasSubstr("--sessions-per-user"));
  EXPECT_THAT(invalid([](Scenario& s) { s.sessions_per_user = s.sessions + 1; }), HasSubstr("--sessions-per-user"));
  EXPECT_THAT(invalid([](Scenario& s) { s.sessions = 1'000'000; }), HasSubstr("too many"));
  EXPECT_THAT(invalid([](Scenario& s) { s.keys = 0; }), HasSubstr("--keys"));
  EXPECT_THAT(invalid([](Scenario& s) { s.lag = {seconds(1), seconds(2), seconds(3)}; }), HasSubstr("3 durations"));
  EXPECT_THAT(invalid([](Scenario& s) {
                s.lag = {seconds(1)};
                s.followers = 0;
              }),
              HasSubstr("no follower that could lag"));
  EXPECT_THAT(invalid([](Scenario& s) {
                s.duration = seconds(1);
                s.operations = 5;
              }),
              HasSubstr("keep one of the two"));
  EXPECT_THAT(invalid([](Scenario& s) {
                s.until_at_risk = 1;
                s.operations = 5;
              }),
              HasSubstr("keep one of the two"));
  EXPECT_THAT(invalid([](Scenario& s) { s.duration = seconds(0); }), HasSubstr("--duration"));
  EXPECT_THAT(invalid([](Scenario& s) { s.rate = 0; }), HasSubstr("--rate"));
  EXPECT_THAT(invalid([](Scenario& s) { s.read_delay = {seconds(2), seconds(1)}; }), HasSubstr("--read-delay"));
  EXPECT_THAT(invalid([](Scenario& s) { s.op_timeout = seconds(0); }), HasSubstr("--op-timeout"));
  EXPECT_THAT(invalid([](Scenario& s) { s.guarantees.clear(); }), HasSubstr("--guarantee"));
  EXPECT_THAT(invalid([](Scenario& s) { s.scope = "sesion"; }), HasSubstr("did you mean 'session'?"));
  EXPECT_THAT(invalid([](Scenario& s) { s.expect = "hold"; }), HasSubstr("did you mean 'held'?"));
  EXPECT_THAT(invalid([](Scenario& s) { s.min_at_risk = 0; }), HasSubstr("--min-at-risk"));
  EXPECT_THAT(invalid([](Scenario& s) { s.follower_urls = {"x"}; }), HasSubstr("add --leader"));
  EXPECT_THAT(invalid([](Scenario& s) {
                s.leader_url = "x";
                s.endpoint_url = "y";
              }),
              HasSubstr("--endpoint"));
  EXPECT_THAT(invalid([](Scenario& s) {
                s.leader_url = "x";
                s.lag = {seconds(1)};
              }),
              HasSubstr("cluster of afterwrite's own"));
  EXPECT_THAT(invalid([](Scenario& s) {
                s.endpoint_url = "x";
                s.read_policy = "leader";
              }),
              HasSubstr("--read-policy"));
}

TEST(Scenario, what_can_work_is_not_refused) {
  EXPECT_EQ(invalid([](Scenario&) {}), "(nothing was refused)");
  EXPECT_EQ(invalid([](Scenario& s) { s.read_delay = {seconds(0), seconds(0)}; }), "(nothing was refused)");
  EXPECT_EQ(invalid([](Scenario& s) {
              s.until_at_risk = 300;
              s.duration = seconds(60);
            }),
            "(nothing was refused)");
  EXPECT_EQ(invalid([](Scenario& s) { s.followers = 0; }), "(nothing was refused)");
}

TEST(Scenario, a_password_in_a_url_is_refused_without_repeating_it) {
  for (const char* url : {"postgresql://me:hunter2@h/db", "host=h password=hunter2", "host=h password = 'hunter2'",
                          "postgresql://h/db?user=me&password=hunter2", "postgresql://h/db?PASSWORD=hunter2"}) {
    const std::string text = invalid([&](Scenario& s) { s.leader_url = url; });
    EXPECT_THAT(text, AllOf(HasSubstr("--leader"), HasSubstr("PGPASSFILE"), Not(HasSubstr("hunter2")))) << url;
  }
  for (const char* url : {"postgresql://me@h:5432/db", "postgresql://me:{env:PW}@h/db", "host=h password={env:PW}",
                          "postgresql://h/password", "postgresql://me@h/db?passfile=/x"}) {
    EXPECT_EQ(invalid([&](Scenario& s) { s.leader_url = url; }), "(nothing was refused)") << url;
  }
}

TEST(Scenario, resolving_fills_in_what_was_left_open) {
  const Scenario usual = resolve({});
  EXPECT_EQ(usual.read_policy, "any-replica");
  EXPECT_EQ(usual.duration, seconds(10));
  EXPECT_TRUE(usual.seed);
  EXPECT_NE(usual.seed, resolve({}).seed);
  Scenario endpoint;
  endpoint.endpoint_url = "x";
  endpoint.operations = 5;
  EXPECT_EQ(resolve(endpoint).read_policy, "endpoint");
  EXPECT_FALSE(resolve(endpoint).duration);
  Scenario until;
  until.until_at_risk = 3;
  EXPECT_EQ(resolve(until).duration, until_bound);
}

// Workloads have their writers first and their readers last: each user has one of both.
TEST(ScenarioUsers, SessionsAreDealtToUsersRoundRobin) {
  Scenario scenario;
  scenario.sessions = 8;
  EXPECT_EQ(scenario.user_of(7), "u7");
  scenario.sessions_per_user = 2;
  EXPECT_EQ(scenario.user_of(1), "u1");
  EXPECT_EQ(scenario.user_of(5), "u1");
  scenario.sessions = 5;
  EXPECT_EQ(scenario.user_of(2), "u2");
  EXPECT_EQ(scenario.user_of(4), "u1");
}

}  // namespace
}  // namespace afterwrite
