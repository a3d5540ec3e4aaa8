#include "results/page/page_data.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "results/page/embedded_json.hpp"
#include "results/report_json.hpp"
#include "tests/results/any_judgement.hpp"
#include "tests/results/made_up.hpp"

namespace afterwrite {
namespace {

using Json = nlohmann::ordered_json;

Json data_of(const MadeUp& made) {
  return page_data(made.history, made.judgement, summarise(made.history));
}

TEST(PageData, HasTheReportWithoutItsWitnesses) {
  const MadeUp made = any_replica_violated();
  const Json report = data_of(made).at("report");
  const Json whole = report_json(made.history, made.judgement, summarise(made.history), 0);
  for (const auto& [name, value] : whole.items())
    EXPECT_TRUE(report.contains(name)) << name;
  EXPECT_EQ(report.at("guarantees"), whole.at("guarantees"));
  EXPECT_EQ(report.at("run").at("command"), whole.at("run").at("command"));
}

TEST(PageData, EachEscapeIsEscapedOnce) {
  MadeUp made = any_replica_violated();
  Row& row = made.judgement.rows[0];
  row.verdict = Verdict::unknown;
  row.reason = "bell \a and back\\slash";
  row.group = row.reason;
  const Json data = data_of(made);
  EXPECT_EQ(data.at("report").at("guarantees")[0].at("evidence"), "bell \\u0007 and back\\\\slash");
  EXPECT_EQ(data.at("violations").at("rows")[0].at("name"), "read-your-writes (group bell \\u0007 and back\\\\slash)");
}

TEST(PageData, AHeaderOfAnySizeIsCutAndTheRestIsNot) {
  MadeUp made = any_replica_violated();
  for (int i = 0; i < 3000; ++i)
    made.history.header.all["member-" + std::to_string(i)] = std::string(1000, '<');
  const Json data = data_of(made);
  EXPECT_LT(embedded(data).size(), 250'000U);
  EXPECT_EQ(data.at("report").at("run").at("system"), made.history.header.system);
  EXPECT_EQ(data.at("report").at("guarantees").size(), 4U);
}

TEST(PageData, OfVeryManyRowsAndFaultsTheFirstAndHowManyThereAre) {
  MadeUp made = any_replica_violated();
  made.judgement.rows.resize(2000, made.judgement.rows[0]);
  made.judgement.faults.resize(3000, made.judgement.faults[0]);
  const Json data = data_of(made);
  EXPECT_LT(embedded(data).size(), 1'600'000U);
  EXPECT_LT(data.at("report").at("guarantees").size(), 2000U);
  EXPECT_GT(data.at("report").at("guarantees").size(), 50U);
  EXPECT_EQ(data.at("totals").at("rows"), 2000);
  EXPECT_EQ(data.at("totals").at("violated_rows"), 1999) << "one is of control sessions";
  EXPECT_EQ(data.at("totals").at("faults"), 3000);
}

TEST(PageData, TextsOfAnySizeAreCut) {
  for (const std::string& text : {std::string(200'000, 'x'), std::string(200'000, '<'), std::string(200'000, '\x01'),
                                  std::string(200'000, '\xFF')}) {
    EXPECT_LT(embedded(data_of(full_of(text))).size(), 500'000U);
  }
}

TEST(PageData, OfKindsThatDiffer) {
  for (const MadeUp& made : {MadeUp{}, version_token_held(), everything_in_doubt(), lists_and_failover(),
                             foreign_and_quiet(), full_of(""), full_of("</script><!--\xC3\x28\u202e")}) {
    const Json data = data_of(made);
    EXPECT_EQ(Json::parse(embedded(data)), data);
    EXPECT_EQ(data.at("report").at("verdict"), to_string(made.judgement.verdict));
  }
}

/// Whatever was recorded and found, a page can be made of it, and it is not large.
RC_GTEST_PROP(PageDataProperty, OfAnything, ()) {
  const MadeUp made = any_judgement();
  const std::string text = embedded(data_of(made));
  RC_ASSERT(text.find('<') == std::string::npos);
  RC_ASSERT(text.size() < 1'600'000U);
}

}  // namespace
}  // namespace afterwrite
