#include "results/summary_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <simdjson.h>

#include "checkers/judge.hpp"
#include "harness/history/reader.hpp"
#include "results/advice.hpp"
#include "results/markdown.hpp"
#include "tests/results/any_judgement.hpp"
#include "tests/results/made_up.hpp"
#include "tests/results/private_folder.hpp"

namespace afterwrite {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string summary_of(const MadeUp& made, const SummaryOptions& options = {}) {
  return summary_text(made.history, made.judgement, summarise(made.history), options);
}

/// Compares with the file of that name; with AFTERWRITE_WRITE_GOLDEN set it writes the file instead, for a person to
/// read the difference.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string file = std::string(AFTERWRITE_SOURCE_DIR) + "/tests/results/golden/" + name;
  if (std::getenv("AFTERWRITE_WRITE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text, content_of(file));
}

TEST(SummaryText, Golden) {
  const SummaryOptions options{.colour = false, .folder = "afterwrite-runs/demo"};
  expect_golden("any-replica-violated.txt", summary_of(any_replica_violated(), options));
  expect_golden("version-token-held.txt", summary_of(version_token_held(), options));
  expect_golden("everything-in-doubt.txt", summary_of(everything_in_doubt(), options));
  expect_golden("lists-and-failover.txt", summary_of(lists_and_failover(), options));
  expect_golden("foreign-and-quiet.txt", summary_of(foreign_and_quiet()));
}

/// From a recorded file to words, with nothing made up in between.
TEST(SummaryText, GoldenOfARecordedHistory) {
  MadeUp made;
  made.history = read_history(std::string(AFTERWRITE_SOURCE_DIR) + "/tests/history/golden/history.jsonl");
  made.history.name = "history.jsonl";
  made.judgement = judge(made.history);
  expect_golden("recorded-history.txt", summary_of(made));
}

TEST(SummaryText, ColourChangesNothingButColour) {
  for (const MadeUp& made : {any_replica_violated(), version_token_held(), everything_in_doubt()}) {
    std::string coloured = summary_of(made, {.colour = true, .folder = {}});
    EXPECT_NE(coloured.find("\x1b["), std::string::npos);
    for (std::size_t at = 0; (at = coloured.find("\x1b[")) != std::string::npos;) {
      coloured.erase(at, coloured.find('m', at) - at + 1);
    }
    EXPECT_EQ(coloured, summary_of(made));
  }
}

/// Whatever a system answered or a file holds, a terminal is not made to do anything.
RC_GTEST_PROP(SummaryText, IsSafeToPrint, (const std::string& bytes)) {
  const std::string text = summary_of(full_of(bytes), {.colour = false, .folder = bytes});
  RC_ASSERT(simdjson::validate_utf8(text));
  for (const char c : text)
    RC_ASSERT(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  RC_ASSERT(text.find("\u202e") == std::string::npos);
}

RC_GTEST_PROP(SummaryText, IsMadeOfAnyJudgement, ()) {
  const MadeUp made = any_judgement();
  const std::string text = summary_of(made);
  RC_ASSERT(simdjson::validate_utf8(text));
  RC_ASSERT(text.size() < 100'000U);
}

TEST(SummaryText, HostileTextsAreShownHarmlesslyAndShort) {
  const std::string text = summary_of(full_of("\x1b[2J\u202e\n" + std::string(100'000, 'x')));
  EXPECT_THAT(text, HasSubstr("\\u001b[2J\\u202e\\nxxx"));
  EXPECT_LT(text.size(), 20'000U);
}

TEST(SummaryText, AFileNameThatCannotBeShownIsNotOfferedForCopying) {
  MadeUp made = any_replica_violated();
  EXPECT_THAT(summary_of(made), HasSubstr("sed -n '2p;3p' afterwrite-runs/demo/history.jsonl\n"));
  made.history.name = "a b";
  EXPECT_THAT(summary_of(made), HasSubstr("sed -n '2p;3p' 'a b'\n"));
  made.history.name = "a\x1b[2Jb";
  EXPECT_THAT(summary_of(made), Not(HasSubstr("sed -n")));
}

TEST(SummaryText, NothingThatRanIsNotAllOk) {
  MadeUp made = everything_in_doubt();
  made.history.operations.clear();
  const std::string text = summary_of(made);
  EXPECT_THAT(text, HasSubstr("no operation was recorded"));
  EXPECT_THAT(text, Not(HasSubstr("all ok")));
}

/// With the safe windows that a run of few reads shows.
std::string summary_with_windows(const MadeUp& made) {
  RunSummary summary = summarise(made.history);
  summary.own_reads.emplace().safe = {
      {.share = 0.01, .window_ms = 850.0, .reads = 5000, .needs_reads = 299},
      {.share = 0.001, .reads = 40, .fresh_from_ms = 1060, .needs_reads = 2995, .about_minutes = 12},
      {.share = 0.0001, .needs_reads = 29956},
      {.share = 0.00001, .needs_reads = 299572},
  };
  return summary_text(made.history, made.judgement, summary);
}

TEST(SummaryText, SafeWindowsSayWhatIsMissing) {
  const std::string ours = summary_with_windows(any_replica_violated());
  EXPECT_THAT(ours, HasSubstr("850 ms after the write (5000 reads that late or later)"));
  EXPECT_THAT(ours,
              HasSubstr("not known: of 40 reads 1.06 s or more after the write none was stale, and it takes 2995"));
  EXPECT_THAT(ours, HasSubstr("among the latest reads some were stale; read later after writes"));
  EXPECT_THAT(ours, HasSubstr("0.001 % the same\n"));
  // Whoever logs a history of another program has no such flag.
  const std::string of_others = summary_with_windows(foreign_and_quiet());
  EXPECT_THAT(of_others, HasSubstr("record some 12 minutes"));
  EXPECT_THAT(of_others, Not(HasSubstr("--read-delay")));
}

TEST(SummaryText, SafeWindowsAreOfFollowersOnlyWhereTheyAreKnownToHaveServed) {
  const MadeUp made = any_replica_violated();
  RunSummary summary = summarise(made.history);
  summary.own_reads.emplace().safe = {{.share = 0.01, .window_ms = 850.0, .reads = 5000, .needs_reads = 299}};
  const auto text = [&] {
    return summary_text(made.history, made.judgement, summary) +
           markdown_summary(made.history, made.judgement, summary);
  };
  EXPECT_THAT(text(), Not(HasSubstr("from followers")));
  summary.own_reads->from_followers = true;
  EXPECT_THAT(text(), AllOf(HasSubstr("of the own reads from followers was stale"),
                            HasSubstr("Of own reads from followers, at most")));
}

TEST(SummaryText, NobodyServedReadsThatFailed) {
  MadeUp made = any_replica_violated();
  EXPECT_THAT(summary_of(made), HasSubstr("served by the leader"));
  for (Operation& operation : made.history.operations)
    operation.outcome = Outcome::fail;
  EXPECT_THAT(summary_of(made), Not(HasSubstr("served by the leader")));
}

TEST(SummaryText, ReasonsAreNotCutOffBehindAnAddress) {
  MadeUp made = everything_in_doubt();
  made.history.operations.back().error =
      "connection to server at \"127.0.0.1\", port 41235 failed: FATAL:  the database system is not yet accepting "
      "connections (recovery)";
  std::string text = summary_of(made);
  std::replace(text.begin(), text.end(), '\n', ' ');
  EXPECT_THAT(text, HasSubstr("(recovery)"));
}

TEST(SummaryText, AMemberThatBreaksAJointRowIsNamed) {
  MadeUp made = any_replica_violated();
  made.judgement.rows = {made.judgement.rows[2]};
  Row& joint = made.judgement.rows[0];
  joint.entries = any_replica_violated().judgement.rows[0].entries;
  joint.violations = joint.broken = 37;
  joint.reason = "37 of 420 at-risk operations broke it: 37 read-your-writes alone";
  EXPECT_THAT(summary_of(made), HasSubstr("How read-your-writes+monotonic-reads was broken ("
                                          "read-your-writes alone; session s3, key k1)"));
}

/// A joint row is left out of the headline where a row of one of its guarantees says the same, and only there.
TEST(SummaryText, TheHeadlineNamesWhatNoOtherRowSays) {
  const auto headline_of = [](const Guarantees& other) {
    MadeUp made = any_replica_violated();
    Row joint = made.judgement.rows[2];
    Row alone = made.judgement.rows[0];
    alone.guarantees = other;
    joint.verdict = alone.verdict = Verdict::violated;
    made.judgement.rows = {alone, joint};
    const std::string text = summary_of(made);
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(headline_of(read_your_writes()), "VIOLATED: read-your-writes");
  EXPECT_EQ(headline_of(only(Guarantee::causal)), "VIOLATED: causal, read-your-writes+monotonic-reads");
}

TEST(SummaryText, AsManyEntriesAreToldAsAskedFor) {
  const MadeUp made = any_replica_violated();
  const auto told = [&](std::size_t entries) {
    return summary_of(made, {.colour = false, .folder = {}, .entries = entries});
  };
  EXPECT_THAT(told(0),
              AllOf(Not(HasSubstr("How ")),
                    HasSubstr("3 more entries; to tell each, and to cut one out:\n              afterwrite check "
                              "afterwrite-runs/demo/history.jsonl --entries all\n              afterwrite check "
                              "afterwrite-runs/demo/history.jsonl --witness 1 --out witness-1.jsonl\n")));
  EXPECT_THAT(told(2), AllOf(HasSubstr("How read-your-writes was broken (entry 1 of 3; session s3, key k1)"),
                             HasSubstr("How monotonic-reads was broken (entry 2 of 3; session s4, key k1)"),
                             Not(HasSubstr("entry 3 of 3")), HasSubstr("1 more entry")));
  EXPECT_THAT(told(3), AllOf(HasSubstr("(entry 3 of 3; session"), Not(HasSubstr("more entr"))));
}

TEST(SummaryText, ControlSessionsAreApart) {
  MadeUp made = version_token_held();
  made.history.operations.back().labels["control"] = "true";
  EXPECT_THAT(summary_of(made), HasSubstr("  control  read: median 0.40 ms"));
  EXPECT_THAT(summary_of(made), HasSubstr("  read     median 212 ms"));
}

class Advice : public ::testing::Test {
 protected:
  std::vector<std::string> advice_for(const std::string& policy) {
    made_.history.header.policy = policy;
    return advice(made_.history, made_.judgement, summarise(made_.history));
  }

  MadeUp made_ = any_replica_violated();
};

TEST_F(Advice, BeginsWithWhatDidNotWork) {
  made_.judgement.verdict = Verdict::unknown;
  made_.judgement.rows = {};
  for (Operation& operation : made_.history.operations) {
    operation.outcome = Outcome::fail;
    operation.error = "connection refused";
  }
  EXPECT_THAT(advice_for("any-replica"),
              ElementsAre(AllOf(HasSubstr("No operation took effect, mostly because of: connection refused."),
                                HasSubstr("--dry-run"))));
  made_.history.header.all.erase("scenario");
  EXPECT_THAT(advice_for("any-replica"),
              ElementsAre(AllOf(HasSubstr("No operation took effect"), Not(HasSubstr("--")))));
  made_.history.operations.clear();
  EXPECT_THAT(advice_for("any-replica"), ElementsAre(HasSubstr("The history holds no operations.")));
}

TEST_F(Advice, FitsThePolicyThatFailed) {
  EXPECT_THAT(advice_for("any-replica"), Contains(HasSubstr("`version-token` keeps both")));
  EXPECT_THAT(advice_for("recent-writer:400ms"),
              Contains(HasSubstr("window must be longer than the lag (512 ms was the most seen here)")));
  EXPECT_THAT(advice_for("recent-writer:400ms"), Contains(HasSubstr("a session that reads what others wrote")));
  EXPECT_THAT(advice_for("sticky-replica"), Contains(HasSubstr("loses its follower")));
  EXPECT_THAT(advice_for("version-token:wait=1s"), Contains(HasSubstr("ought to keep both")));
  EXPECT_THAT(advice_for("leader"), Contains(HasSubstr("acknowledged write was lost")));
  EXPECT_THAT(advice_for("endpoint"), Contains(HasSubstr("--group-by")));
  EXPECT_THAT(advice_for(""), Contains(HasSubstr("--group-by")));
}

TEST_F(Advice, OfViewsIsNotAboutReadPolicies) {
  made_.history.header.workload = "views";
  EXPECT_THAT(advice_for("leader"), ElementsAre(HasSubstr("no read policy mends this")));
}

TEST_F(Advice, SpeaksOnlyOfWhatWasBroken) {
  made_.judgement.rows.erase(made_.judgement.rows.begin() + 1, made_.judgement.rows.begin() + 3);
  EXPECT_THAT(advice_for("recent-writer:400ms"), Not(Contains(HasSubstr("what others wrote"))));
  EXPECT_THAT(advice_for("any-replica"), Not(Contains(HasSubstr("sticky-replica"))));
}

TEST_F(Advice, UnknownTellsHowToComeToAVerdict) {
  made_ = everything_in_doubt();
  made_.judgement.anomalies.clear();
  made_.judgement.faults.clear();
  made_.judgement.rows[0].dropped.clear();
  EXPECT_THAT(advice_for("any-replica"), Contains(HasSubstr("--until at-risk=300")));
  for (LagSample& sample : made_.history.lags)
    sample.lag_ms = 0.3;
  EXPECT_THAT(advice_for("any-replica"), Contains(HasSubstr("No node was seen more than 0.30 ms behind")));
  made_.history.lags.clear();
  EXPECT_THAT(advice_for("any-replica"), Contains(HasSubstr("`--followers 2 --lag 500ms`")));
  made_.history.header.all.erase("scenario");
  EXPECT_THAT(advice_for(""), Contains(HasSubstr("docs/history-format.md")));
}

TEST_F(Advice, SpeaksOfLossOnlyWhereItIsEstablished) {
  made_.judgement.faults = lists_and_failover().judgement.faults;
  made_.judgement.rows[0].entries[0].faults = {"failover-1"};
  EXPECT_THAT(advice_for("any-replica"), Not(Contains(HasSubstr("writes were lost"))));
  EXPECT_THAT(advice_for("any-replica"), Contains(HasSubstr("`version-token` keeps both")));
  EXPECT_THAT(advice_for("any-replica"), Contains(HasSubstr("Where one is lost, no read policy keeps")));
  EXPECT_THAT(advice_for("leader"), Contains(HasSubstr("stale only if")));
  made_.judgement.rows[0].entries[0].lost_at = "failover-1";
  EXPECT_THAT(advice_for("any-replica"), Contains(HasSubstr("were lost at the failover")));
}

TEST_F(Advice, OfALossDoesNotContradictItself) {
  made_.judgement.rows[0].entries[0].lost_at = "failover-1";
  for (const char* policy :
       {"any-replica", "sticky-replica", "recent-writer:1s", "version-token", "leader", "endpoint"}) {
    EXPECT_THAT(advice_for(policy), Not(Contains(HasSubstr("keeps")))) << policy;
    EXPECT_THAT(advice_for(policy), Not(Contains(HasSubstr("ought to")))) << policy;
  }
  EXPECT_THAT(advice_for("any-replica"), Contains(HasSubstr("stale for another reason")));
  made_.judgement.rows.erase(made_.judgement.rows.begin() + 1, made_.judgement.rows.end());
  EXPECT_EQ(advice_for("any-replica").size(), 1U) << "nothing but the loss";
}

/// What a joint row without rows of its members lists says which of them it is.
TEST_F(Advice, OfAJointRowSpeaksOfWhatItLists) {
  made_.judgement.rows[2].entries = made_.judgement.rows[1].entries;
  made_.judgement.rows = {made_.judgement.rows[2]};
  EXPECT_THAT(advice_for("any-replica"), Contains(HasSubstr("`sticky-replica` keeps monotonic-reads")));
  EXPECT_THAT(advice_for("any-replica"), Not(Contains(HasSubstr("`recent-writer:WINDOW`"))));
}

TEST_F(Advice, WhatNeverBeganIsToBeRun) {
  made_ = everything_in_doubt();
  made_.judgement.anomalies.clear();
  made_.history.operations.clear();
  made_.history.footer = {{"ended", "interrupted"}, {"why", "stopped by the user"}};
  EXPECT_EQ(advice_for("leader").at(0),
            "The run ended before anything was asked (stopped by the user): let it run to its end.");
  EXPECT_THAT(advice_for("leader"), Not(Contains(HasSubstr("longer or stronger"))));
}

TEST_F(Advice, FitsServersThatAreNotOurs) {
  made_ = everything_in_doubt();
  made_.judgement.anomalies.clear();
  made_.judgement.faults.clear();
  made_.judgement.rows[0].dropped.clear();
  made_.history.lags.clear();
  made_.history.header.all["scenario"]["endpoint"] = "postgresql://pool/app";
  EXPECT_THAT(advice_for("endpoint"), Contains(HasSubstr("Behind an endpoint no lag can be sampled")));
  EXPECT_THAT(advice_for("endpoint"), Not(Contains(HasSubstr("`--followers"))));
  EXPECT_THAT(advice_for("endpoint"), Not(Contains(HasSubstr("`--lag"))));
  for (const char* system : {"http", "exec"}) {
    made_.history.header.system = system;
    made_.history.header.all["scenario"] = nlohmann::json::object();
    for (const char* policy : {"endpoint", "any-replica"}) {
      EXPECT_THAT(advice_for(policy), Contains(HasSubstr(system == std::string("http") ? "`lag_probe`" : "`beat`")));
      for (const char* refused : {"`--follower", "`--lag", "`--endpoint", "--lag 500ms"})
        EXPECT_THAT(advice_for(policy), Not(Contains(HasSubstr(refused)))) << system << policy;
    }
  }
  made_.history.header.system = "postgres";
  made_.history.header.all["scenario"] = {{"leader", "postgresql://db1/app"}};
  EXPECT_THAT(advice_for("leader"), Contains(HasSubstr("`--follower URL`")));
  EXPECT_THAT(advice_for("leader"), Not(Contains(HasSubstr("`--lag"))));
}

TEST_F(Advice, HeldTellsHowToBeSurer) {
  made_ = version_token_held();
  EXPECT_THAT(advice_for("version-token"), Contains(HasSubstr("`--until at-risk=4120`")));
  EXPECT_THAT(advice_for("version-token"), Contains(HasSubstr("`--control`")));
}

}  // namespace
}  // namespace afterwrite
