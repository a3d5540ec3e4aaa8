// What sessions do with a system's views.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "tests/workloads/fake_session.hpp"
#include "workloads/workloads.hpp"

namespace afterwrite::workloads {
namespace {

class ViewsWorkload : public testing::Test {
 protected:
  ViewsWorkload() {
    Catalogue& catalogue = system_.catalogue;
    catalogue.views = {{.name = "feed", .node = "n", .kinds = {"post"}, .promised = true},
                       {.name = "profile", .node = "n", .kinds = {"name"}, .promised = true},
                       {.name = "raw feed", .node = "m", .kinds = {"post"}, .promised = false}};
    catalogue.deeds = {{.name = "post", .steps = {{.kind = "post"}}},
                       {.name = "name", .steps = {{.kind = "name"}}},
                       {.name = "thread", .steps = {{.kind = "post", .count = 3}}, .together = true},
                       {.name = "delete", .steps = {{.kind = "post", .remove = true}}, .promised = false},
                       {.name = "too many", .steps = {{.kind = "name", .count = 4}, {.kind = "post"}}, .alone = true}};
    catalogue.single = {"name"};
    catalogue.most_pending = 4;
    catalogue.old_after_ms = 100;
  }

  std::vector<Operation> run(std::size_t steps) {
    WorkloadSettings settings;
    settings.read_delay = {std::chrono::milliseconds(1), std::chrono::milliseconds(200)};
    FakeSession session(system_, 0, 1, steps);
    session.answer = answer_;
    make_workload("views", settings)->run(session);
    EXPECT_EQ(session.calls_after_the_end, 0U);
    return session.operations();
  }

  /// From now on views lack what is written, and each answer tells how much that is.
  void lag() {
    answer_ = [this](Operation& operation) {
      if (operation.is_write()) lacked_.insert(operation.key);
      operation.labels[pending_label] = std::to_string(lacked_.size());
      most_ = std::max(most_, lacked_.size());
    };
  }

  FakeSystem system_;
  std::function<void(Operation&)> answer_;
  std::set<std::string> lacked_;
  std::size_t most_ = 0;
};

TEST_F(ViewsWorkload, each_deed_is_looked_for_in_each_view_that_can_show_it) {
  std::map<std::string, std::set<std::string>> routes;
  std::map<std::string, std::string> last;  // value by key
  std::set<std::string> written;
  for (const Operation& operation : run(2000)) {
    const std::string deed = operation.labels.at("write");
    if (operation.is_write()) {
      written.insert(operation.key);
      continue;
    }
    EXPECT_TRUE(written.contains(operation.key)) << operation.key;
    const std::string route = operation.labels.at("route");
    routes[deed].insert(route);
    const bool promised = route != "raw feed" && deed != "delete";
    EXPECT_EQ(operation.labels.at("promised"), promised ? "yes" : "no") << route << ", " << deed;
  }
  const std::set<std::string> feeds{"feed", "raw feed"};
  EXPECT_EQ(routes,
            (std::map<std::string, std::set<std::string>>{
                {"post", feeds}, {"name", {"profile"}}, {"thread", feeds}, {"delete", feeds}, {"too many", feeds}}));
}

TEST_F(ViewsWorkload, each_write_has_a_key_of_its_own_but_for_single_kinds) {
  std::map<std::string, std::size_t> writes;
  std::map<std::string, std::size_t> deletes;
  for (const Operation& operation : run(2000)) {
    if (operation.function == Function::write) ++writes[operation.key];
    if (operation.function == Function::remove) {
      EXPECT_GT(writes[operation.key], 0U);
      ++deletes[operation.key];
    }
  }
  EXPECT_GT(writes.at("u0/name"), 1U);
  writes.erase("u0/name");
  for (const auto& [key, count] : writes) {
    EXPECT_TRUE(key.starts_with("u0/post/s0-")) << key;
    EXPECT_EQ(count, 1U) << key;
  }
  EXPECT_FALSE(deletes.empty());
  for (const auto& [key, count] : deletes)
    EXPECT_EQ(count, 1U) << key;
}

TEST_F(ViewsWorkload, no_more_is_pending_than_may_be) {
  system_.catalogue.deeds.pop_back();
  lag();
  std::size_t writes = 0;
  for (const Operation& operation : run(2000))
    writes += operation.is_write() ? 1U : 0U;
  EXPECT_GE(writes, 1U);
  EXPECT_LE(most_, 4U);
}

TEST_F(ViewsWorkload, what_was_written_before_a_fault_is_pending_under_it) {
  system_.catalogue.deeds.pop_back();
  lag();
  answer_ = [this, told = answer_](Operation& operation) {
    told(operation);
    if (lacked_.size() == 3) system_.condition = {.name = "held", .episode = 1};
  };
  run(2000);
  EXPECT_EQ(system_.condition.name, "held");
  EXPECT_LE(most_, 4U);
}

TEST_F(ViewsWorkload, what_needs_to_be_alone_waits_until_nothing_is_pending) {
  lag();
  for (const Operation& operation : run(2000)) {
    if (!operation.is_write() || operation.labels.at("write") != "too many") continue;
    EXPECT_EQ(operation.labels.at(pending_label), "1") << "its first write is the only one";
    break;
  }
  EXPECT_LE(most_, 5U);
}

TEST_F(ViewsWorkload, what_was_deleted_is_looked_for_as_what_was_deleted) {
  std::erase_if(system_.catalogue.deeds,
                [](const Deed& deed) { return deed.name != "thread" && deed.name != "delete"; });
  lag();
  int looks = 0;
  answer_ = [this, &looks, told = answer_](Operation& operation) {
    if (!operation.is_write() && ++looks % 100 == 0) lacked_.clear();
    told(operation);
  };
  std::set<std::string> deleted;
  for (const Operation& operation : run(4000)) {
    if (operation.function == Function::remove) deleted.insert(operation.key);
    EXPECT_TRUE(!deleted.contains(operation.key) || operation.labels.at("write") == "delete") << operation.key;
  }
  EXPECT_GT(deleted.size(), 5U);
}

TEST_F(ViewsWorkload, what_another_device_of_the_user_wrote_is_pending_too) {
  system_.catalogue.deeds.pop_back();
  lag();
  const auto workload = make_workload("views", {});
  for (const std::size_t ordinal : {0U, 1U}) {
    FakeSession session(system_, ordinal, 2, 500);
    session.belong_to("u0");
    session.answer = answer_;
    workload->run(session);
  }
  EXPECT_LE(most_, 4U);
  EXPECT_GE(most_, 1U);
}

TEST_F(ViewsWorkload, a_further_look_tells_that_the_views_have_caught_up) {
  system_.catalogue.deeds.pop_back();
  lag();
  int looks = 0;
  answer_ = [this, &looks, told = answer_](Operation& operation) {
    if (!operation.is_write() && ++looks % 50 == 0) lacked_.clear();
    told(operation);
  };
  std::size_t writes = 0;
  for (const Operation& operation : run(2000))
    writes += operation.is_write() ? 1U : 0U;
  EXPECT_GT(writes, 20U);
  EXPECT_LE(most_, 4U);
}

TEST_F(ViewsWorkload, what_needs_to_be_alone_is_given_up_when_the_condition_changes_in_its_midst) {
  system_.catalogue.deeds = {system_.catalogue.deeds.back()};
  answer_ = [this](Operation& operation) {
    if (operation.is_write()) ++system_.condition.episode;
  };
  for (const Operation& operation : run(200))
    EXPECT_TRUE(operation.key == "u0/name" && operation.is_write()) << operation.key;
}

TEST_F(ViewsWorkload, while_the_condition_changes_nothing_is_written) {
  system_.condition = {.name = "changing", .episode = 1};
  EXPECT_THAT(run(200), testing::IsEmpty());
}

}  // namespace
}  // namespace afterwrite::workloads
