#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/run/session_fixture.hpp"

namespace afterwrite {
namespace {

using testing::ElementsAre;

class SessionFinalCheckTest : public SessionRunnerTest {};

TEST_F(SessionFinalCheckTest, the_final_check_reads_each_touched_key_as_what_it_holds) {
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  s.read("a", {});
  s.write("b", s.next_value(), {});
  s.append("c", s.next_value(), {});
  s.read_list("d", {});
  control_.end_load(RunEnd::duration, "over");
  control_.begin_check();
  std::map<std::string, bool> asked;
  std::map<std::string, int> times;
  system_.on_call = [&](const Call& call) -> std::optional<Reply> {
    asked[call.key] = call.list;
    if (call.key == "a" && ++times["a"] < 3) return reply(Outcome::fail);
    if (call.key == "d") return reply(Outcome::info, Connection::lost);
    return std::nullopt;
  };
  const TouchedKeys keys = s.final_check(Clock::now() + std::chrono::minutes(1));
  EXPECT_EQ(asked, (std::map<std::string, bool>{{"a", false}, {"b", false}, {"c", true}, {"d", true}}));
  EXPECT_EQ(keys.touched, 4U);
  EXPECT_EQ(keys.unread, 1U);
  const History history = recorded();
  ASSERT_EQ(history.operations.size(), 4U + 3 + 1 + 1 + 3);
  for (std::size_t i = 4; i < history.operations.size(); ++i) {
    EXPECT_EQ(history.operations[i].function, Function::read);
    EXPECT_EQ(history.operations[i].labels.at("check"), "final");
  }
}

TEST_F(SessionFinalCheckTest, the_final_check_ends_at_its_deadline_and_with_the_run) {
  const Rule policy(always("node-1"));
  SessionRunner s = session(policy);
  s.read("a", {});
  s.read("b", {});
  control_.end_load(RunEnd::duration, "over");
  control_.begin_check();
  EXPECT_EQ(s.final_check(Clock::now()).unread, 2U);
  control_.abort(RunEnd::interrupted, "stopped by the user");
  EXPECT_EQ(s.final_check(Deadline::max()).unread, 2U);
  EXPECT_EQ(recorded().operations.size(), 2U);
}

TEST_F(SessionFinalCheckTest, under_a_new_leader_the_session_looks_at_what_it_touched_before_it_writes) {
  const Rule policy(always("node-2"));
  SessionRunner s = session(policy);
  s.write("a", s.next_value(), {});
  s.append("b", s.next_value(), {});
  system_.lead("node-1");
  s.read("a", {});  // reads go on
  EXPECT_EQ(settled_waits_, 0);
  s.write("a", s.next_value(), {});
  EXPECT_EQ(settled_waits_, 1);
  s.write("a", s.next_value(), {});
  EXPECT_EQ(settled_waits_, 1) << "once for each change";

  std::vector<std::string> story;
  for (const Operation& operation : recorded().operations) {
    const auto check = operation.labels.find("check");
    story.push_back(std::string(to_string(operation.function)) + " " + operation.key + " " + operation.node +
                    (check == operation.labels.end() ? "" : " " + check->second));
  }
  EXPECT_THAT(story, ElementsAre("write a node-0", "append b node-0", "read a node-2", "read a node-2 leader-change",
                                 "read b node-2 leader-change", "write a node-1", "write a node-1"));
}

TEST_F(SessionFinalCheckTest, a_leader_that_changes_during_the_check_is_checked_too) {
  const Rule policy(always("node-2"));
  SessionRunner s = session(policy);
  s.write("a", s.next_value(), {});
  system_.lead("node-1");
  surroundings_.await_settled = [&] {
    if (++settled_waits_ == 1) system_.lead("node-2");
  };
  s.write("a", s.next_value(), {});
  EXPECT_EQ(settled_waits_, 2);
  EXPECT_EQ(recorded().operations.back().node, "node-2");
}

}  // namespace
}  // namespace afterwrite
