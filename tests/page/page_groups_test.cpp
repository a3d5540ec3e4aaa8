// The rows by label, as the page has them.

#include "results/page/page_groups.hpp"

#include <gtest/gtest.h>

#include "results/page/embedded_json.hpp"
#include "results/page/page_data.hpp"
#include "tests/results/labelled_run.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::ordered_json;
using PageGroups = LabelledRun;

TEST_F(PageGroups, HasEachRowByItsLabelsInTheOrderAskedFor) {
  const Json groups = page_groups(history_, judgement_, summarise(history_));
  EXPECT_EQ(groups.at("labels"), Json::array({"route", "condition"}));
  EXPECT_EQ(groups.at("tables"), Json::array({"read-your-writes"}));
  ASSERT_EQ(groups.at("rows").size(), 3U);
  EXPECT_EQ(groups.at("rows_left_out"), 0);
  const Json& feed = groups.at("rows").at(0);
  EXPECT_EQ(feed.at("labels"), Json::array({"feed", "held"}));
  EXPECT_EQ(feed.at("verdict"), "violated");
  EXPECT_EQ(feed.at("broken"), 2);
  EXPECT_EQ(feed.at("promised"), true);
  EXPECT_EQ(feed.at("told"), "lag admitted x 1, refused x 1");
  EXPECT_EQ(feed.at("entry"), row("feed, held").entries.front().number);
  const Json& profile = groups.at("rows").at(1);
  EXPECT_EQ(profile.at("verdict"), "held");
  EXPECT_TRUE(profile.at("entry").is_null());
  EXPECT_EQ(groups.at("rows").at(2).at("promised"), false);
}

TEST_F(PageGroups, OfOneLabelOrNoneThereIsNoTable) {
  judge_again("route");
  EXPECT_TRUE(page_groups(history_, judgement_, summarise(history_)).is_null());
  judge_again("");
  EXPECT_TRUE(page_groups(history_, judgement_, summarise(history_)).is_null());
}

TEST_F(PageGroups, WhereThereIsNoRoomViolatedRowsComeFirst) {
  for (int i = 0; i < 500; ++i)
    read("x", std::string("a"), {{"route", "a fresh one " + std::to_string(i)}, {"condition", "held"}});
  judge_again();
  const Json groups = page_groups(history_, judgement_, summarise(history_), {.row_bytes = 2000});
  EXPECT_LE(embedded(groups.at("rows")).size(), 2100U);
  std::size_t violated = 0;
  for (const Json& row : groups.at("rows"))
    violated += row.at("verdict") == "violated" ? 1U : 0U;
  EXPECT_EQ(violated, 2U);
  EXPECT_EQ(groups.at("rows").size() + groups.at("rows_left_out").get<std::size_t>(), 503U);
}

TEST_F(PageGroups, CoursesInWhichAWriteWasGoneComeFirst) {
  RunSummary summary = summarise(history_);
  for (const char* route : {"feed", "profile"}) {
    CourseKind& kind = summary.courses.emplace_back();
    kind.labels = {{"route", route}, {"condition", "held"}};
    kind.phases = {Phase::fresh};
    if (route == std::string("profile")) kind.phases = {Phase::fresh, Phase::gone};
    kind.writes = 2;
    kind.example.reads = {{1, 1'500'000, Phase::fresh}, {2, 2'500'000, kind.phases.back()}};
  }
  const Json courses = page_groups(history_, judgement_, summary).at("courses");
  ASSERT_EQ(courses.size(), 2U);
  EXPECT_EQ(courses.at(0).at("labels"), Json::array({"profile", "held"}));
  EXPECT_EQ(courses.at(0).at("reads"), Json::array({Json::array({1.5, "fresh"}), Json::array({2.5, "gone"})}));
  const Json cut = page_groups(history_, judgement_, summary, {.course_bytes = 120});
  EXPECT_EQ(cut.at("courses").size(), 1U);
  EXPECT_EQ(cut.at("courses_left_out"), 1);
}

TEST_F(PageGroups, WhatTheTableShowsIsNotSaidTwice) {
  const Json data = page_data(history_, judgement_, summarise(history_));
  EXPECT_TRUE(data.at("report").at("guarantees").empty());
  EXPECT_EQ(data.at("groups").at("rows").size(), 3U);
}

}  // namespace
}  // namespace afterwrite
