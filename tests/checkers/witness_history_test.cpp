// Every entry of random histories, cut out: the file that is left shows the same violation, and needs each of its
// lines. AFTERWRITE_PROPERTY_RUNS sets how many histories (a fifth of it), AFTERWRITE_PROPERTY_SEED which ones.

#include "results/witness_history.hpp"

#include <array>
#include <cstdlib>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <tuple>

#include "checkers/minimise.hpp"
#include "harness/history/reader.hpp"
#include "tests/checkers/agreement.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/settings.hpp"

namespace afterwrite::oracle {
namespace {

using Json = nlohmann::json;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

/// What must be the same, told by the lines of the whole history.
using Told = std::tuple<std::string, std::string, std::string, std::uint64_t, std::set<std::uint64_t>, Value, Value,
                        std::vector<std::string>>;

Told told(const Violation& violation, const std::vector<std::uint64_t>& lines) {
  std::set<std::uint64_t> witness;
  for (const std::size_t index : violation.operations) {
    witness.insert(lines.at(index));
  }
  return {short_name(violation.guarantees),
          violation.scope_name,
          violation.key,
          lines.at(violation.operation),
          witness,
          violation.expected,
          violation.observed,
          names(violation.assumptions)};
}

std::vector<std::uint64_t> lines_of(const History& history) {
  std::vector<std::uint64_t> lines;
  for (const Operation& operation : history.operations) {
    lines.push_back(operation.line);
  }
  return lines;
}

/// The field `source_line` of each operation, which the reader does not keep.
std::vector<std::uint64_t> sources_of(const std::string& text) {
  std::vector<std::uint64_t> sources;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const Json fields = Json::parse(line);
    if (fields.at("kind") == "op") {
      sources.push_back(fields.at("source_line").get<std::uint64_t>());
    }
  }
  return sources;
}

/// What the header asks for.
Question question_of(const History& history) {
  Question question;
  question.guarantees = {parse_guarantees(history.header.all.at("guarantees").at(0).get<std::string>()).value()};
  question.scopes = {parse_scope(history.header.all.at("scope").get<std::string>()).value()};
  question.group_by = history.header.all.value("group_by", "");
  return question;
}

bool shows(const History& history, const std::vector<std::uint64_t>& sources, const std::string& group,
           const Told& wanted) {
  const Judgement judgement = judge(history, question_of(history));
  for (const Row& row : judgement.rows) {
    for (const Violation& violation : row.entries) {
      if (row.group == group && told(violation, sources) == wanted) {
        return true;
      }
    }
  }
  return false;
}

void expect_cut_out(const History& history, const Question& asked, const Row& row, const Violation& violation) {
  const auto text = witness_history(history, asked, row, violation);
  ASSERT_TRUE(text.has_value()) << "not found again";
  const History witness = read_history_text(*text, "witness.jsonl");
  const std::vector<std::uint64_t> sources = sources_of(*text);
  const Told wanted = told(violation, lines_of(history));
  ASSERT_EQ(witness.truncated, history.truncated);
  ASSERT_TRUE(shows(witness, sources, row.group, wanted)) << *text;
  for (std::size_t left_out = 0; left_out < sources.size(); ++left_out) {
    std::vector<std::size_t> rest;
    std::vector<std::uint64_t> rest_sources;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (i != left_out) {
        rest.push_back(i);
        rest_sources.push_back(sources[i]);
      }
    }
    // A witness whose operation is gone cannot be told by it.
    ASSERT_FALSE(shows(part_of(witness, rest), rest_sources, row.group, wanted))
        << "line " << left_out + 2 << " could be left out of\n"
        << *text;
  }
}

class EveryEntry : public testing::TestWithParam<const char*> {};

TEST_P(EveryEntry, IsShownByAFileOfItsOwn) {
  std::mt19937_64 random(from_environment("AFTERWRITE_PROPERTY_SEED", 1));
  const std::uint64_t runs = from_environment("AFTERWRITE_PROPERTY_RUNS", 10'000) / 5;
  constexpr std::array<Flavour, 4> flavours{Flavour::chaos, Flavour::simulated, Flavour::lists, Flavour::chaos};
  std::size_t entries = 0;
  std::size_t more_than_the_witness = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    History history = cook(random_recipe(random, flavours[run % flavours.size()]));
    Question asked = ask_everything(assumptions(GetParam()));
    if (run % 8 == 7) {
      asked.group_by = "route";
      for (Operation& operation : history.operations) {
        operation.labels["route"] = random() % 4 == 0 ? "/a" : "/b";
      }
    }
    const Judgement judgement = judge(history, asked);
    std::uint64_t number = 0;
    for (const Row& row : judgement.rows) {
      for (const Violation& violation : row.entries) {
        ASSERT_EQ(violation.number, ++number);
        ASSERT_NO_FATAL_FAILURE(expect_cut_out(history, asked, row, violation))
            << "run " << run << ", entry " << number << ", row " << short_name(row.guarantees) << " per "
            << short_name(row.scope) << "\n"
            << as_text(history);
        ++entries;
        more_than_the_witness +=
            minimise(history, asked, row, violation)->size() > violation.operations.size() ? 1U : 0U;
      }
    }
  }
  // What never needed more than the witness would not show that more is found.
  EXPECT_GE(entries, runs);
  EXPECT_GE(more_than_the_witness, runs / 50);
}

INSTANTIATE_TEST_SUITE_P(Assuming, EveryEntry, testing::Values("none", "wo", "all"));

}  // namespace
}  // namespace afterwrite::oracle
