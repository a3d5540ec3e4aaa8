#include "checkers/minimise.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <string_view>

namespace afterwrite {

namespace {

using Indices = std::vector<std::size_t>;

/// Whether `found`, in a part made of `operations`, speaks of the operations `wanted` of the whole.
bool same_operations(const Indices& found, const Indices& wanted, const Indices& operations) {
  return std::equal(found.begin(), found.end(), wanted.begin(), wanted.end(),
                    [&](std::size_t in_part, std::size_t in_whole) { return operations[in_part] == in_whole; });
}

bool same_cycle(const std::vector<Edge>& found, const std::vector<Edge>& wanted, const Indices& operations) {
  return std::equal(found.begin(), found.end(), wanted.begin(), wanted.end(), [&](const Edge& a, const Edge& b) {
    return a.kind == b.kind && a.older == b.older && a.newer == b.newer &&
           same_operations(a.operations, b.operations, operations);
  });
}

Indices united(const Indices& a, const Indices& b) {
  Indices all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

class Minimiser {
 public:
  Minimiser(const History& history, const Question& asked, const Row& row, const Violation& violation)
      : history_(history), question_(question_of_row(history, asked, row)), row_(row), violation_(violation) {}

  std::optional<Indices> run() {
    std::optional<Indices> tried;
    for (const Wanted& wanted : wider_and_wider()) {
      Indices needed = beside_the_witness(wanted);
      if (needed == tried) continue;
      if (shows(united(violation_.operations, needed))) return without_what_can_be_missed(std::move(needed));
      tried = std::move(needed);
    }
    return std::nullopt;
  }

 private:
  using Wanted = std::function<bool(std::size_t index)>;

  bool shows(const Indices& operations) const {
    const Judgement judged = judge(part_of(history_, operations), question_);
    return same_entry(violation_, row_, operations, judged) != nullptr;
  }

  /// What may be needed beside the witness, ever more: as a rule the first suffices, and all of it always does.
  std::vector<Wanted> wider_and_wider() const {
    std::set<std::string_view> sessions;
    std::set<std::string_view> keys;
    for (const std::size_t index : violation_.operations) {
      sessions.insert(history_.operations[index].session);
      keys.insert(history_.operations[index].key);
    }
    const auto on_key = [this, keys](std::size_t index) { return keys.contains(history_.operations[index].key); };
    const auto before = [this](std::size_t index) { return index <= violation_.operations.back(); };
    return {[](std::size_t) { return false; },
            [this, on_key, before, sessions](std::size_t index) {
              return before(index) && on_key(index) && sessions.contains(history_.operations[index].session);
            },
            [on_key, before](std::size_t index) { return before(index) && on_key(index); },
            on_key,
            before,
            [](std::size_t) { return true; }};
  }

  Indices beside_the_witness(const Wanted& wanted) const {
    Indices found;
    for (std::size_t index = 0; index < history_.operations.size(); ++index) {
      const auto& witness = violation_.operations;
      if (wanted(index) && !std::binary_search(witness.begin(), witness.end(), index)) found.push_back(index);
    }
    return found;
  }

  Indices without_what_can_be_missed(Indices needed) const {
    for (std::size_t chunk = needed.size() / 2; chunk > 1; chunk /= 2)
      drop(needed, chunk);
    // What one left out may be what kept another needed: until nothing can go any more.
    while (drop(needed, 1))
      continue;
    return united(violation_.operations, needed);
  }

  /// Leaves out every run of `chunk` operations that can be missed, the latest first: what came later is needed least.
  bool drop(Indices& needed, std::size_t chunk) const {
    bool dropped = false;
    for (std::size_t end = needed.size(); end > 0;) {
      const std::size_t begin = end > chunk ? end - chunk : 0;
      Indices fewer = needed;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(begin), fewer.begin() + static_cast<std::ptrdiff_t>(end));
      if (shows(united(violation_.operations, fewer))) {
        needed = std::move(fewer);
        dropped = true;
      }
      end = begin;
    }
    return dropped;
  }

  const History& history_;
  Question question_;
  const Row& row_;
  const Violation& violation_;
};

}  // namespace

Question question_of_row(const History& history, const Question& asked, const Row& row) {
  Question question = asked;
  question.guarantees = {row.guarantees};
  question.scopes = {row.scope};
  question.assume = assumptions_of(history, asked);
  question.min_at_risk = 1;
  return question;
}

History part_of(const History& history, const std::vector<std::size_t>& operations) {
  History part;
  part.name = history.name;
  part.header = history.header;
  part.truncated = history.truncated;
  if (!history.truncated) part.footer = {{"kind", "end"}, {"ops", operations.size()}};
  part.operations.reserve(operations.size());
  for (const std::size_t index : operations)
    part.operations.push_back(history.operations[index]);
  return part;
}

const Violation* same_entry(const Violation& violation, const Row& row, const std::vector<std::size_t>& operations,
                            const Judgement& judged) {
  for (const Row& found : judged.rows) {
    if (found.guarantees != row.guarantees || found.scope != row.scope || found.group != row.group) continue;
    for (const Violation& entry : found.entries) {
      if (entry.guarantees == violation.guarantees && entry.scope_name == violation.scope_name &&
          entry.key == violation.key && operations[entry.operation] == violation.operation &&
          entry.expected == violation.expected && entry.observed == violation.observed &&
          entry.assumptions == violation.assumptions &&
          same_operations(entry.operations, violation.operations, operations) &&
          same_cycle(entry.cycle, violation.cycle, operations)) {
        return &entry;
      }
    }
  }
  return nullptr;
}

std::optional<std::vector<std::size_t>> minimise(const History& history, const Question& asked, const Row& row,
                                                 const Violation& violation) {
  return Minimiser(history, asked, row, violation).run();
}

}  // namespace afterwrite
