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
    catalogue.most_in_an_episode = 4;
    catalogue.old_after_ms = 100;
  }

  std::vector<Operation> run(std::size_t steps) {
    WorkloadSettings settings;
    settings.read_delay = {std::chrono::milliseconds(1), std::chrono::milliseconds(200)};
    FakeSession session(system_, 0, 1, steps);
    make_workload("views", settings)->run(session);
    EXPECT_EQ(session.calls_after_the_end, 0U);
    return session.operations();
  }

  FakeSystem system_;
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

TEST_F(ViewsWorkload, under_a_fault_no_more_is_written_than_may_be) {
  system_.condition = {.name = "held", .episode = 1};
  std::map<std::string, std::size_t> deeds;
  std::size_t writes = 0;
  for (const Operation& operation : run(2000)) {
    if (!operation.is_write()) continue;
    ++writes;
    ++deeds[operation.labels.at("write")];
  }
  if (deeds.contains("too many")) {
    EXPECT_EQ(writes, 5U) << "it needs an episode for itself";
  } else {
    EXPECT_LE(writes, 4U);
    EXPECT_GE(writes, 1U);
  }
}

TEST_F(ViewsWorkload, while_the_condition_changes_nothing_is_written) {
  system_.condition = {.name = "changing", .episode = 1};
  EXPECT_THAT(run(200), testing::IsEmpty());
}

}  // namespace
}  // namespace afterwrite::workloads
