#include "results/page/report_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <string>

#include "tests/results/made_up.hpp"

namespace afterwrite {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string page_of(const MadeUp& made) {
  return report_page(made.history, made.judgement, summarise(made.history));
}

std::size_t count_of(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t place = text.find(word); place != std::string::npos; place = text.find(word, place + 1))
    ++count;
  return count;
}

TEST(ReportPage, IsOnePageWithAllInIt) {
  const std::string page = page_of(any_replica_violated());
  EXPECT_THAT(page, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, EndsWith("</html>\n"));
  EXPECT_THAT(page, HasSubstr("Chart.js v3."));
  EXPECT_THAT(page, HasSubstr("Permission is hereby granted"));
  EXPECT_THAT(page, HasSubstr("s3-7"));
  EXPECT_FALSE(std::regex_search(page, std::regex("@[a-z]+(-hash)?@"))) << "a place was not filled";
}

TEST(ReportPage, AllowsItsOwnScriptsAndNothingElse) {
  const std::string page = page_of(version_token_held());
  std::smatch policy;
  ASSERT_TRUE(
      std::regex_search(page, policy, std::regex("http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\"")));
  EXPECT_THAT(policy.str(1), HasSubstr("default-src 'none'"));
  EXPECT_EQ(count_of(policy.str(1), "'sha256-"), 4U) << "three scripts and the style";
  for (const char* open : {"unsafe", "http:", "https:", "*", "'self'"})
    EXPECT_THAT(policy.str(1), Not(HasSubstr(open)));
  EXPECT_THAT(page, Not(HasSubstr(" src=")));
}

TEST(ReportPage, WhatWasRecordedEndsNoScript) {
  const std::size_t scripts = count_of(page_of(version_token_held()), "</script");
  EXPECT_EQ(count_of(page_of(full_of("</script><script>alert(1)</script>")), "</script"), scripts);
  EXPECT_THAT(page_of(full_of("<!--<script>")), Not(HasSubstr("<!--")));
}

TEST(ReportPage, IsAFunctionOfWhatItShows) {
  EXPECT_EQ(page_of(lists_and_failover()), page_of(lists_and_failover()));
}

TEST(ReportPage, StaysSmallWhateverWasFound) {
  const std::string hostile(300, '<');
  MadeUp made = full_of(hostile);
  made.judgement.rows.resize(3000, made.judgement.rows[0]);
  Row& row = made.judgement.rows[0];
  const Violation pattern = row.entries[0];
  for (int i = 0; i < 20'000; ++i) {
    Violation& violation = row.entries.emplace_back(pattern);
    violation.key = hostile + std::to_string(i);
    violation.scope_name = std::to_string(i) + hostile;
  }
  for (int i = 0; i < 100'000; ++i)
    made.history.lags.push_back(sample(900 + i / 100.0, std::to_string(i % 40) + hostile, i % 700));
  for (int i = 0; i < 5000; ++i) {
    made.judgement.faults.push_back(made.judgement.faults[0]);
    made.judgement.anomalies[std::to_string(i) + hostile] = 1;
    made.judgement.notes.push_back(hostile);
    made.history.header.all["member " + std::to_string(i)] = hostile;
  }
  number_entries(made.judgement);
  EXPECT_LT(page_of(made).size(), 2'000'000U);
}

}  // namespace
}  // namespace afterwrite
