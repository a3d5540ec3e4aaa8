#include "results/report_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/history/any_operation.hpp"
#include "tests/results/made_up.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::ordered_json;

Json report_of(const MadeUp& made) {
  return report_json(made.history, made.judgement, summarise(made.history));
}

TEST(ReportJson, BeginsWithWhatMatters) {
  const Json report = report_of(any_replica_violated());
  auto at = report.begin();
  EXPECT_EQ(at.key(), "schema");
  EXPECT_EQ(at.value(), "afterwrite.report/1");
  ++at;
  EXPECT_EQ(at.key(), "verdict");
  EXPECT_EQ(at.value(), "violated");
}

TEST(ReportJson, NamesTheRun) {
  const Json run = report_of(any_replica_violated()).at("run");
  EXPECT_EQ(run.at("history"), "afterwrite-runs/demo/history.jsonl");
  EXPECT_EQ(run.at("system"), "postgres");
  EXPECT_EQ(run.at("policy"), "any-replica");
  EXPECT_EQ(run.at("seed"), 42);
  EXPECT_EQ(run.at("deployment").at("server"), "PostgreSQL 15.8");
  EXPECT_EQ(run.at("command"), "afterwrite audit postgres --lag 500ms --read-policy any-replica --seed 42");
  EXPECT_EQ(run.at("truncated"), false);
  EXPECT_FALSE(run.contains("kind"));
  EXPECT_FALSE(run.contains("schema"));
}

TEST(ReportJson, RowsBearTheirEvidence) {
  const Json rows = report_of(any_replica_violated()).at("guarantees");
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].at("guarantee"), "read-your-writes");
  EXPECT_EQ(rows[0].at("scope"), "session");
  EXPECT_EQ(rows[0].at("group"), "");
  EXPECT_EQ(rows[0].at("verdict"), "violated");
  EXPECT_EQ(rows[0].at("violations"), 37);
  EXPECT_EQ(rows[0].at("decided"), 600);
  EXPECT_EQ(rows[0].at("at_risk"), 412);
  EXPECT_EQ(rows[0].at("rate"), (Json{{"value", 0.0898}, {"low", 0.0641}, {"high", 0.1217}, {"confidence", 0.95}}));
  EXPECT_EQ(rows[1].at("assumptions"), Json::array({"writer-order"}));
  EXPECT_EQ(rows[2].at("guarantee"), "read-your-writes+monotonic-reads");
  EXPECT_EQ(rows[2].at("broken"), 38);
  EXPECT_EQ(rows[2].at("violations"), 0);
  EXPECT_EQ(rows[3].at("control"), true);
}

TEST(ReportJson, WitnessesAreWhole) {
  const Json witness = report_of(any_replica_violated()).at("guarantees").at(0).at("witnesses").at(0);
  EXPECT_EQ(witness.at("scope_name"), "s3");
  EXPECT_EQ(witness.at("operation"), 1);
  EXPECT_EQ(witness.at("line"), 3);
  EXPECT_EQ(witness.at("node"), "node-2");
  EXPECT_EQ(witness.at("role"), "follower");
  EXPECT_EQ(witness.at("expected"), "s3-7");
  EXPECT_EQ(witness.at("observed"), "s3-6");
  EXPECT_EQ(witness.at("staleness_ms"), 212.05);
  EXPECT_EQ(witness.at("versions_behind"), 1);
  EXPECT_EQ(witness.at("faults"), Json::array({"lag-1"}));
  ASSERT_EQ(witness.at("operations").size(), 2U);
  EXPECT_EQ(witness.at("operations").at(1),
            Json::parse(R"({"index":1,"line":3,"session":"s3","user":"u3","process":"s3.0","f":"read","key":"k1",
                            "value":"s3-6","type":"ok","invoke":1113250000,"complete":1113900000,"node":"node-2",
                            "role":"follower","version":6,"epoch":1})"));
  EXPECT_EQ(witness.at("edges").at(0),
            Json::parse(R"({"kind":"recorded-version","older":"s3-6","newer":"s3-7","operations":[1,0],
                            "reason":"s3-6 is older than s3-7: the system numbered them 6 and 7 in epoch 1"})"));
}

TEST(ReportJson, ListsAndNothingsAreValuesOfTheirOwn) {
  const Json rows = report_of(lists_and_failover()).at("guarantees");
  EXPECT_EQ(rows[0].at("witnesses").at(0).at("observed"), Json::array({"s9-1"}));
  EXPECT_EQ(rows[1].at("witnesses").at(0).at("observed"), nullptr);
  EXPECT_EQ(rows[1].at("witnesses").at(0).at("edges").size(), 3U);
  EXPECT_EQ(rows[1].at("scope"), "user");
}

TEST(ReportJson, AWitnessNamesWhatItBreaksAndWhereItsWriteWasLost) {
  const Json rows = report_of(lists_and_failover()).at("guarantees");
  EXPECT_EQ(rows[0].at("witnesses").at(0).at("guarantees"), "read-your-writes");
  EXPECT_EQ(rows[0].at("witnesses").at(0).at("lost_at"), "failover-1");
  EXPECT_EQ(rows[1].at("witnesses").at(0).at("guarantees"), "read-your-writes+monotonic-reads");
  EXPECT_EQ(rows[1].at("witnesses").at(0).at("lost_at"), nullptr);
}

TEST(ReportJson, StalenessIsOfEachOperation) {
  MadeUp made = any_replica_violated();
  const Json staleness = report_of(made).at("staleness");
  EXPECT_EQ(staleness.at("overdue_ms").at("count"), 4);
  EXPECT_EQ(staleness.at("versions").at("count"), 1);
  EXPECT_EQ(report_of(made).at("guarantees").at(1).at("witnesses").at(0).at("staleness_ms"), 55) << "the longest";
  made.judgement.rows[0].entries[0].versions_behind.reset();
  EXPECT_EQ(report_of(made).at("staleness").at("versions"), nullptr) << "none were recorded";
}

TEST(ReportJson, ControlSessionsAreApart) {
  MadeUp made = version_token_held();
  made.history.operations.back().labels["control"] = "true";
  const Json functions = report_of(made).at("availability").at("functions");
  EXPECT_EQ(functions.at(0).at("sessions"), "policy");
  EXPECT_EQ(functions.at(0).at("latency_ms").at("count"), 2);
  EXPECT_EQ(functions.at(2).at("sessions"), "control");
}

TEST(ReportJson, TooManyWitnessesAreLeftOutAndCounted) {
  MadeUp made = any_replica_violated();
  made.judgement.rows[0].entries.assign(9, made.judgement.rows[0].entries.front());
  const Json row = report_json(made.history, made.judgement, summarise(made.history), 4).at("guarantees").at(0);
  EXPECT_EQ(row.at("witnesses").size(), 4U);
  EXPECT_EQ(row.at("witnesses_left_out"), 5);
  EXPECT_EQ(row.at("violations"), 37);
}

TEST(ReportJson, TellsOfFaultsAnomaliesMoneyAndNotes) {
  const Json report = report_of(everything_in_doubt());
  EXPECT_EQ(report.at("verdict"), "unknown");
  EXPECT_EQ(report.at("run").at("truncated"), true);
  EXPECT_EQ(report.at("anomalies").at("phantom-read"), 2);
  EXPECT_EQ(report.at("faults").at(0).at("detail").at("delay_ms"), 500);
  EXPECT_EQ(report.at("faults").at(1).at("bit"), false);
  EXPECT_EQ(report.at("faults").at(1).at("start_ms"), 2000);
  EXPECT_EQ(report.at("bank").at("carried_out_twice"), 3);
  EXPECT_EQ(report.at("staleness"), nullptr);
  EXPECT_EQ(report.at("notes").size(), 1U);
  EXPECT_EQ(report.at("guarantees").at(0).at("dropped_assumptions").size(), 1U);
  EXPECT_EQ(report.at("lag").at(1).at("unreachable"), 1);
}

RC_GTEST_PROP(ReportJson, AnyBytesCanBeWritten, (const std::string& bytes)) {
  const std::string text = report_of(full_of(bytes)).dump();  // throws for anything that is not UTF-8
  RC_ASSERT(nlohmann::json::accept(text));
}

}  // namespace
}  // namespace afterwrite
