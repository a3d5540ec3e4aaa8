// Which operations are judged together.

#include "checkers/groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkers/judge.hpp"

namespace afterwrite {
namespace {

using testing::ElementsAre;

using Labels = std::map<std::string, std::string>;

class Grouping : public testing::Test {
 protected:
  void take(Function function, const std::string& key, Value value, Labels labels) {
    Operation op;
    op.session = op.process = "s0";
    op.function = function;
    op.key = key;
    op.value = std::move(value);
    op.outcome = Outcome::ok;
    op.invoke = clock_ += 10;
    op.complete = clock_ += 10;
    op.labels = std::move(labels);
    history_.operations.push_back(std::move(op));
  }
  void write(const std::string& key, const char* value, Labels labels = {}) {
    take(Function::write, key, std::string(value), std::move(labels));
  }
  void read(const std::string& key, const Value& value, Labels labels = {}) {
    take(Function::read, key, value, std::move(labels));
  }
  std::vector<std::string> names(const std::string& by) const {
    std::vector<std::string> all;
    for (const Group& group : make_groups(history_, by))
      all.push_back(group.name);
    return all;
  }
  std::map<std::string, std::uint64_t> broken(const std::string& by,
                                              Guarantee guarantee = Guarantee::read_your_writes) const {
    Question question;
    question.guarantees = {only(guarantee)};
    question.group_by = by;
    std::map<std::string, std::uint64_t> found;
    for (const Row& row : judge(history_, question).rows)
      found[row.group] = row.broken;
    return found;
  }

  History history_;
  Nanoseconds clock_ = 0;
};

TEST_F(Grouping, each_combination_that_reads_bear_is_a_group) {
  write("x", "a");
  read("x", std::string("a"), {{"route", "feed"}, {"condition", "none"}});
  read("x", std::string("a"), {{"route", "feed"}, {"condition", "held"}});
  read("x", std::string("a"), {{"route", "profile"}, {"condition", "held"}});
  read("x", std::string("a"), {{"route", "profile"}});
  EXPECT_THAT(names("route"), ElementsAre("feed", "profile"));
  EXPECT_THAT(names("route,condition"), ElementsAre("feed, held", "feed, none", "profile, held"));
  const std::vector<Group> groups = make_groups(history_, "route,condition");
  EXPECT_EQ(groups[0].labels, (Labels{{"route", "feed"}, {"condition", "held"}}));
  EXPECT_EQ(groups[0].members, (std::vector<bool>{true, false, true, false, false}));
  EXPECT_EQ(groups[2].members, (std::vector<bool>{true, false, false, true, false}));
}

TEST_F(Grouping, a_write_is_owed_to_each_group_that_it_does_not_contradict) {
  write("x", "a");
  write("y", "b", {{"write", "post"}});
  read("x", Value{}, {{"route", "feed"}, {"write", "like"}});
  read("x", std::string("a"), {{"route", "profile"}, {"write", "like"}});
  read("y", Value{}, {{"route", "profile"}, {"write", "post"}});
  EXPECT_EQ(broken("route,write"),
            (std::map<std::string, std::uint64_t>{{"feed, like", 1}, {"profile, like", 0}, {"profile, post", 1}}));
}

TEST_F(Grouping, what_one_group_has_read_is_not_owed_to_another) {
  write("x", "a");
  read("x", std::string("a"), {{"route", "feed"}});
  read("x", Value{}, {{"route", "profile"}});
  read("x", Value{}, {{"route", "feed"}});
  EXPECT_EQ(broken("route", Guarantee::monotonic_reads),
            (std::map<std::string, std::uint64_t>{{"feed", 1}, {"profile", 0}}));
}

TEST_F(Grouping, different_combinations_have_different_names) {
  read("x", Value{}, {{"a", "1, 2"}, {"b", "3"}});
  read("x", Value{}, {{"a", "1"}, {"b", "2, 3"}});
  EXPECT_THAT(names("a,b"), ElementsAre("1, \"2, 3\"", "\"1, 2\", 3"));
}

TEST_F(Grouping, control_sessions_are_a_group_of_their_own) {
  write("x", "a");
  read("x", std::string("a"), {{"route", "feed"}});
  read("x", std::string("a"), {{"route", "feed"}, {"control", "true"}});
  EXPECT_THAT(names("route"), ElementsAre("feed", "control"));
  EXPECT_EQ(make_groups(history_, "route")[0].members, (std::vector<bool>{true, true, false}));
  EXPECT_THAT(names(""), ElementsAre("", "control"));
}

}  // namespace
}  // namespace afterwrite
