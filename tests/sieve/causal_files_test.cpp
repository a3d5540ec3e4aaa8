// Causal consistency from one pass over a file, against the reader and the exact judge: every report is the same to the
// byte, and what is gathered of registers is the same number by number.

#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "checkers/causal/scan.hpp"
#include "checkers/causal/source.hpp"
#include "harness/history/reader.hpp"
#include "harness/history/writer.hpp"
#include "tests/checkers/causal_history.hpp"
#include "tests/checkers/settings.hpp"
#include "tests/sieve/both_ways.hpp"

namespace afterwrite {
namespace {

using oracle::random_causal_history;
using oracle::Spread;

const std::uint64_t rounds = oracle::histories(12'000);

bool is_plain(const History& history) {
  return std::none_of(history.operations.begin(), history.operations.end(), [](const Operation& operation) {
    return !operation.txn.empty() || operation.function == Function::append || is_list(operation.value);
  });
}

/// Of the next ones that are drawn: now and then one with lists or transactions, which take the other way.
History any_history(std::mt19937_64& random) {
  const auto spread = static_cast<Spread>(random() % 3);
  while (true) {
    History history = random_causal_history(random, spread);
    if (is_plain(history) || random() % 256 == 0) return history;
  }
}

/// Some small histories in one, by the same sessions: one after the other or at the same time, on keys of their own or
/// on the same ones.
History several(std::mt19937_64& random) {
  History all;
  const auto parts = 1 + random() % 6;
  const bool own_keys = random() % 2 == 0;
  const bool in_turn = random() % 2 == 0;
  const bool recorded = random() % 3 == 0;
  Nanoseconds begin = 0;
  for (std::uint64_t part = 0; part < parts; ++part) {
    const std::string of_part = "of" + std::to_string(part);
    History one = any_history(random);
    Nanoseconds end = begin;
    for (Operation& operation : one.operations) {
      if (own_keys) operation.key += of_part;
      auto* const text = std::get_if<std::string>(&operation.value);
      if (!own_keys && text != nullptr) *text += of_part;
      if (text != nullptr && random() % 300 == 0) *text += "-by-nobody";
      if (text != nullptr && part % 2 == 1) *text += "-is-more-than-fifteen-bytes";
      if (recorded && text != nullptr && operation.outcome == Outcome::ok) {
        operation.version = RecordedVersion{1, static_cast<std::int64_t>(text->size() + (random() % 64 == 0 ? 1 : 0))};
      }
      if (in_turn) operation.invoke += begin;
      if (in_turn) operation.complete += begin;
      end = std::max(end, operation.complete);
      all.operations.push_back(std::move(operation));
    }
    begin = end;
  }
  std::stable_sort(all.operations.begin(), all.operations.end(),
                   [](const Operation& a, const Operation& b) { return a.complete < b.complete; });
  return all;
}

std::string text_of(const History& history, std::mt19937_64& random) {
  static const std::vector<std::string> headers{
      "", R"({"kind":"header","assume":[]})", R"({"kind":"header","assume":["one-clock"],"min_at_risk":2})",
      R"({"kind":"header","assume":["writer-order","realtime-writes","one-clock"],"system":"x","seed":7})"};
  std::string text = headers[random() % headers.size()];
  if (!text.empty()) text += '\n';
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    append_operation_line(text, history.operations[i], i);
    if (text.back() != '\n') text += '\n';
  }
  if (random() % 4 != 0) text += "{\"kind\":\"end\",\"ops\":" + std::to_string(history.operations.size()) + "}\n";
  if (random() % 16 == 0) text.resize(text.size() - 1 - random() % 20);
  return text;
}

JudgingEffort any_effort(std::mt19937_64& random) {
  return {.threads = 1 + static_cast<unsigned>(random() % 3),
          .exact = false,
          .block_bytes = random() % 2 == 0 ? 64 + random() % 1000 : 1U << 18U};
}

TEST(CausalFiles, HaveTheSameReportByOnePassAsByTheExactJudge) {
  const HistoryFile file;
  std::mt19937_64 random(20'251'128);
  std::size_t seen = 0;
  std::size_t spared = 0;
  std::size_t broken = 0;
  std::size_t odd = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const std::string text = text_of(several(random), random);
    file.write(text);
    Question question;
    question.guarantees = {only(Guarantee::causal)};
    if (random() % 4 == 0) question.min_at_risk = random() % 3;
    if (random() % 4 == 0) question.assume = oracle::assumptions(random() % 2 == 0 ? "none" : "oc");
    if (random() % 16 == 0) question.scopes = {Scope::user};
    if (random() % 16 == 0) question.guarantees.push_back(only(Guarantee::monotonic_reads));
    const Judged exact = outcome(file.path(), question, {.threads = 1, .exact = true});
    const Judged passed = outcome(file.path(), question, any_effort(random));
    ASSERT_EQ(exact.report, passed.report) << "round " << round << "\n" << text;
    seen += exact.operations;
    spared += exact.operations - passed.operations;
    const bool violated = exact.report.find("\"verdict\": \"violated\"") != std::string::npos;
    broken += violated && passed.operations < exact.operations ? 1U : 0U;
    odd += exact.report.find("phantom-read") != std::string::npos ? 1U : 0U;
  }
  // One that always took the other way would agree as well.
  EXPECT_GT(spared, seen / 3);
  EXPECT_GT(broken, rounds / 5);
  EXPECT_GT(odd, rounds / 100);
}

CausalInput gathered_by_the_judge(const History& history, const SortingRules& rules) {
  const SortedHistory sorted = sort_by_key(history, rules);
  CausalSource source(history, rules);
  for (const KeyHistory& key : sorted.keys)
    source.take_register(key);
  return source.input(make_scoping(history, Scope::session, rules.one_clock), {});
}

TEST(CausalFiles, GiveTheSameInputByOnePass) {
  const HistoryFile file;
  std::mt19937_64 random(4712);
  std::size_t compared = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const History made = several(random);
    const std::string text = text_of(made, random);
    if (!is_plain(made)) continue;
    file.write(text);
    const History history = read_history(file.path(), {});
    const bool one_clock = random() % 2 == 0;
    const JudgingEffort effort = any_effort(random);
    try {
      const FileBlocks blocks(file.path(), effort.block_bytes);
      CausalScan scan(effort.threads, blocks.count(), random());
      scan_file(blocks, effort.threads, random(), scan);
      const ScannedCausal scanned = scan.finish(one_clock, history.truncated);
      const SortingRules rules{one_clock, history.truncated, scanned.any_delete};
      ASSERT_TRUE(scanned.input == gathered_by_the_judge(history, rules)) << "round " << round << "\n" << text;
      ++compared;
    } catch (const NotPlain&) {
    }
  }
  EXPECT_GT(compared, rounds / 2);
}

}  // namespace
}  // namespace afterwrite
