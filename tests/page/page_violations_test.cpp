#include "results/page/page_violations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/page/embedded_json.hpp"
#include "tests/results/made_up.hpp"

namespace afterwrite {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

Json violations_of(const MadeUp& made, const PageRoom& room = {}) {
  const RunSummary summary = summarise(made.history);
  return page_violations(made.history, made.judgement, PageTimes(made.history, summary), room);
}

const Json& at(const Json& list, const Json& number) {
  return list.at(number.get<std::size_t>());
}

/// One row with so many entries, each on a key of its own, a tenth of them under a fault.
MadeUp many(std::size_t count) {
  MadeUp made = any_replica_violated();
  made.judgement.rows = {made.judgement.rows[0], made.judgement.rows[1], made.judgement.rows[3]};
  Row& row = made.judgement.rows[0];
  const Violation pattern = row.entries[0];
  row.entries.clear();
  for (std::size_t i = 0; i < count; ++i) {
    Violation& violation = row.entries.emplace_back(pattern);
    violation.key = "k" + std::to_string(i);
    violation.faults.clear();
    if (i % 10 == 0) violation.faults = {"lag-1"};
  }
  number_entries(made.judgement);
  return made;
}

TEST(PageViolations, OfNothing) {
  const Json violations = violations_of(version_token_held());
  EXPECT_EQ(violations.at("total"), 0);
  EXPECT_TRUE(violations.at("witnesses").empty());
  EXPECT_TRUE(violations.at("entries").at("number").empty());
}

TEST(PageViolations, AWitnessAsItIsDrawn) {
  const Json violations = violations_of(any_replica_violated());
  const Json& witness = at(violations.at("witnesses"), violations.at("entries").at("witness")[0]);
  const Json& operations = violations.at("operations");
  ASSERT_EQ(witness.at("steps").size(), 2U);
  const Json& write = at(operations, witness.at("steps")[0].at("operation"));
  const Json& read = at(operations, witness.at("steps")[1].at("operation"));
  EXPECT_EQ(write.at("value"), "s3-7");
  EXPECT_EQ(write.at("from_ms"), 900.0);
  EXPECT_EQ(write.at("to_ms"), 901.2);
  EXPECT_EQ(read.at("node"), "node-2");
  EXPECT_EQ(read.at("role"), "follower");
  EXPECT_EQ(witness.at("steps")[1].at("broken"), true);
  EXPECT_THAT(read.at("raw").get<std::string>(), HasSubstr(R"("value":"s3-6")"));
  for (const Json& edge : witness.at("edges")) {
    if (edge.at("kind") != "read-your-writes") continue;
    EXPECT_EQ(edge.at("from"), witness.at("steps")[0].at("operation"));
    EXPECT_EQ(edge.at("to"), witness.at("steps")[1].at("operation"));
    EXPECT_THAT(edge.at("reason").get<std::string>(), HasSubstr("would be older"));
  }
}

TEST(PageViolations, TheStateBeforeAnyWriteLeadsToTheWriteThatReplacedIt) {
  MadeUp made = any_replica_violated();
  Violation& violation = made.judgement.rows[0].entries[0];
  violation.cycle = {{EdgeKind::initial, Value{}, text("s3-7"), {}}};
  violation.operations = {0, 1};
  const Json violations = violations_of(made);
  const Json& edge = violations.at("witnesses")[0].at("edges")[0];
  EXPECT_TRUE(edge.at("from").is_null());
  EXPECT_EQ(at(violations.at("operations"), edge.at("to")).at("place"), 0);
}

TEST(PageViolations, OperationsOfSeveralWitnessesStandOnce) {
  MadeUp made = any_replica_violated();
  made.judgement.rows[0].entries.push_back(made.judgement.rows[0].entries[0]);
  number_entries(made.judgement);
  const Json violations = violations_of(made);
  EXPECT_EQ(violations.at("witnesses").size(), 4U) << "two of the row, one of monotonic-reads, one of the control row";
  EXPECT_LE(violations.at("operations").size(), made.history.operations.size());
}

TEST(PageViolations, WhatHasNoRoomIsCounted) {
  const MadeUp made = many(500);
  const Json violations =
      violations_of(made, {.entries = 100, .names_bytes = 100'000, .witness_bytes = 20'000, .groups = 5});
  EXPECT_EQ(violations.at("total"), 502);
  EXPECT_EQ(violations.at("listed"), 100);
  const auto told = violations.at("told").get<std::size_t>();
  EXPECT_GT(told, 3U);
  EXPECT_LT(told, 50U);
  EXPECT_EQ(violations.at("witnesses").size(), told);
  for (const auto& [name, column] : violations.at("entries").items())
    EXPECT_EQ(column.size(), 100U) << name;
  EXPECT_LT(embedded(violations.at("witnesses")).size() + embedded(violations.at("operations")).size(), 25'000U);
}

TEST(PageViolations, EachRowHasItsShareAndControlSessionsComeLast) {
  const Json violations = violations_of(many(500), {.entries = 100});
  std::vector<int> of_row(3);
  for (const Json& row : violations.at("entries").at("row"))
    ++of_row[row.get<std::size_t>()];
  EXPECT_EQ(of_row, (std::vector<int>{99, 1, 0}));
  EXPECT_EQ(violations.at("rows")[2].at("control"), true);
  EXPECT_EQ(violations.at("rows")[2].at("entries"), 1);
}

TEST(PageViolations, EntriesOfRowsThatHaveNoRoomAreCounted) {
  MadeUp made = any_replica_violated();
  made.judgement.rows.resize(2000, made.judgement.rows[0]);
  number_entries(made.judgement);
  const Json violations = violations_of(made);
  EXPECT_EQ(violations.at("rows").size(), 1200U);
  EXPECT_EQ(violations.at("total"), 1999) << "one row has none";
  EXPECT_EQ(violations.at("listed"), 1199);
  for (const Json& row : violations.at("entries").at("row"))
    EXPECT_LT(row.get<std::size_t>(), 1200U);
}

TEST(PageViolations, AnEntryOfVeryManyOperationsIsListedOnly) {
  MadeUp made = any_replica_violated();
  made.judgement.rows[0].entries[0].operations.resize(1000);
  const Json violations = violations_of(made);
  EXPECT_EQ(violations.at("listed"), 3);
  EXPECT_TRUE(violations.at("entries").at("witness")[0].is_null());
}

TEST(PageViolations, GroupsCountAllOfThem) {
  const Json violations = violations_of(many(500), {.entries = 10, .groups = 5});
  const Json& keys = violations.at("groups").at("key");
  EXPECT_EQ(keys.at("shown").size(), 5U);
  EXPECT_EQ(keys.at("names"), 500) << "k1 is that of the other rows too";
  std::uint64_t entries = keys.at("other_entries");
  for (const Json& group : keys.at("shown"))
    entries += group.at("entries").get<std::uint64_t>();
  EXPECT_EQ(entries, 502U);
  const Json& faults = violations.at("groups").at("fault").at("shown");
  EXPECT_EQ(at(violations.at("names").at("faults"), faults[0].at("name")), "");
  EXPECT_EQ(at(violations.at("names").at("faults"), faults[1].at("name")), "lag-1");
}

TEST(PageViolations, ALineTooLongForAPageIsLeftOut) {
  MadeUp made = any_replica_violated();
  made.history.operations[1].key = std::string(1'000'000, 'k');
  const Json violations = violations_of(made);
  EXPECT_LT(embedded(violations).size(), 20'000U);
  const Json& read = at(violations.at("operations"), violations.at("witnesses")[0].at("steps")[1].at("operation"));
  EXPECT_TRUE(read.at("raw").is_null());
  EXPECT_LE(read.at("key").get<std::string>().size(), 60U);
}

TEST(PageViolations, WithoutTimesNothingIsSaidOfWhen) {
  MadeUp made = any_replica_violated();
  made.history.header.all["times"] = "order";
  const Json violations = violations_of(made);
  EXPECT_TRUE(violations.at("entries").at("at_ms")[0].is_null());
  EXPECT_TRUE(violations.at("entries").at("stale_ms")[0].is_null());
  EXPECT_TRUE(violations.at("operations")[0].at("from_ms").is_null());
  EXPECT_EQ(violations.at("header").at("times"), "order");
}

}  // namespace
}  // namespace afterwrite
