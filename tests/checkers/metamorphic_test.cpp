// What changes nothing that matters must change no verdict.

#include <algorithm>
#include <array>
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

Scalar renamed(Scalar scalar) {
  if (auto* text = std::get_if<std::string>(&scalar)) {
    std::reverse(text->begin(), text->end());
  } else {
    std::get<std::int64_t>(scalar) *= -1;
  }
  return scalar;
}

Value renamed(const Value& value) {
  if (is_null(value)) {
    return value;
  }
  if (!is_list(value)) {
    return to_value(renamed(to_scalar(value)));
  }
  List list;
  for (const Scalar& element : std::get<List>(value)) {
    list.push_back(renamed(element));
  }
  return list;
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
    operation.value = renamed(operation.value);
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

/// Whether reads may be left out without making known what was not: a version recorded in two ways, of which one goes
/// away, orders something; an assumption that is no longer contradicted counts again.
bool reads_only_add(const History& history, const Assumptions& assume) {
  const Oracle oracle(history, assume);
  return oracle.dropped().empty() && std::none_of(oracle.keys().begin(), oracle.keys().end(), [](const KeyOracle& key) {
           return key.model().anomalies.count("conflicting-version") != 0;
         });
}

bool ambiguous_or_dropped(const History& history, const Assumptions& assume) {
  const Oracle oracle(history, assume);
  return oracle.ambiguous_nulls() || !oracle.dropped().empty();
}

class WhatDoesNotMatter : public testing::TestWithParam<const char*> {
 protected:
  template <typename Compare>
  void for_random_histories(const Compare& compare) {
    std::mt19937_64 random(11);
    constexpr std::array flavours{Flavour::chaos, Flavour::simulated, Flavour::lists, Flavour::jumbled};
    for (std::size_t run = 0; run < histories(4'000) && !HasFailure(); ++run) {
      const History history = cook(random_recipe(random, flavours[run % flavours.size()]));
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
  std::uint64_t compared = 0;
  for_random_histories([&](const History& history, std::mt19937_64& random) {
    const History fewer = without_some_reads(history, random);
    if (reads_only_add(history, assume())) {
      const auto before = broken_rows(history, assume());
      for (const auto& [row, operations] : broken_rows(fewer, assume())) {
        EXPECT_EQ(before.count(row), 1U) << row;
      }
      ++compared;
    }
  });
  EXPECT_GT(compared, histories(2'000));
}

TEST_P(WhatDoesNotMatter, HowSessionsInterleave) {
  if (has(assume(), Assumption::one_clock)) {
    return;  // then it does matter
  }
  std::uint64_t compared = 0;
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
  EXPECT_GT(compared, histories(2'000));
}

INSTANTIATE_TEST_SUITE_P(Assuming, WhatDoesNotMatter, testing::Values("none", "wo", "all"),
                         [](const auto& chosen) { return std::string(chosen.param); });

}  // namespace
}  // namespace afterwrite::oracle
