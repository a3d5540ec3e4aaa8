// A valid history in which one read is made older must be caught, at that read. And what changes nothing that matters
// must change no verdict.

#include <algorithm>
#include <gtest/gtest.h>
#include <map>

#include "tests/checkers/agreement.hpp"
#include "tests/checkers/oracle.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/settings.hpp"

namespace afterwrite::oracle {
namespace {

Question ask(const std::vector<Guarantees>& rows, const Assumptions& assume) {
  Question question;
  question.guarantees = rows;
  question.assume = assume;
  question.min_at_risk = 0;
  return question;
}

/// Another version that the read of an action is owed more than, by what is known without that read.
struct Mutant {
  History history;
  Guarantees broken;
  std::size_t read = 0;
};

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
std::vector<Mutant> mutants(const History& history, const Assumptions& assume) {
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
          const Setting setting{guarantees(row), Scope::session, assume};
          const std::vector<std::size_t> newer = owed(changed, after, i, setting);
          if (after.anomalies.empty() && std::any_of(newer.begin(), newer.end(), [&](std::size_t other) {
                return orders.proves(version, other);
              })) {
            found.push_back({changed, setting.guarantees, read});
          }
        }
      }
    }
  }
  return found;
}

bool nothing_broken(const History& history, const std::vector<Guarantees>& rows, const Assumptions& assume) {
  const Judgement judgement = judge(history, ask(rows, assume));
  return std::none_of(judgement.rows.begin(), judgement.rows.end(),
                      [](const Row& row) { return row.verdict == Verdict::violated; });
}

TEST(OneReadMadeOlder, IsCaughtAndNamed) {
  std::mt19937_64 random(7);
  std::size_t caught = 0;
  for (int run = 0; run < 1500; ++run) {
    History history = cook(random_recipe(random, Flavour::simulated));
    history.truncated = false;  // else a read made to return nothing may be unexplained
    for (const char* assume_name : {"none", "all"}) {
      const Assumptions assume = assumptions(assume_name);
      if (!nothing_broken(history, {guarantees("ryw"), guarantees("mr"), guarantees("ryw+mr")}, assume)) {
        continue;
      }
      for (const Mutant& mutant : mutants(history, assume)) {
        const Judgement judgement = judge(mutant.history, ask({mutant.broken}, assume));
        ASSERT_EQ(judgement.rows.size(), 1U);
        const Row& row = judgement.rows.front();
        ASSERT_EQ(row.verdict, Verdict::violated) << assume_name << "\n" << as_text(mutant.history);
        ASSERT_EQ(row.entries.size(), 1U) << assume_name << "\n" << as_text(mutant.history);
        ASSERT_EQ(row.entries.front().operation, mutant.read) << assume_name << "\n" << as_text(mutant.history);
        ASSERT_EQ(row.entries.front().count, 1U);
        ++caught;
      }
    }
  }
  EXPECT_GT(caught, 1000U);
}

/// The violated rows, by name, and the operations named in them, by `identity`.
std::map<std::string, std::vector<std::size_t>> broken_rows(const History& history, const Assumptions& assume,
                                                            const std::vector<std::size_t>& identity = {}) {
  std::map<std::string, std::vector<std::size_t>> broken;
  const Judgement judgement = judge(history, ask(every_row(), assume));
  for (const Row& row : judgement.rows) {
    if (row.verdict == Verdict::violated) {
      std::vector<std::size_t>& operations = broken[short_name(row.guarantees)];
      for (const Violation& entry : row.entries) {
        operations.push_back(identity.empty() ? entry.operation : identity.at(entry.operation));
      }
      std::sort(operations.begin(), operations.end());
    }
  }
  return broken;
}

/// Names and values in another alphabetical order, times elsewhere and stretched.
History renamed(History history) {
  const auto flip = [](std::string& name) { name = "z" + std::to_string(9 - (name.at(1) - '0')) + name.substr(2); };
  for (Operation& operation : history.operations) {
    flip(operation.session);
    if (!operation.user.empty()) {
      flip(operation.user);
    }
    flip(operation.process);
    flip(operation.key);
    if (auto* text = std::get_if<std::string>(&operation.value)) {
      std::reverse(text->begin(), text->end());
    } else if (auto* number = std::get_if<std::int64_t>(&operation.value)) {
      *number = -*number;
    }
    operation.invoke = 1'000'000 + operation.invoke * 7;
    operation.complete = 1'000'000 + operation.complete * 7;
  }
  return history;
}

/// A harmless key beside the others, written and read by everyone in turn.
History with_another_key(History history, std::vector<std::size_t>& identity) {
  History grown = history;
  grown.operations.clear();
  identity.clear();
  int number = 0;
  Value newest;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    Operation more = history.operations[i];
    more.key = "another";
    more.outcome = Outcome::ok;
    more.version.reset();
    more.invoke = more.complete;
    more.function = i % 3 == 0 ? Function::write : Function::read;
    newest = i % 3 == 0 ? Value("another-" + std::to_string(++number)) : newest;
    more.value = newest;
    grown.operations.push_back(history.operations[i]);
    identity.push_back(i);
    grown.operations.push_back(more);
    identity.push_back(1000 + i);
  }
  return grown;
}

History without_some_reads(const History& history, std::mt19937_64& random) {
  History fewer = history;
  fewer.operations.clear();
  for (const Operation& operation : history.operations) {
    if (operation.is_write() || random() % 3 != 0) {
      fewer.operations.push_back(operation);
    }
  }
  return fewer;
}

/// Each session's operations moved in time by an amount of its own, and the file put in order of completion again.
History interleaved(History history, std::mt19937_64& random) {
  std::map<std::string, Nanoseconds> offsets;
  for (Operation& operation : history.operations) {
    const auto [offset, fresh] = offsets.try_emplace(operation.session, 0);
    if (fresh) {
      offset->second = static_cast<Nanoseconds>(random() % 30);
    }
    operation.invoke += offset->second;
    operation.complete += offset->second;
  }
  std::stable_sort(history.operations.begin(), history.operations.end(),
                   [](const Operation& a, const Operation& b) { return a.complete < b.complete; });
  return history;
}

bool ambiguous_or_dropped(const History& history, const Assumptions& assume) {
  const Answer answer = judge_registers(history, {guarantees("ryw"), Scope::session, assume});
  return answer.ambiguous_nulls || !answer.dropped.empty();
}

class WhatDoesNotMatter : public testing::TestWithParam<const char*> {
 protected:
  template <typename Compare>
  void for_random_histories(const Compare& compare) {
    std::mt19937_64 random(11);
    for (int run = 0; run < 700 && !HasFailure(); ++run) {
      const History history = cook(random_recipe(random, run % 2 == 0 ? Flavour::chaos : Flavour::simulated));
      compare(history, random);
      EXPECT_FALSE(HasFailure()) << as_text(history);
    }
  }
  Assumptions assume() const { return assumptions(GetParam()); }
};

TEST_P(WhatDoesNotMatter, NamesAndTimes) {
  for_random_histories([&](const History& history, std::mt19937_64&) {
    EXPECT_EQ(broken_rows(history, assume()), broken_rows(renamed(history), assume()));
  });
}

TEST_P(WhatDoesNotMatter, AnotherKey) {
  for_random_histories([&](const History& history, std::mt19937_64&) {
    std::vector<std::size_t> identity;
    const History grown = with_another_key(history, identity);
    EXPECT_EQ(broken_rows(history, assume()), broken_rows(grown, assume(), identity));
  });
}

TEST_P(WhatDoesNotMatter, ReadsLeftOut) {
  int compared = 0;
  for_random_histories([&](const History& history, std::mt19937_64& random) {
    // A dropped assumption may come back with the reads that contradicted it.
    const History fewer = without_some_reads(history, random);
    if (judge_registers(history, {guarantees("ryw"), Scope::session, assume()}).dropped.empty()) {
      const auto before = broken_rows(history, assume());
      for (const auto& [row, operations] : broken_rows(fewer, assume())) {
        EXPECT_EQ(before.count(row), 1U) << row;
      }
      ++compared;
    }
  });
  EXPECT_GT(compared, 300);
}

TEST_P(WhatDoesNotMatter, HowSessionsInterleave) {
  if (has(assume(), Assumption::one_clock)) {
    return;  // then it does matter
  }
  int compared = 0;
  for_random_histories([&](const History& history, std::mt19937_64& random) {
    // A null that may be several versions is judged against what was known by then, so its place matters.
    if (!ambiguous_or_dropped(history, assume())) {
      const auto before = broken_rows(history, assume());
      const auto after = broken_rows(interleaved(history, random), assume());
      for (const Guarantees& row : every_row()) {
        EXPECT_EQ(before.count(short_name(row)), after.count(short_name(row))) << short_name(row);
      }
      ++compared;
    }
  });
  EXPECT_GT(compared, 300);
}

INSTANTIATE_TEST_SUITE_P(Assuming, WhatDoesNotMatter, testing::Values("none", "wo", "all"),
                         [](const auto& chosen) { return std::string(chosen.param); });

}  // namespace
}  // namespace afterwrite::oracle
