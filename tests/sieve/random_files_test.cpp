// The exact judge on the whole history is the reference: with the sieve before it, every report is the same to the
// byte.

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "harness/history/writer.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/settings.hpp"
#include "tests/sieve/both_ways.hpp"

namespace afterwrite {
namespace {

using oracle::Flavour;

// With a sanitizer too enough of them that some are cleared whole; the sieve has threads.
const std::uint64_t rounds = std::max<std::uint64_t>(oracle::histories(4'000), 400);

/// Some small histories in one, each on keys of its own.
History several(std::mt19937_64& random) {
  History all;
  const auto parts = 1 + random() % 4;
  const bool sampled = random() % 2 == 0;
  for (std::uint64_t part = 0; part < parts; ++part) {
    const auto flavour = random() % 8;
    oracle::Recipe recipe = oracle::random_recipe(random,
                                                  flavour == 0  ? Flavour::lists
                                                  : flavour < 3 ? Flavour::chaos
                                                                : Flavour::simulated,
                                                  20);
    if (random() % 4 != 0) recipe.shape[11] = static_cast<std::uint8_t>(recipe.shape[11] / 2 % 2);  // the leader reads
    if (random() % 4 != 0) recipe.shape[5] = 0;                                                     // hardly a delete
    if (random() % 2 == 0) recipe.shape[10] = 0;                                                    // no failover
    History one = oracle::cook(recipe);
    for (Operation& operation : one.operations) {
      operation.key += "of" + std::to_string(part);
      if (operation.value == Value(std::string("nobody-wrote-this")) && random() % 2 == 0) operation.value = {};
      all.operations.push_back(std::move(operation));
    }
    if (sampled) all.lags.insert(all.lags.end(), one.lags.begin(), one.lags.end());
  }
  std::stable_sort(all.operations.begin(), all.operations.end(),
                   [](const Operation& a, const Operation& b) { return a.complete < b.complete; });
  if (random() % 4 != 0) oracle::part_equal_moments(all);
  return all;
}

/// Long values, so that some do not fit beside their keys; the same for all that were the same.
void lengthen(History& history) {
  for (Operation& operation : history.operations) {
    if (auto* text = std::get_if<std::string>(&operation.value)) *text += "-is-more-than-fifteen-bytes";
  }
}

std::string any_header(std::mt19937_64& random) {
  static const std::vector<std::string> headers{
      "",
      R"({"kind":"header","assume":[]})",
      R"({"kind":"header","assume":["one-clock"]})",
      R"({"kind":"header","assume":["writer-order","one-clock"],"system":"x","seed":7})",
      R"({"kind":"header","assume":["realtime-writes"]})",
      R"({"kind":"header","assume":["realtime-writes","one-clock"],"min_at_risk":2})",
      R"({"kind":"header","assume":["writer-order","realtime-writes","one-clock"]})",
      R"({"kind":"header","assume":["writer-order","realtime-writes","one-clock"]})"};
  const std::string& header = headers[random() % headers.size()];
  return header.empty() ? header : header + "\n";
}

Question any_question(std::mt19937_64& random) {
  Question question;
  for (auto rows = random() % 4; rows > 0; --rows) {
    question.guarantees.emplace_back(1 + random() % 15);
  }
  if (random() % 8 == 0)
    question.guarantees = {Guarantees(1), Guarantees(2), Guarantees(4), Guarantees(8), Guarantees(15)};
  if (random() % 4 == 0) question.min_at_risk = random() % 3;
  if (random() % 16 == 0) question.scopes = {Scope::user};
  return question;
}

std::string lines_of(const History& history, std::mt19937_64& random) {
  std::string text;
  const bool numbered = random() % 2 == 0;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    append_operation_line(text, history.operations[i], i);
    if (text.back() != '\n') text += '\n';
    if (!numbered) {
      const auto at = text.rfind("\"i\":");
      text.erase(at, text.find(',', at) + 1 - at);
    }
  }
  return text;
}

std::string any_fault(std::mt19937_64& random, Nanoseconds end) {
  static const std::vector<std::string> kinds{"lag", "stall", "partition", "kill", "failover"};
  static const std::vector<std::string> phases{"start", "proof", "end"};
  FaultEvent event;
  event.time = static_cast<Nanoseconds>(random() % static_cast<std::uint64_t>(end + 1));
  event.fault = kinds[random() % (random() % 8 == 0 ? 5 : 4)];
  event.phase = phases[random() % 3];
  event.episode = event.fault + "-1";
  event.targets = {"node-" + std::to_string(random() % 3)};
  if (random() % 2 == 0) event.detail["bit"] = random() % 4 != 0;
  if (random() % 2 == 0) event.detail["reaped"] = true;
  if (event.fault == "failover") event.detail["beat_acknowledged"] = random() % static_cast<std::uint64_t>(end + 1);
  return fault_line(event) + "\n";
}

/// With lag samples and fault events between the operations, at any place.
std::string with_events(const std::string& text, const History& history, std::mt19937_64& random) {
  std::string events;
  for (const LagSample& sample : history.lags)
    events += lag_line(sample) + "\n";
  for (auto faults = random() % 8 == 0 ? random() % 4 : 0; faults > 0; --faults)
    events += any_fault(random, history.operations.empty() ? 0 : history.operations.back().complete);
  std::string mixed;
  std::istringstream lines(text);
  std::istringstream others(events);
  std::string line;
  std::string event;
  while (std::getline(lines, line)) {
    while (random() % 3 == 0 && std::getline(others, event))
      mixed += event + "\n";
    mixed += line + "\n";
  }
  while (std::getline(others, event))
    mixed += event + "\n";
  return mixed;
}

/// How many of a report's rows have this verdict, and how many saw something at risk without being broken.
struct Rows {
  std::size_t violated = 0;
  std::size_t held = 0;
  std::size_t at_risk_and_sound = 0;

  void add(const std::string& report) {
    if (report.empty() || report.front() != '{') return;
    const auto parsed = nlohmann::json::parse(report);
    for (const auto& row : parsed.at("guarantees")) {
      const std::string verdict = row.at("verdict");
      violated += verdict == "violated" ? 1U : 0U;
      held += verdict == "held" ? 1U : 0U;
      at_risk_and_sound += verdict != "violated" && row.at("at_risk") > 0 ? 1U : 0U;
    }
  }
};

TEST(RandomFiles, HaveTheSameReportWithAndWithoutTheSieve) {
  const HistoryFile file;
  std::mt19937_64 random(20'251'127);
  std::size_t spared = 0;
  std::size_t seen = 0;
  std::size_t mixed = 0;
  Rows all;
  Rows cleared;  // of histories that the sieve cleared whole
  for (std::uint64_t round = 0; round < rounds; ++round) {
    History history = several(random);
    if (random() % 4 == 0) lengthen(history);
    std::string text = any_header(random) + with_events(lines_of(history, random), history, random);
    if (random() % 3 != 0) text += "{\"kind\":\"end\",\"ops\":" + std::to_string(history.operations.size()) + "}\n";
    if (random() % 16 == 0) text.resize(text.size() - 1 - random() % 20);
    file.write(text);
    const Question question = any_question(random);
    const Judged exact = outcome(file.path(), question, {.threads = 1, .exact = true});
    const JudgingEffort effort{.threads = 1 + static_cast<unsigned>(random() % 3),
                               .exact = false,
                               .max_memory = random() % 4 == 0 ? 1 + random() % 4000 : UINT64_MAX,
                               .block_bytes = random() % 2 == 0 ? 64 + random() % 1000 : 1U << 18U};
    const Judged sieved = outcome(file.path(), question, effort);
    ASSERT_EQ(exact.report, sieved.report) << "round " << round << "\n" << text;
    seen += exact.operations;
    if (sieved.operations == 0) cleared.add(exact.report);
    all.add(exact.report);
    spared += exact.operations - sieved.operations;
    mixed += sieved.operations > 0 && sieved.operations < exact.operations ? 1U : 0U;
  }
  // A sieve that clears nothing, or all, would agree as well.
  EXPECT_GT(spared, seen / 8);
  EXPECT_GT(mixed, rounds / 8);
  EXPECT_GT(all.violated, rounds / 4);
  EXPECT_GT(all.held, rounds / 16);
  EXPECT_GT(cleared.held, rounds / 100);
  EXPECT_GT(cleared.at_risk_and_sound, rounds / 100);
}

/// Bytes changed at random: what one path refuses the other refuses in the same words.
TEST(RandomFiles, AreRefusedInTheSameWords) {
  const HistoryFile file;
  std::mt19937_64 random(4711);
  static const std::string odd = "\"\\{}[]:,0123456789-+.eEtfn \n\r\t\x01\x80\xff";
  std::size_t refused = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::string text = any_header(random) + lines_of(several(random), random) + lines_of(History{}, random);
    for (auto changes = random() % 3; changes > 0 && !text.empty(); --changes) {
      const auto at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = odd[random() % odd.size()];
          break;
        case 1:
          text.insert(at, 1, odd[random() % odd.size()]);
          break;
        default:
          text.erase(at, 1 + random() % 3);
          break;
      }
    }
    file.write(text);
    const Judged exact = outcome(file.path(), {}, {.threads = 1, .exact = true});
    const Judged sieved = outcome(
        file.path(), {},
        {.threads = 1 + static_cast<unsigned>(random() % 2), .exact = false, .block_bytes = 64 + random() % 4000});
    ASSERT_EQ(exact.report, sieved.report) << "round " << round << "\n" << text;
    refused += exact.report.starts_with(file.path().string()) ? 1U : 0U;
  }
  EXPECT_GT(refused, rounds / 4);
  EXPECT_LT(refused, rounds);
}

}  // namespace
}  // namespace afterwrite
