// What a session does with several keys at once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/run/session_fixture.hpp"

namespace afterwrite {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const View timeline{.name = "timeline", .node = "node-1", .kinds = {"post"}, .promised = true};
const View anywhere{.name = "anywhere", .node = "", .kinds = {"post"}, .promised = true};

class SessionLooks : public SessionRunnerTest {
 protected:
  SessionLooks() {
    system_.offered.views = {timeline};
    surroundings_.conditions = &conditions_;
  }
  void look(SessionRunner& s, const View& view, const std::vector<Sought>& keys) { looked_ = s.look(view, keys, {}); }

  static Sighting seen(const Value& value) { return {.decided = true, .value = value, .labels = {}}; }

  Conditions conditions_{clock_};
  std::vector<Operation> looked_;
  const Rule policy_{always("node-2")};
};

TEST_F(SessionLooks, a_read_is_recorded_for_each_key_that_is_decided) {
  SessionRunner s = session(policy_);
  system_.on_look = [](const Look& asked) {
    EXPECT_EQ(asked.node, "node-1");
    Sights sights;
    sights.reply = reply(Outcome::ok);
    sights.reply.position = "7";
    sights.reply.labels = {{"answer", "merged"}};
    sights.found = {seen(std::string("a")), {}, seen({})};
    sights.found[2].labels = {{"evidence", "lag admitted"}};
    return sights;
  };
  look(s, timeline, {{"x", {{"write", "post"}}}, {"y", {}}, {"z", {}}});
  const History history = recorded();
  ASSERT_THAT(history.operations, SizeIs(2));
  ASSERT_THAT(looked_, SizeIs(2));
  const Operation& x = history.operations[0];
  const Operation& z = history.operations[1];
  EXPECT_EQ(x.key, "x");
  EXPECT_EQ(x.value, Value(std::string("a")));
  EXPECT_EQ(x.position, "7");
  EXPECT_EQ(x.node, "node-1");
  EXPECT_EQ(x.labels, (std::map<std::string, std::string>{
                          {"route", "timeline"}, {"write", "post"}, {"answer", "merged"}, {"condition", "none"}}));
  EXPECT_EQ(z.key, "z");
  EXPECT_TRUE(is_null(z.value));
  EXPECT_EQ(z.labels.at("evidence"), "lag admitted");
  EXPECT_EQ(x.invoke, z.invoke);
  EXPECT_EQ(x.complete, z.complete);
  EXPECT_EQ(looked_[1].complete, z.complete);
}

TEST_F(SessionLooks, a_look_without_an_answer_is_one_for_no_key) {
  SessionRunner s = session(policy_);
  system_.on_look = [](const Look&) { return Sights{reply(Outcome::info, Connection::lost), {}}; };
  look(s, timeline, {{"x", {}}, {"y", {}}});
  look(s, timeline, {{"x", {}}});
  const History history = recorded();
  ASSERT_THAT(history.operations, SizeIs(3));
  for (const Operation& operation : history.operations)
    EXPECT_EQ(operation.outcome, Outcome::info);
  EXPECT_EQ(history.operations[1].process, "s0.0");
  EXPECT_EQ(history.operations[2].process, "s0.1");
}

TEST_F(SessionLooks, a_look_that_decides_nothing_records_nothing) {
  SessionRunner s = session(policy_);
  system_.on_look = [](const Look&) { return Sights{reply(Outcome::ok), {Sighting{}}}; };
  look(s, timeline, {{"x", {}}});
  EXPECT_THAT(looked_, IsEmpty());
  EXPECT_THAT(recorded().operations, IsEmpty());
}

TEST_F(SessionLooks, the_policy_chooses_where_the_view_does_not) {
  SessionRunner s = session(policy_);
  system_.on_look = [](const Look& asked) {
    EXPECT_EQ(asked.node, "node-2");
    return Sights{reply(Outcome::ok), {seen({})}};
  };
  look(s, anywhere, {{"x", {}}});
  EXPECT_EQ(recorded().operations.at(0).node, "node-2");
}

TEST_F(SessionLooks, a_client_that_throws_leaves_every_key_unknown) {
  SessionRunner s = session(policy_);
  system_.on_look = [](const Look&) -> Sights { throw std::runtime_error("a bug"); };
  EXPECT_THROW(look(s, timeline, {{"x", {}}, {"y", {}}}), std::runtime_error);
  const History history = recorded();
  ASSERT_THAT(history.operations, SizeIs(2));
  EXPECT_EQ(history.operations[1].outcome, Outcome::info);
}

TEST_F(SessionLooks, what_is_written_together_is_recorded_together) {
  SessionRunner s = session(policy_);
  const std::vector<Put> puts{{"x", "a"}, {"y", "b"}};
  system_.on_commit = [](const Commit& commit) {
    EXPECT_EQ(commit.node, "node-0");
    EXPECT_EQ(commit.puts.size(), 2U);
    return reply(Outcome::ok, Connection::usable, "9");
  };
  s.write_together(puts, {.intent = {}, .labels = {{"write", "thread"}}});
  const History history = recorded();
  ASSERT_THAT(history.operations, SizeIs(2));
  EXPECT_EQ(history.operations[0].complete, history.operations[1].complete);
  EXPECT_EQ(history.operations[1].function, Function::write);
  EXPECT_EQ(history.operations[1].value, Value(std::string("b")));
  EXPECT_EQ(history.operations[1].position, "9");
  EXPECT_EQ(history.operations[1].labels, (std::map<std::string, std::string>{{"write", "thread"}}));
}

TEST_F(SessionLooks, a_delete_is_recorded_as_one) {
  SessionRunner s = session(policy_);
  s.remove("x", {});
  const History history = recorded();
  EXPECT_EQ(history.operations.at(0).function, Function::remove);
  EXPECT_TRUE(is_null(history.operations.at(0).value));
}

TEST_F(SessionLooks, the_final_check_bears_the_labels_of_the_last_look) {
  SessionRunner s = session(policy_);
  system_.on_look = [](const Look&) { return Sights{reply(Outcome::ok), {seen({})}}; };
  s.write("x", "a", {});
  look(s, timeline, {{"x", {{"write", "post"}}}});
  control_.end_load(RunEnd::duration, "");
  control_.begin_check();
  s.final_check(Clock::now() + std::chrono::minutes(1));
  const Operation last = recorded().operations.back();
  EXPECT_EQ(last.labels,
            (std::map<std::string, std::string>{{"write", "post"}, {"check", "final"}, {"condition", "none"}}));
}

// Else it would belong to no group of its write, and nobody would miss what was acknowledged and is gone.
TEST_F(SessionLooks, the_final_check_bears_the_labels_of_a_write_that_nobody_looked_at) {
  SessionRunner s = session(policy_);
  system_.on_commit = [](const Commit&) { return reply(Outcome::ok, Connection::usable, "9"); };
  s.write("x", "a", {.intent = {}, .labels = {{"write", "post"}}});
  s.write_together(std::vector<Put>{{"y", "b"}}, {.intent = {}, .labels = {{"write", "post"}}});
  control_.end_load(RunEnd::duration, "");
  control_.begin_check();
  s.final_check(Clock::now() + std::chrono::minutes(1));
  const History history = recorded();
  ASSERT_THAT(history.operations, SizeIs(4));
  for (const std::size_t read : {2U, 3U})
    EXPECT_EQ(history.operations[read].labels.at("write"), "post") << history.operations[read].key;
}

TEST_F(SessionLooks, a_condition_is_in_force_from_before_the_write_until_the_answer) {
  SessionRunner s = session(policy_);
  system_.on_look = [](const Look&) { return Sights{reply(Outcome::ok), {seen({})}}; };
  const auto condition = [&] {
    look(s, timeline, {{"x", {}}});
    return looked_.at(0).labels.at("condition");
  };
  const auto event = [&](const char* phase) {
    FaultEvent one;
    one.time = clock_.now();
    one.fault = "hold";
    one.phase = phase;
    one.episode = "hold-1";
    one.detail = {{"links", {{{"carries", "replication"}}}}};
    conditions_.take(one);
  };
  const auto sample = [&](std::optional<Nanoseconds> shown) {
    LagSample one;
    one.time = clock_.now();
    one.node = "node-1";
    conditions_.take(one, shown);
  };
  sample({});
  s.write("x", "a", {});
  EXPECT_EQ(condition(), "none");
  conditions_.turning("hold");
  EXPECT_EQ(s.condition().name, "changing");
  EXPECT_EQ(condition(), "changing");
  event("start");
  EXPECT_EQ(s.condition().name, "held");
  EXPECT_EQ(condition(), "changing") << "it was written before";
  s.write("x", "b", {});
  EXPECT_EQ(condition(), "held");
  const Nanoseconds held = clock_.now();
  conditions_.turning("hold");
  event("end");
  s.write("x", "c", {});
  EXPECT_EQ(condition(), "changing") << "the lag wears off";
  sample(held);
  EXPECT_EQ(s.condition().name, "changing");
  sample(clock_.now());
  EXPECT_EQ(s.condition().name, "none");
  EXPECT_EQ(condition(), "changing");
  s.write("x", "d", {});
  EXPECT_EQ(condition(), "none");
}

}  // namespace
}  // namespace afterwrite
