// Small histories written by hand, one for each trap and anomaly, each with the answer that a reader of
// docs/guarantees.md would give. NAME.jsonl is judged as NAME.expected.json asks and must be answered as it says.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "checkers/judge.hpp"
#include "harness/history/reader.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::json;

const std::filesystem::path folder = std::filesystem::path(AFTERWRITE_GOLDEN);

std::vector<std::string> names_of_golden_files() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".jsonl") {
      found.push_back(entry.path().stem().string());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

Json read_json(const std::filesystem::path& file) {
  return Json::parse(std::ifstream(file));
}

/// `min_at_risk` is 0 unless the file says otherwise, so that `held` needs no samples.
Question question_of(const Json& expected) {
  Question question;
  const Json asked = expected.value("question", Json::object());
  for (const Json& name : asked.value("guarantees", Json::array())) {
    question.guarantees.push_back(parse_guarantees(name.get<std::string>()).value());
  }
  if (asked.contains("scopes")) {
    question.scopes.clear();
    for (const Json& name : asked.at("scopes")) {
      question.scopes.push_back(parse_scope(name.get<std::string>()).value());
    }
  }
  question.min_at_risk = asked.value("min_at_risk", std::uint64_t{0});
  return question;
}

/// The row that is called `GUARANTEES` or `GUARANTEES per SCOPE`.
const Row& row_named(const Judgement& judgement, const std::string& name) {
  for (const Row& row : judgement.rows) {
    const std::string guarantees = to_string(row.guarantees);
    if (name == guarantees + " per " + std::string(to_string(row.scope)) ||
        (name == guarantees && row.scope == Scope::session)) {
      return row;
    }
  }
  throw std::out_of_range("no row " + name);
}

Json as_json(const std::vector<std::string>& texts) {
  Json sorted = texts;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

/// What the expected file may say of a row, each only if it says so.
void expect_row(const Row& row, const Json& expected) {
  EXPECT_EQ(std::string(to_string(row.verdict)), expected.at("verdict")) << row.reason;
  Json flagged = Json::array();
  Json counts = Json::array();
  Json behind = Json::array();
  for (const Violation& entry : row.entries) {
    flagged.push_back(entry.operation);
    counts.push_back(entry.count);
    behind.push_back(entry.versions_behind ? Json(*entry.versions_behind) : Json());
    if (expected.contains("assumptions")) {
      EXPECT_EQ(as_json(names(entry.assumptions)), as_json(expected.at("assumptions")));
    }
    if (expected.contains("faults")) {
      EXPECT_EQ(Json(entry.faults), expected.at("faults"));
    }
  }
  EXPECT_EQ(flagged, expected.at("flagged"));
  EXPECT_EQ(row.violations, expected.value("violations", flagged.size()));
  if (expected.contains("counts")) {
    EXPECT_EQ(counts, expected.at("counts"));
  }
  if (expected.contains("versions_behind")) {
    EXPECT_EQ(behind, expected.at("versions_behind"));
  }
  if (expected.contains("dropped")) {
    EXPECT_EQ(row.dropped.size(), expected.at("dropped"));
  }
  if (expected.contains("at_risk")) {
    EXPECT_EQ(row.at_risk, expected.at("at_risk"));
  }
  EXPECT_FALSE(row.reason.empty());
}

class GoldenHistory : public testing::TestWithParam<std::string> {};

TEST_P(GoldenHistory, IsJudgedAsExpected) {
  const Json expected = read_json(folder / (GetParam() + ".expected.json"));
  const History history = read_history(folder / (GetParam() + ".jsonl"));
  SCOPED_TRACE(expected.at("about").get<std::string>());
  const Judgement judgement = judge(history, question_of(expected));
  for (const auto& [name, row] : expected.at("rows").items()) {
    SCOPED_TRACE(name);
    expect_row(row_named(judgement, name), row);
  }
  EXPECT_EQ(Json(judgement.anomalies), expected.at("anomalies"));
}

INSTANTIATE_TEST_SUITE_P(All, GoldenHistory, testing::ValuesIn(names_of_golden_files()), [](const auto& chosen) {
  std::string name = chosen.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(GoldenHistories, AreAllThere) {
  const std::vector<std::string> found = names_of_golden_files();
  EXPECT_GE(found.size(), 40U);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    EXPECT_TRUE(std::binary_search(found.begin(), found.end(), file.substr(0, file.find('.')))) << file;
  }
}

}  // namespace
}  // namespace afterwrite
