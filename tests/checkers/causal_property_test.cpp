// The row `causal` against the oracle on random histories of several keys, and what must not matter.
// AFTERWRITE_PROPERTY_RUNS sets how many histories, AFTERWRITE_PROPERTY_SEED which ones.

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

#include "checkers/judge.hpp"
#include "tests/checkers/causal_history.hpp"
#include "tests/checkers/causal_oracle.hpp"
#include "tests/checkers/causal_witness_check.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/settings.hpp"
#include "tests/checkers/whole_steps.hpp"
#include "tests/checkers/witness.hpp"

namespace afterwrite::oracle {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

Question ask_for_causal(const Assumptions& assume) {
  Question question;
  question.guarantees = {only(Guarantee::causal)};
  question.scopes = {Scope::session, Scope::user, Scope::process};
  question.assume = assume;
  question.min_at_risk = 0;
  return question;
}

struct CausalTally {
  std::size_t histories = 0;
  std::map<std::string, std::size_t> violated;  ///< by scope
  std::map<std::string, std::size_t> held;      ///< by scope
  std::map<std::size_t, std::size_t> edges;     ///< witnesses by number of edges
  std::map<std::string, std::size_t> kinds;     ///< witnesses that have such an edge
  std::size_t several_arcs = 0;                 ///< witnesses with more than one order that causality asks for
};

/// The operations that a row's entries stand for.
std::set<std::size_t> operations_of(const Row& row) {
  std::set<std::size_t> all;
  for (const Violation& entry : row.entries) {
    all.insert(entry.operation);
    for (const Repeat& repeat : entry.repeats) {
      all.insert(repeat.operation);
    }
  }
  return all;
}

/// The operations of a witness alone, with all of their transactions and as they were recorded, show a breach as well.
bool shows_it_alone(const History& history, const Violation& entry, const Assumptions& assume, Scope scope) {
  Question question = ask_for_causal(assume);
  question.scopes = {scope};
  std::vector<std::size_t> operations;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    if (std::any_of(entry.operations.begin(), entry.operations.end(),
                    [&](std::size_t one) { return one == i || same_transaction(history, one, i); })) {
      operations.push_back(i);
    }
  }
  History part = excerpt(history, operations);
  for (Operation& operation : part.operations) {
    const Moments own = own_moments(operation);
    operation.invoke = own.invoke;
    operation.complete = own.complete;
  }
  return judge(part, question).rows.front().verdict == Verdict::violated;
}

void count(CausalTally& tally, const Row& row) {
  const std::string scope(to_string(row.scope));
  tally.violated[scope] += row.verdict == Verdict::violated ? 1U : 0U;
  tally.held[scope] += row.verdict == Verdict::held ? 1U : 0U;
  for (const Violation& entry : row.entries) {
    ++tally.edges[entry.cycle.size()];
    std::set<std::string> kinds;
    std::size_t arcs = 0;
    for (const Edge& edge : entry.cycle) {
      kinds.insert(std::string(to_string(edge.kind)));
      arcs += edge.kind == EdgeKind::causal_order ? 1U : 0U;
    }
    for (const std::string& kind : kinds) {
      ++tally.kinds[kind];
    }
    tally.several_arcs += arcs > 1 ? 1U : 0U;
  }
}

std::string names_of(const std::set<std::size_t>& operations) {
  std::ostringstream text;
  for (const std::size_t operation : operations) {
    text << " " << operation;
  }
  return text.str();
}

std::string disagreements_on_causal(const History& history, const Assumptions& assume, CausalTally* tally = nullptr) {
  Judgement judgement = judge(history, ask_for_causal(assume));
  const WholeSteps whole = whole_steps(history);
  whole.lead(judgement);
  const bool one_clock = has(assume, Assumption::one_clock);
  std::ostringstream text;
  for (const Row& row : judgement.rows) {
    const CausalAnswer answer = judge_causally(whole.history, row.scope, one_clock);
    text << (answer.violated != answer.broken.empty() ? "" : "the oracle contradicts itself\n");
    const std::set<std::size_t> named = operations_of(row);
    if (named != answer.broken || (row.verdict == Verdict::violated) == answer.broken.empty()) {
      text << to_string(row.scope) << ": " << to_string(row.verdict) << " (" << row.reason << "), accused"
           << names_of(named) << ", the oracle accuses" << names_of(answer.broken) << "\n";
    }
    if (row.decided != answer.decided.size() || row.at_risk > answer.at_risk.size() || row.at_risk < named.size()) {
      text << to_string(row.scope) << ": " << row.at_risk << " of " << row.decided
           << " at risk, the oracle: " << answer.at_risk.size() << " of " << answer.decided.size() << "\n";
    }
    for (const Violation& here : row.entries) {
      const std::string faults = faults_of_causal_witness(whole.history, here, row.scope, one_clock);
      if (!faults.empty() || !shows_it_alone(whole.history, here, assume, row.scope)) {
        text << to_string(row.scope) << ": witness of " << here.operation << ": "
             << (faults.empty() ? "does not show it alone\n" : faults);
        for (const Edge& edge : here.cycle) {
          text << "  " << to_string(edge.kind) << " " << display(edge.older) << " -> " << display(edge.newer) << " by"
               << names_of({edge.operations.begin(), edge.operations.end()}) << "\n";
        }
      }
    }
    if (tally != nullptr) {
      count(*tally, row);
    }
  }
  if (tally != nullptr) {
    ++tally->histories;
  }
  return text.str();
}

class CausalAgreesWithOracle : public testing::TestWithParam<const char*> {};

TEST_P(CausalAgreesWithOracle, OnRandomHistories) {
  const Assumptions assume = assumptions(GetParam());
  std::mt19937_64 random(from_environment("AFTERWRITE_PROPERTY_SEED", 1));
  CausalTally tally;
  const std::uint64_t runs = from_environment("AFTERWRITE_PROPERTY_RUNS", histories(30'000));
  for (std::uint64_t run = 0; run < runs; ++run) {
    const auto spread = static_cast<Spread>(run % 3);
    const History history = random_causal_history(random, spread);
    if (!disagreements_on_causal(history, assume, &tally).empty()) {
      const History smallest =
          shrink(history, [&](const History& other) { return !disagreements_on_causal(other, assume).empty(); });
      FAIL() << "run " << run << "\n" << as_text(smallest) << disagreements_on_causal(smallest, assume);
    }
  }
  for (const char* scope : {"session", "user", "process"}) {
    EXPECT_GE(tally.violated[scope], tally.histories / 20) << scope;
    const bool clocks_apart = std::string(scope) == "user" && !has(assume, Assumption::one_clock);
    EXPECT_GE(tally.held[scope], clocks_apart ? 0 : tally.histories / 20) << scope;
  }
  EXPECT_GE(tally.several_arcs, tally.histories / 2000) << "circles of more than one order";
  for (const char* kind : {"initial", "session-order", "reads-from", "one-transaction", "causal-order"}) {
    EXPECT_GE(tally.kinds[kind], tally.histories / 500) << kind;
  }
}

/// A write of its own for each process, one after the other at the very start, with so many sessions between them that
/// write something else: what belongs together is far apart, and looked at in several passes.
History among_many(const History& history, int others) {
  History wide = history;
  wide.operations.clear();
  std::set<std::string> met;
  int number = 0;
  const auto add = [&](Operation operation) {
    operation.function = Function::write;
    operation.key = "pad" + std::to_string(++number);
    operation.value = std::int64_t{number};
    operation.outcome = Outcome::ok;
    operation.invoke = operation.complete = 0;
    operation.txn.clear();
    operation.version.reset();
    wide.operations.push_back(operation);
  };
  for (const Operation& operation : history.operations) {
    if (!met.insert(operation.process).second) {
      continue;
    }
    add(operation);
    for (int i = 0; i < others; ++i) {
      Operation other;
      other.session = other.process = "other" + std::to_string(number);
      add(other);
    }
  }
  for (Operation operation : history.operations) {
    operation.invoke += 1;
    operation.complete += 1;
    wide.operations.push_back(operation);
  }
  for (LagSample& sample : wide.lags) {
    sample.time += 1;
  }
  return wide;
}

/// By scope: what was accused, counted from the end of the history, and how much was decided.
std::vector<std::pair<std::set<std::size_t>, std::uint64_t>> findings(const History& history,
                                                                      const Assumptions& assume) {
  std::vector<std::pair<std::set<std::size_t>, std::uint64_t>> all;
  for (const Row& row : judge(history, ask_for_causal(assume)).rows) {
    std::set<std::size_t> from_end;
    for (const std::size_t operation : operations_of(row)) {
      from_end.insert(history.operations.size() - operation);
    }
    all.emplace_back(from_end, row.decided);
  }
  return all;
}

TEST_P(CausalAgreesWithOracle, AmongManySessions) {
  const Assumptions assume = assumptions(GetParam());
  std::mt19937_64 random(from_environment("AFTERWRITE_PROPERTY_SEED", 2));
  for (std::uint64_t run = 0; run < histories(3'000); ++run) {
    const History history = random_causal_history(random, static_cast<Spread>(run % 3));
    ASSERT_EQ(findings(history, assume), findings(among_many(history, 12), assume)) << as_text(history);
  }
}

/// Beyond some number of sessions what was decided is a lower bound.
TEST_P(CausalAgreesWithOracle, AmongSoManyThatNoClocksAreKept) {
  const Assumptions assume = assumptions(GetParam());
  std::mt19937_64 random(from_environment("AFTERWRITE_PROPERTY_SEED", 4));
  for (std::uint64_t run = 0; run < histories(3'000); ++run) {
    const History history = random_causal_history(random, static_cast<Spread>(run % 3));
    const auto alone = findings(history, assume);
    const auto among = findings(among_many(history, 520), assume);
    for (std::size_t i = 0; i < alone.size(); ++i) {
      ASSERT_EQ(alone[i].first, among[i].first) << as_text(history);
      ASSERT_LE(among[i].second, alone[i].second) << as_text(history);
      ASSERT_GE(among[i].second, alone[i].first.size()) << as_text(history);
    }
  }
}

/// Whoever reads less, knows less of what lies behind what.
TEST_P(CausalAgreesWithOracle, WithReadsLeftOutNothingNewIsViolated) {
  const Assumptions assume = assumptions(GetParam());
  std::mt19937_64 random(from_environment("AFTERWRITE_PROPERTY_SEED", 3));
  std::size_t held = 0;
  for (std::uint64_t run = 0; run < histories(3'000); ++run) {
    const History history = whole_steps(random_causal_history(random, static_cast<Spread>(run % 3))).history;
    History fewer = history;
    std::erase_if(fewer.operations,
                  [&](const Operation& operation) { return !operation.is_write() && random() % 3 == 0; });
    const auto before = judge(history, ask_for_causal(assume)).rows;
    const auto after = judge(fewer, ask_for_causal(assume)).rows;
    for (std::size_t i = 0; i < before.size(); ++i) {
      held += before[i].verdict == Verdict::violated ? 0U : 1U;
      ASSERT_TRUE(before[i].verdict == Verdict::violated || after[i].verdict != Verdict::violated) << as_text(history);
    }
  }
  EXPECT_GE(held, histories(1'000));
}

INSTANTIATE_TEST_SUITE_P(Assuming, CausalAgreesWithOracle, testing::Values("none", "oc"),
                         [](const auto& chosen) { return std::string(chosen.param); });

}  // namespace
}  // namespace afterwrite::oracle
