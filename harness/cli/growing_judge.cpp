#include "harness/cli/growing_judge.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "checkers/groups.hpp"
#include "checkers/minimise.hpp"

namespace afterwrite {

namespace {

/// A row by what it asks: groups come and go with the operations that bear their label.
std::string name_of(const Row& row) {
  return fmt::format("{}/{}/{}", to_string(row.guarantees), to_string(row.scope), row.group);
}

}  // namespace

GrowingJudge::GrowingJudge(Question question, Listener& listener)
    : question_(std::move(question)), listener_(listener) {
  question_.live = true;
}

std::vector<std::size_t> GrowingJudge::operations_of(const std::vector<Key*>& touched) const {
  std::vector<std::size_t> all;
  for (const Key* key : touched)
    all.insert(all.end(), key->operations.begin(), key->operations.end());
  std::sort(all.begin(), all.end());
  return all;
}

void GrowingJudge::look(const History& so_far) {
  std::vector<Key*> touched;
  for (; seen_ < so_far.operations.size(); ++seen_) {
    Key& key = keys_[so_far.operations[seen_].key];
    if (key.operations.empty() || key.operations.back() < first_unseen_) touched.push_back(&key);
    key.operations.push_back(seen_);
  }
  first_unseen_ = seen_;
  if (touched.empty()) return;
  const std::vector<std::size_t> operations = operations_of(touched);
  const History part = part_of(so_far, operations);
  const Judgement judged = judge(part, question_);
  std::map<Key*, std::map<Name, Told>> found;
  for (const Row& row : judged.rows) {
    if (row.group == control_label) continue;
    for (const Violation& entry : row.entries) {
      Key& key = keys_[entry.key];
      const Name name{name_of(row), entry.guarantees.to_ulong(), operations[entry.operation]};
      const std::uint64_t line = part.operations[entry.operation].line;
      found[&key].emplace(name, Told{line, fmt::format("{} of {}", to_string(entry.guarantees), entry.scope_name)});
      if (!key.told.contains(name)) listener_.found(part, judged, row, entry);
    }
  }
  for (Key* key : touched) {
    for (const auto& [name, told] : key->told) {
      if (!found[key].contains(name)) listener_.taken_back(told.line, told.what);
    }
    key->told = std::move(found[key]);
  }
}

}  // namespace afterwrite
