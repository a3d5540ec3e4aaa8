#include "results/page/sweep_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "results/sweep_report.hpp"

namespace afterwrite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using Json = nlohmann::ordered_json;

Json row_of(const std::string& name, const std::string& verdict) {
  return {{"name", name},
          {"guarantee", name},
          {"scope", "session"},
          {"group", ""},
          {"joint", false},
          {"verdict", verdict},
          {"broken", 0},
          {"at_risk", 12},
          {"rate", {{"value", 0.0}, {"low", 0.0}, {"high", 0.265}, {"confidence", 0.95}}},
          {"reason", "only 12 of 20 decided operations were at risk (30 needed)"}};
}

Json done_cell(std::size_t number, const std::string& policy, const std::string& verdict) {
  return {{"number", number},
          {"settings", {{"read-policy", policy}}},
          {"folder", "cells/" + std::to_string(number)},
          {"state", "done"},
          {"seconds", 3.5},
          {"verdict", verdict},
          {"guarantees", Json::array({row_of("read-your-writes", verdict)})},
          {"leader_share", nullptr},
          {"added_ms_a_read", 0.0},
          {"waits", 0},
          {"fallbacks", 0},
          {"read_median_ms", 0.5},
          {"read_p99_ms", 1.5},
          {"operations", 1000},
          {"operations_per_second", 300.0},
          {"lag", Json::array()}};
}

Json sweep_of(Json cells) {
  return {{"schema", sweep_schema_name},
          {"afterwrite", "0"},
          {"command", "afterwrite sweep memory"},
          {"system", "memory"},
          {"seed", 1},
          {"scenario", {{"system", "memory"}}},
          {"over", Json::array({{{"name", "read-policy"}, {"values", {"leader", "any-replica"}}}})},
          {"cells", std::move(cells)}};
}

Json cell_without_outcome(const std::string& state, const std::string& error = {}) {
  Json cell{{"number", 1}, {"settings", {{"read-policy", "leader"}}}, {"folder", "cells/1"}, {"state", state}};
  if (!error.empty()) cell["error"] = error;
  return cell;
}

TEST(SweepPage, EachEscapeIsEscapedOnceAndCommandsCanBeCopied) {
  Json cell = done_cell(1, "leader", "unknown");
  cell["guarantees"][0]["name"] = "read-your-writes (group bell \\u0007)";  // as row_name() gives it
  cell["guarantees"][0]["reason"] = "bell \a";
  Json sweep = sweep_of({cell});
  sweep["command"] = "afterwrite sweep 'exec:it'\\''s' --seed 1";
  const Json data = sweep_page_data(sweep).at("sweep");
  EXPECT_EQ(data.at("cells")[0].at("guarantees")[0].at("name"), "read-your-writes (group bell \\u0007)");
  EXPECT_EQ(data.at("rows")[0], "read-your-writes (group bell \\u0007)");
  EXPECT_EQ(data.at("notes")[0], "unknown: read-policy=leader: read-your-writes (group bell \\u0007): bell \\u0007");
  EXPECT_EQ(data.at("again"), "afterwrite sweep 'exec:it'\\''s' --seed 1");
}

TEST(SweepNotes, SayWhatIsNotKnownAndWhy) {
  const Json sweep = sweep_of(
      Json::array({cell_without_outcome("failed", "the port is taken\n"), done_cell(2, "any-replica", "unknown"),
                   done_cell(3, "leader", "held"), cell_without_outcome("pending")}));
  EXPECT_THAT(sweep_notes(sweep),
              ElementsAre("failed: read-policy=leader: the port is taken\\n",
                          "unknown: read-policy=any-replica: read-your-writes: only 12 of 20 decided operations were "
                          "at risk (30 needed)",
                          StartsWith("An unknown cell speaks neither for its rule nor against it."),
                          StartsWith("1 cell not carried out: ")));
  EXPECT_THAT(sweep_notes(sweep_of(Json::array({done_cell(1, "leader", "held")}))), SizeIs(0));
}

TEST(SweepNotes, AreFewHoweverManyCellsThereAre) {
  Json cells = Json::array();
  for (std::size_t i = 1; i <= 500; ++i)
    cells.push_back(done_cell(i, "rule-" + std::to_string(i), "unknown"));
  const std::vector<std::string> notes = sweep_notes(sweep_of(cells));
  EXPECT_THAT(notes, SizeIs(22));
  EXPECT_EQ(notes[20], "unknown: 480 more; sweep.json has all of them");
}

TEST(SweepText, FitsIntoATerminal) {
  const Json sweep = sweep_of(Json::array({done_cell(1, "leader", "held"), done_cell(2, "any-replica", "unknown")}));
  EXPECT_THAT(sweep_text(sweep), HasSubstr("leader       held     0.0 % (0.0 to 26.5) of 12  -              0 ms"));
  const std::string narrow = sweep_text(sweep, 50);
  EXPECT_THAT(narrow,
              HasSubstr("leader: held\n  read-your-writes 0.0 % (0.0 to 26.5) of 12; by\n  the leader -; added a "
                        "read 0 ms; median read\n  0.50 ms\nany-replica: unknown\n"));
  for (std::size_t begin = 0; begin < narrow.size(); begin = narrow.find('\n', begin) + 1)
    EXPECT_LE(narrow.find('\n', begin) - begin, 50U);
}

TEST(SweepPage, HoldsEveryCellAndTheNotes) {
  const Json sweep = sweep_of(Json::array(
      {done_cell(1, "leader", "held"), done_cell(2, "any-replica", "unknown"), cell_without_outcome("pending")}));
  const Json shown = sweep_page_data(sweep).at("sweep");
  EXPECT_EQ(shown.at("cells_in_all"), 3);
  EXPECT_THAT(shown.at("cells"), SizeIs(3));
  EXPECT_EQ(shown.at("rows"), Json::array({"read-your-writes"}));
  EXPECT_EQ(shown.at("notes"), Json(sweep_notes(sweep)));
  EXPECT_EQ(sweep_page(sweep), sweep_page(sweep));
}

TEST(SweepPage, StaysSmallWhateverIsInIt) {
  const std::string hostile = "</script><!--" + std::string(5000, '<');
  Json cells = Json::array();
  for (std::size_t i = 1; i <= 10'000; ++i) {
    Json& cell = cells.emplace_back(done_cell(i, hostile + std::to_string(i), hostile));
    cell["guarantees"][0]["name"] = hostile + std::to_string(i);
  }
  Json sweep = sweep_of(std::move(cells));
  sweep["command"] = hostile;
  for (int i = 0; i < 2000; ++i)
    sweep["scenario"]["member " + std::to_string(i)] = hostile;
  const std::string page = sweep_page(sweep);
  EXPECT_LT(page.size(), 2'000'000U);
  EXPECT_THAT(page, Not(HasSubstr("</script><!--")));
  EXPECT_EQ(sweep_page_data(sweep).at("sweep").at("cells_in_all"), 10'000);
}

}  // namespace
}  // namespace afterwrite
