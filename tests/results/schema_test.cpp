#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "checkers/judge.hpp"
#include "harness/history/reader.hpp"
#include "results/report_json.hpp"
#include "results/report_schema.hpp"
#include "tests/results/any_judgement.hpp"
#include "tests/results/made_up.hpp"
#include "tests/results/private_folder.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::json;

/// What the schema says against `report`; empty if it is valid.
std::string objections(const Json& report) {
  valijson::Schema schema;
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(Json::parse(report_schema())), schema);
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(report), &results);
  std::string text;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& step : error.context)
      text += step;
    text += ": " + error.description + "\n";
  }
  return text;
}

Json report_of(const MadeUp& made) {
  return Json::parse(report_json(made.history, made.judgement, summarise(made.history)).dump());
}

TEST(Schema, TheOneCompiledInIsTheOnePublished) {
  EXPECT_EQ(report_schema(), content_of(std::string(AFTERWRITE_SOURCE_DIR) + "/results/report.schema.json"));
}

TEST(Schema, ReportsOfEveryKindAreValid) {
  const std::vector<MadeUp> all{any_replica_violated(), version_token_held(), everything_in_doubt(),
                                lists_and_failover(), foreign_and_quiet()};
  for (const MadeUp& made : all) {
    const Json report = report_of(made);
    EXPECT_EQ(objections(report), "") << report.dump(2);
  }
}

TEST(Schema, AReportWithoutTimesIsValid) {
  for (MadeUp made : {any_replica_violated(), lists_and_failover(), everything_in_doubt()}) {
    for (const char* times : {"none", "order"}) {
      made.history.header.all["times"] = times;
      EXPECT_EQ(objections(report_of(made)), "");
    }
  }
}

TEST(Schema, AnEmptyHistoryHasAValidReport) {
  EXPECT_EQ(objections(report_of({})), "");
}

TEST(Schema, WhatTheCheckersFindInTheGoldenHistoryIsValid) {
  const History history = read_history(std::string(AFTERWRITE_SOURCE_DIR) + "/tests/history/golden/history.jsonl");
  Question question;
  question.scopes = {Scope::session, Scope::user, Scope::process};
  const Judgement judgement = judge(history, question);
  EXPECT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(objections(report_of({history, judgement})), "");
}

RC_GTEST_PROP(Schema, AnyReportIsValid, ()) {
  const Json report = report_of(any_judgement());
  RC_ASSERT(objections(report) == "");
}

/// The schema is of use only if it says no to what is wrong.
TEST(Schema, DamagedReportsAreNot) {
  const Json good = report_of(any_replica_violated());
  ASSERT_EQ(objections(good), "");
  const auto damaged = [&](const char* pointer, const Json& value) {
    Json report = good;
    report[Json::json_pointer(pointer)] = value;
    return objections(report);
  };
  EXPECT_NE(damaged("/schema", "afterwrite.report/2"), "");
  EXPECT_NE(damaged("/verdict", "fine"), "");
  EXPECT_NE(damaged("/more", 1), "");
  EXPECT_NE(damaged("/guarantees/0/violations", -1), "");
  EXPECT_NE(damaged("/guarantees/0/rate/value", 1.5), "");
  EXPECT_NE(damaged("/guarantees/0/witnesses/0/operations", Json::array()), "");
  EXPECT_NE(damaged("/guarantees/0/witnesses/0/edges/0/kind", "rumour"), "");
  EXPECT_NE(damaged("/guarantees/0/witnesses/0/operations/0/kind", "op"), "");
  EXPECT_NE(damaged("/run/seed", "42"), "");
  EXPECT_NE(damaged("/faults/0/bit", 1), "");
  EXPECT_EQ(damaged("/run/anything", Json{{"of", "the header"}}), "");
  // Absent where the history has no basis for them.
  const std::set<std::string> where_there_is_a_basis{"staleness_curve", "no_staleness_curve", "safe_window", "windows_in_use",
                                                     "courses",         "no_courses",         "lag_distribution",   "versions_behind"};
  for (const auto& [name, value] : good.items()) {
    if (where_there_is_a_basis.contains(name)) continue;
    Json report = good;
    report.erase(name);
    EXPECT_NE(objections(report), "") << name;
  }
}

}  // namespace
}  // namespace afterwrite
