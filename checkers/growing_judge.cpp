#include "checkers/growing_judge.hpp"

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
  for (const Guarantees& set : question_.guarantees)
    across_keys_ = across_keys_ || (set >> guarantee_count).any();
}

/// The keys that got something. All, where keys cannot be judged apart, and at the first delete: what null reads showed
/// before then is in doubt.
std::vector<GrowingJudge::Key*> GrowingJudge::take_new(const History& so_far) {
  std::vector<Key*> touched;
  const std::size_t begin = seen_;
  for (; seen_ < so_far.operations.size(); ++seen_) {
    const Operation& operation = so_far.operations[seen_];
    Key& key = keys_[operation.key];
    if (key.operations.empty() || key.operations.back() < begin) touched.push_back(&key);
    key.operations.push_back(seen_);
    if (operation.function == Function::remove && !first_delete_) first_delete_ = seen_;
    across_keys_ = across_keys_ || !operation.txn.empty();
  }
  const bool deletes_now = first_delete_ && *first_delete_ >= begin;
  if (begin < seen_ && (across_keys_ || deletes_now)) {
    touched.clear();
    for (auto& [name, key] : keys_)
      touched.push_back(&key);
  }
  return touched;
}

std::vector<std::size_t> GrowingJudge::operations_of(const std::vector<Key*>& touched) const {
  std::vector<std::size_t> all;
  for (const Key* key : touched)
    all.insert(all.end(), key->operations.begin(), key->operations.end());
  // Where anything deletes, a null read may have seen a delete in flight: the part must not look as if nothing did.
  if (first_delete_) all.push_back(*first_delete_);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void GrowingJudge::look(const History& so_far) {
  const bool deleted_before = first_delete_.has_value();
  const std::vector<Key*> touched = take_new(so_far);
  if (touched.empty()) return;
  const bool first_delete_came = first_delete_ && !deleted_before;
  const std::vector<std::size_t> operations = operations_of(touched);
  const History part = part_of(so_far, operations);
  const Judgement judged = judge(part, question_);
  std::map<Key*, std::map<Name, Told>> found;
  for (const Row& row : judged.rows) {
    if (row.group == control_label) continue;
    for (const Violation& entry : row.entries) {
      Key& key = keys_[entry.key];
      const Name name{name_of(row), entry.guarantees.to_ulong(), operations[entry.operation]};
      const Operation& accused = part.operations[entry.operation];
      found[&key].emplace(name,
                          Told{accused.line, fmt::format("{} of {}", to_string(entry.guarantees), entry.scope_name),
                               !accused.is_write() && is_null(accused.value)});
      if (!key.told.contains(name)) listener_.found(part, judged, row, entry);
    }
  }
  for (Key* key : touched) {
    for (const auto& [name, told] : key->told) {
      if (found[key].contains(name)) continue;
      if (first_delete_came && told.saw_nothing) {
        listener_.put_in_doubt(told.line, told.what);
      } else {
        listener_.taken_back(told.line, told.what);
      }
    }
    key->told = std::move(found[key]);
  }
}

}  // namespace afterwrite
