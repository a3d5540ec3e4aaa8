// A valid history in which one read, or one write, is made older must be caught, at that operation.

#include <algorithm>
#include <gtest/gtest.h>
#include <map>

#include "tests/checkers/agreement.hpp"
#include "tests/checkers/oracle.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/settings.hpp"

namespace afterwrite::oracle {
namespace {

/// One operation of a valid history made older than something that one guarantee owes it.
struct Mutant {
  History history;
  Guarantees broken;
  std::size_t operation = 0;
};

Judgement judge_row(const History& history, const Guarantees& row, Scope scope, const Assumptions& assume) {
  Question question;
  question.guarantees = {row};
  question.scopes = {scope};
  question.assume = assume;
  question.min_at_risk = 0;
  return judge(history, question);
}

/// Caught, named, and nobody else is.
void expect_named(const Mutant& mutant, Scope scope, const Assumptions& assume) {
  const Row row = judge_row(mutant.history, mutant.broken, scope, assume).rows.at(0);
  ASSERT_EQ(row.verdict, Verdict::violated) << short_name(assume) << "\n" << as_text(mutant.history);
  ASSERT_EQ(row.entries.size(), 1U) << short_name(assume) << "\n" << as_text(mutant.history);
  ASSERT_EQ(row.entries.front().operation, mutant.operation) << short_name(assume) << "\n" << as_text(mutant.history);
  ASSERT_EQ(row.entries.front().count, 1U);
  // And so is every set of guarantees that it is in.
  const Row all = judge_row(mutant.history, all_of_a_key(), scope, assume).rows.at(0);
  ASSERT_EQ(all.verdict, Verdict::violated);
  ASSERT_TRUE(std::any_of(all.entries.begin(), all.entries.end(), [&](const Violation& entry) {
    return entry.operation == mutant.operation && entry.guarantees == mutant.broken;
  }));
}

/// The history with this read made to return `version` of the model.
History with_read_of(const History& history, const KeyModel& model, std::size_t read, std::size_t version) {
  History changed = history;
  Operation& operation = changed.operations[read];
  operation.value = std::monostate{};
  operation.version.reset();
  for (const Action& action : model.actions) {
    if (action.write && action.versions.front() == version) {
      operation.value = history.operations[action.operation].value;
      operation.version = history.operations[action.operation].version;
    }
  }
  return changed;
}

bool may_be_read(const History& history, const KeyModel& model, std::size_t read, std::size_t version) {
  return std::all_of(model.actions.begin(), model.actions.end(), [&](const Action& action) {
    const Operation& write = history.operations[action.operation];
    return !action.write || (write.function != Function::remove &&
                             (action.versions.front() != version || write.invoke <= history.operations[read].complete));
  });
}

/// All ways in which one read of a valid history can be made provably older than what it is owed by one guarantee.
std::vector<Mutant> with_an_older_read(const History& history, Scope scope, const Assumptions& assume) {
  std::vector<Mutant> found;
  const std::vector<KeyModel> models = model_registers(history, has(assume, Assumption::one_clock), false);
  for (std::size_t m = 0; m < models.size(); ++m) {
    for (std::size_t i = 0; i < models[m].actions.size(); ++i) {
      const std::size_t read = models[m].actions[i].operation;
      for (std::size_t version = 0; version < models[m].versions && !models[m].actions[i].write; ++version) {
        if (!may_be_read(history, models[m], read, version)) {
          continue;
        }
        History changed = with_read_of(history, models[m], read, version);
        const KeyModel after = model_registers(changed, has(assume, Assumption::one_clock), false)[m];
        const TotalOrders orders = orders_by_tier(after, assume).tiers.back().second;
        for (const char* row : {"ryw", "mr"}) {
          const std::vector<std::size_t> newer = owed(changed, after, i, {guarantees(row), scope, assume});
          if (after.anomalies.empty() && std::any_of(newer.begin(), newer.end(), [&](std::size_t other) {
                return orders.proves(version, other);
              })) {
            found.push_back({changed, guarantees(row), read});
          }
        }
      }
    }
  }
  return found;
}

/// All ways in which the number of one write of a valid history can be made the lowest of all, although it is owed
/// something that bears another.
std::vector<Mutant> with_an_older_write(const History& history, Scope scope, const Assumptions& assume) {
  std::vector<Mutant> found;
  for (const KeyModel& model : model_registers(history, has(assume, Assumption::one_clock), false)) {
    std::map<std::size_t, RecordedVersion> recorded;  // by version of the model
    for (const Action& action : model.actions) {
      const auto& version = history.operations[action.operation].version;
      if (action.certain() && version) {
        recorded[action.versions.front()] = *version;
      }
    }
    for (std::size_t i = 0; i < model.actions.size(); ++i) {
      const std::size_t written = model.actions[i].versions.front();
      if (!model.actions[i].write || recorded.count(written) == 0) {
        continue;
      }
      History changed = history;
      for (const Action& action : model.actions) {
        if (action.certain() && action.versions.front() == written) {
          changed.operations[action.operation].version = RecordedVersion{-1, 0};
        }
      }
      for (const char* row : {"mw", "wfr"}) {
        const std::vector<std::size_t> older = owed(history, model, i, {guarantees(row), scope, assume});
        if (std::any_of(older.begin(), older.end(),
                        [&](std::size_t other) { return other != written && recorded.count(other) != 0; })) {
          found.push_back({changed, guarantees(row), model.actions[i].operation});
        }
      }
    }
  }
  return found;
}

bool nothing_broken(const History& history, Scope scope, const Assumptions& assume) {
  const Oracle oracle(history, assume);
  return judge_row(history, all_of_a_key(), scope, assume).rows.at(0).verdict != Verdict::violated &&
         oracle.dropped().empty();
}

struct Where {
  const char* name;
  const char* assume;
  Scope scope;
  friend void PrintTo(const Where& where, std::ostream* out) { *out << where.name; }
};
constexpr Where by_facts[] = {
    {"FactsPerSession", "none", Scope::session},
    {"FactsPerUser", "oc", Scope::user},
    {"FactsPerProcess", "none", Scope::process},
};
constexpr Where by_assumptions[] = {
    {"WriterOrderPerSession", "wo", Scope::session},
    {"WriterOrderPerUser", "wo+oc", Scope::user},
    {"RealTimePerSession", "rt+oc", Scope::session},
    {"AllPerSession", "all", Scope::session},
    {"AllPerUser", "all", Scope::user},
    {"AllPerProcess", "all", Scope::process},
};
std::string name_of(const testing::TestParamInfo<Where>& chosen) {
  return chosen.param.name;
}

/// With sanitizers as well: of fewer histories too few hold and can be made to break.
constexpr std::uint64_t drawn = 2'500;

class OneOperationMadeOlder : public testing::TestWithParam<Where> {
 protected:
  template <typename Mutate>
  std::size_t caught(const Mutate& mutate) {
    const Assumptions assume = assumptions(GetParam().assume);
    std::mt19937_64 random(7);
    std::size_t count = 0;
    for (std::uint64_t run = 0; run < drawn && !HasFatalFailure(); ++run) {
      History history = cook(random_recipe(random, Flavour::simulated));
      history.truncated = false;  // else a read made to return nothing may be unexplained
      if (!nothing_broken(history, GetParam().scope, assume)) {
        continue;
      }
      for (const Mutant& mutant : mutate(history, GetParam().scope, assume)) {
        expect_named(mutant, GetParam().scope, assume);
        ++count;
      }
    }
    return count;
  }
};

class OneReadMadeOlder : public OneOperationMadeOlder {};
TEST_P(OneReadMadeOlder, IsCaughtAndNamed) {
  EXPECT_GT(caught(with_an_older_read), 300U);
}
INSTANTIATE_TEST_SUITE_P(By, OneReadMadeOlder, testing::ValuesIn(by_facts), name_of);
INSTANTIATE_TEST_SUITE_P(Assuming, OneReadMadeOlder, testing::ValuesIn(by_assumptions), name_of);

/// By facts alone: numbers that contradict an assumption show that it does not hold.
class OneWriteMadeOlder : public OneOperationMadeOlder {};
TEST_P(OneWriteMadeOlder, IsCaughtAndNamed) {
  EXPECT_GT(caught(with_an_older_write), 300U);
}
INSTANTIATE_TEST_SUITE_P(By, OneWriteMadeOlder, testing::ValuesIn(by_facts), name_of);

}  // namespace
}  // namespace afterwrite::oracle
