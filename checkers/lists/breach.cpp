#include "checkers/lists/breach.hpp"

#include <algorithm>

namespace afterwrite {

Violation ListAccuser::accuse(const ListBreach& breach) {
  const ListSubject& subject = subject_;
  const auto index = [&](std::size_t place) { return subject.key.operations[place]; };
  const ListKey::Element element = breach.owed.element;
  Violation violation;
  violation.guarantees = only(guarantee_);
  violation.operation = index(breach.broken);
  violation.scope_name = subject.scoping.names[subject.scoping.of[violation.operation]];
  violation.key = subject.key.key;
  violation.expected = to_value(subject.list.values[element]);
  const auto& contents = subject.list.contents[breach.list];
  const bool there = std::find(contents.begin(), contents.end(), element) != contents.end();
  if (accused_.emplace(subject.scoping.of[violation.operation], element, there).second) {
    violation.observed = subject.operation(breach.list).value;
  } else {
    violation.observed = there ? List{subject.list.values[element]} : List{};
  }
  std::vector<std::size_t> shown_by{index(breach.owed.place)};
  if (breach.list != breach.broken) shown_by.push_back(index(breach.list));
  shown_by.push_back(index(breach.broken));
  violation.operations = shown_by;
  violation.operations.push_back(subject.list.origins[element].append);
  if (breach.passed) violation.operations.push_back(subject.list.origins[*breach.passed].append);
  std::sort(violation.operations.begin(), violation.operations.end());
  violation.operations.erase(std::unique(violation.operations.begin(), violation.operations.end()),
                             violation.operations.end());
  violation.cycle.push_back({EdgeKind::list_contents, violation.observed, violation.expected, std::move(shown_by)});
  const Nanoseconds seen = subject.operation(breach.owed.place).complete;
  const Nanoseconds since = std::min(seen, subject.there_since(element).value_or(seen));
  const Nanoseconds due = subject.operation(breach.broken).invoke - since;
  violation.staleness_ms = static_cast<double>(std::max<Nanoseconds>(due, 0)) / 1e6;
  return violation;
}

}  // namespace afterwrite
