// A valid history of lists in which one read is made to show an older state, or elements out of order, must be caught,
// at the operation that this breaks.

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "tests/checkers/agreement.hpp"
#include "tests/checkers/random_history.hpp"
#include "tests/checkers/settings.hpp"

namespace afterwrite::oracle {
namespace {

using Indices = std::set<std::size_t>;

Judgement judge_one(const History& history, const char* row, Scope scope) {
  Question question;
  question.guarantees = {guarantees(row)};
  question.scopes = {scope};
  question.assume = assumptions("oc");
  question.min_at_risk = 0;
  return judge(history, question);
}

Indices named(const Row& row) {
  Indices operations;
  for (const Violation& entry : row.entries) {
    operations.insert(entry.operation);
    for (const Repeat& repeat : entry.repeats) {
      operations.insert(repeat.operation);
    }
  }
  return operations;
}

/// A list of one key that a store with one log showed, and who appended what.
class Subject {
 public:
  Subject(const History& history, Scope scope) : history_(history), scope_(scope) {}

  const Operation& at(std::size_t index) const { return history_.operations[index]; }

  bool follows(std::size_t first, std::size_t second) const {
    return at(first).key == at(second).key && scope_name(at(first), scope_) == scope_name(at(second), scope_) &&
           precedes(history_, first, second, true);
  }

  std::size_t append_of(const std::string& key, const Scalar& element) const {
    for (std::size_t i = 0; i < history_.operations.size(); ++i) {
      if (at(i).function == Function::append && at(i).outcome != Outcome::fail && at(i).key == key &&
          at(i).value == to_value(element)) {
        return i;
      }
    }
    return history_.operations.size();
  }

  /// Elements that the read is owed to what its scope appended, or to what it read.
  bool owed_to_appends(std::size_t element_append, std::size_t operation) const {
    return at(element_append).outcome == Outcome::ok && follows(element_append, operation);
  }
  bool owed_to_reads(const Scalar& element, std::size_t operation, std::size_t without) const {
    for (std::size_t i = 0; i < operation; ++i) {
      if (i == without || at(i).is_write() || !is_list(at(i).value) || !follows(i, operation)) {
        continue;
      }
      const List& list = std::get<List>(at(i).value);
      if (std::find(list.begin(), list.end(), element) != list.end()) {
        return true;
      }
    }
    return false;
  }

 private:
  const History& history_;
  Scope scope_;
};

/// What must be named once a read shows `list` instead: of each guarantee.
struct Expected {
  Indices ryw;
  Indices mr;
  Indices mw;
  Indices wfr;
};

/// One element, which the read had shown, is gone: everything in the list that was owed it is broken, and the read, if
/// it was.
Expected without_element(const History& history, Scope scope, std::size_t read, const List& list, std::size_t gone) {
  const Subject subject(history, scope);
  const std::string& key = history.operations[read].key;
  const std::size_t lost = subject.append_of(key, list[gone]);
  Expected expected;
  if (subject.owed_to_appends(lost, read)) {
    expected.ryw.insert(read);
  }
  if (subject.owed_to_reads(list[gone], read, read)) {
    expected.mr.insert(read);
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::size_t append = subject.append_of(key, list[i]);
    if (i != gone && subject.owed_to_appends(lost, append)) {
      expected.mw.insert(append);
    }
    if (i != gone && subject.owed_to_reads(list[gone], append, read)) {
      expected.wfr.insert(append);
    }
  }
  return expected;
}

bool sound(const History& history, Scope scope) {
  const Judgement judgement = judge_one(history, "coherence", scope);
  return judgement.anomalies.empty() && judgement.verdict != Verdict::violated &&
         std::all_of(history.operations.begin(), history.operations.end(),
                     [](const Operation& operation) { return operation.function != Function::remove; });
}

class OneElementGone : public testing::TestWithParam<Scope> {};

TEST_P(OneElementGone, IsCaughtAndNamed) {
  const Scope scope = GetParam();
  std::mt19937_64 random(5);
  std::map<std::string, std::size_t> caught;
  for (std::uint64_t run = 0; run < histories(4'000) && !HasFailure(); ++run) {
    const History history = cook(random_recipe(random, Flavour::lists));
    if (!sound(history, scope)) {
      continue;
    }
    for (std::size_t read = 0; read < history.operations.size(); ++read) {
      if (history.operations[read].is_write() || !is_list(history.operations[read].value)) {
        continue;
      }
      const List list = std::get<List>(history.operations[read].value);
      for (std::size_t gone = 0; gone < list.size(); ++gone) {
        History mutant = history;
        List& shown = std::get<List>(mutant.operations[read].value);
        shown.erase(shown.begin() + static_cast<std::ptrdiff_t>(gone));
        const Expected expected = without_element(history, scope, read, list, gone);
        const std::pair<const char*, const Indices&> rows[] = {
            {"ryw", expected.ryw}, {"mr", expected.mr}, {"mw", expected.mw}, {"wfr", expected.wfr}};
        for (const auto& [row, operations] : rows) {
          const Row judged = judge_one(mutant, row, scope).rows.at(0);
          const Indices found = named(judged);
          EXPECT_EQ(found, operations) << row << " without " << display(list[gone]) << "\n" << as_text(mutant);
          EXPECT_EQ(judged.verdict == Verdict::violated, !operations.empty());
          caught[row] += operations.empty() ? 0U : 1U;
        }
      }
    }
  }
  for (const char* row : {"ryw", "mr", "mw", "wfr"}) {
    EXPECT_GT(caught[row], histories(100)) << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Per, OneElementGone, testing::Values(Scope::session, Scope::user, Scope::process),
                         [](const auto& chosen) { return short_name(chosen.param); });

}  // namespace
}  // namespace afterwrite::oracle
