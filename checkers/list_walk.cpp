#include "checkers/list_walk.hpp"

#include <algorithm>
#include <unordered_map>

namespace afterwrite {

namespace {

constexpr Nanoseconds never = -1;

class ListWalk {
 public:
  ListWalk(const ListSubject& subject, Guarantee guarantee) : subject_(subject), guarantee_(guarantee) {
    place_.assign(subject.list.values.size(), 0);
    stamps_.assign(subject.list.values.size(), 0);
    find_lacking();
  }

  ListFindings run() {
    for (std::size_t i = 0; i < subject_.key.operations.size(); ++i) {
      if (!subject_.list.judged[i]) continue;
      const OperationIndex index = subject_.key.operations[i];
      const bool writes = operation(i).is_write();
      if (!writes && !subject_.in_group.empty() && !subject_.in_group[index]) continue;
      Owner& owner = owners_[subject_.scoping.of[index]];
      if (writes) {
        if (operation(i).outcome == Outcome::ok) owner.appends.push_back(i);
        continue;
      }
      mark(i);
      if (guarantee_ == Guarantee::read_your_writes) {
        judge_own_writes(owner, i);
      } else {
        judge_earlier_reads(owner, i);
      }
    }
    return std::move(findings_);
  }

 private:
  /// What one session, user or process did: places in KeyHistory::operations, in order of completion.
  struct Owner {
    std::vector<std::size_t> appends;  // acknowledged
    std::vector<std::size_t> reads;    // that broke nothing
  };

  const Operation& operation(std::size_t i) const { return subject_.history.operations[subject_.key.operations[i]]; }

  bool precedes(std::size_t a, std::size_t b) const { return a < b && completes_before(operation(a), operation(b)); }

  Nanoseconds there_since(ListKey::Element element) const {
    const ListKey::Origin& origin = subject_.list.origins[element];
    const OperationIndex shown = origin.acknowledged ? origin.append : origin.first_read;
    return shown == no_operation ? never : subject_.history.operations[shown].complete;
  }

  /// Where each element of a read stands in it.
  void mark(std::size_t i) {
    ++stamp_;
    std::size_t next = 0;
    for (const ListKey::Element element : subject_.list.contents[i]) {
      stamps_[element] = stamp_;
      place_[element] = next++;
    }
  }
  bool marked(ListKey::Element element) const { return stamps_[element] == stamp_; }

  /// For each element the latest invocation of a read without it, of anyone or (without one clock) by session.
  void find_lacking() {
    for (std::size_t i = 0; i < subject_.key.operations.size(); ++i) {
      if (operation(i).is_write() || !subject_.list.judged[i]) continue;
      mark(i);
      auto& latest = lacking_[subject_.one_clock ? std::string_view{} : std::string_view{operation(i).session}];
      latest.resize(subject_.list.values.size(), never);
      for (ListKey::Element element = 0; element < latest.size(); ++element) {
        if (!marked(element)) latest[element] = std::max(latest[element], operation(i).invoke);
      }
    }
  }

  bool lacking_later(ListKey::Element element, const Operation& read) const {
    const auto found = lacking_.find(subject_.one_clock ? std::string_view{} : std::string_view{read.session});
    return found != lacking_.end() && found->second[element] >= read.invoke;
  }

  bool at_risk(ListKey::Element element, const Operation& read) const {
    const Nanoseconds since = there_since(element);
    return subject_.exposure.behind(read.invoke, since) || lacking_later(element, read) ||
           subject_.exposure.lost(read.invoke, since);
  }

  void judge_own_writes(Owner& owner, std::size_t i) {
    bool owed = false;
    bool risk = false;
    std::optional<std::size_t> missing;
    for (std::size_t k = owner.appends.size(); k-- > 0;) {
      const std::size_t append = owner.appends[k];
      const ListKey::Element element = subject_.list.appended[append];
      if (!precedes(append, i) || subject_.list.origins[element].append == no_operation) continue;
      owed = true;
      if (!marked(element)) missing = append;  // the earliest one in the end: the longest due
      // Only the latest is asked about its risk as a rule: what is older is visible wherever the latest is.
      risk = risk || (!missing && at_risk(element, operation(i)));
    }
    if (!owed) return;
    record(i, missing || risk);
    if (missing) accuse(i, *missing, subject_.list.appended[*missing]);
  }

  void judge_earlier_reads(Owner& owner, std::size_t i) {
    bool owed = false;
    bool risk = false;
    for (std::size_t k = owner.reads.size(); k-- > 0;) {
      const std::size_t earlier = owner.reads[k];
      if (!precedes(earlier, i)) continue;
      const auto& contents = subject_.list.contents[earlier];
      owed = owed || !contents.empty();
      if (const auto broken = out_of_place(contents)) {
        record(i, true);
        return accuse(i, earlier, *broken);
      }
      risk = risk || std::any_of(contents.begin(), contents.end(), [&](ListKey::Element element) {
               return at_risk(element, operation(i));
             });
      // A read that began after all before it had ended was held against them already.
      if (k == 0 || precedes(owner.reads[k - 1], earlier)) break;
    }
    if (owed) record(i, risk);
    owner.reads.push_back(i);
  }

  /// The first element of an earlier read that the marked one lacks or shows in another order.
  std::optional<ListKey::Element> out_of_place(const std::vector<ListKey::Element>& earlier) const {
    std::size_t last = 0;
    for (const ListKey::Element element : earlier) {
      if (!marked(element) || place_[element] < last) return element;
      last = place_[element];
    }
    return std::nullopt;
  }

  void record(std::size_t i, bool risk) {
    findings_.decided.push_back(subject_.key.operations[i]);
    if (risk) findings_.at_risk.push_back(subject_.key.operations[i]);
  }

  void accuse(std::size_t i, std::size_t shown_by, ListKey::Element element) {
    Violation violation;
    violation.guarantees = only(guarantee_);
    violation.operation = subject_.key.operations[i];
    violation.scope_name = subject_.scoping.names[subject_.scoping.of[violation.operation]];
    violation.key = subject_.key.key;
    violation.expected = to_value(subject_.list.values[element]);
    violation.observed = operation(i).value;
    violation.cycle.push_back({EdgeKind::list_contents, violation.observed, violation.expected,
                               {subject_.key.operations[shown_by], violation.operation}});
    violation.operations = {subject_.key.operations[shown_by], violation.operation};
    const OperationIndex append = subject_.list.origins[element].append;
    if (append != no_operation) violation.operations.push_back(append);
    std::sort(violation.operations.begin(), violation.operations.end());
    violation.operations.erase(std::unique(violation.operations.begin(), violation.operations.end()),
                               violation.operations.end());
    const Nanoseconds due = operation(i).invoke - std::min(there_since(element), operation(shown_by).complete);
    violation.staleness_ms = static_cast<double>(std::max<Nanoseconds>(due, 0)) / 1e6;
    findings_.violations.push_back(std::move(violation));
  }

  const ListSubject& subject_;
  Guarantee guarantee_;
  ListFindings findings_;
  std::unordered_map<std::uint32_t, Owner> owners_;
  std::unordered_map<std::string_view, std::vector<Nanoseconds>> lacking_;
  std::vector<std::size_t> place_;
  std::vector<std::uint64_t> stamps_;
  std::uint64_t stamp_ = 0;
};

}  // namespace

ListFindings judge_list(const ListSubject& subject, Guarantee guarantee) {
  return ListWalk(subject, guarantee).run();
}

}  // namespace afterwrite
