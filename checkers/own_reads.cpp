#include "checkers/own_reads.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "checkers/exposure.hpp"
#include "checkers/key_history.hpp"
#include "checkers/key_order.hpp"
#include "checkers/lists/walk.hpp"
#include "checkers/owed.hpp"
#include "checkers/transactions.hpp"

namespace afterwrite {

namespace {

/// What read-your-writes by session accuses of being stale; absent if it was not judged.
std::optional<Flagged> accused(const Judgement& judgement) {
  const Guarantees own_writes = only(Guarantee::read_your_writes);
  std::optional<Flagged> stale;
  for (const Row& row : judgement.rows) {
    if (row.scope != Scope::session || !has(row.guarantees, Guarantee::read_your_writes)) continue;
    if (!stale) stale.emplace();
    for (const Violation& violation : row.entries) {
      if (violation.guarantees != own_writes) continue;
      stale->insert(static_cast<OperationIndex>(violation.operation));
      for (const Repeat& repeat : violation.repeats)
        stale->insert(static_cast<OperationIndex>(repeat.operation));
    }
  }
  return stale;
}

/// The reads of which it is known how they stand to their session's own writes.
class DecidedReads {
 public:
  DecidedReads(const History& history, const Assumptions& assumed, const std::vector<OwnTimes>* own_times)
      : history_(history),
        assumed_(assumed),
        rules_{has(assumed, Assumption::one_clock), history.truncated, false, own_times},
        exposure_(history),
        scoping_(make_scoping(history, Scope::session, rules_.one_clock)) {}

  std::vector<OperationIndex> find(const Flagged& stale) {
    SortedHistory sorted = sort_by_key(history_, rules_);
    std::vector<OperationIndex> decided;
    for (KeyHistory& key : sorted.keys) {
      if (key.list) {
        take_list(key, sorted, decided);
      } else if (key.doubt.empty()) {
        take_register(key, stale, decided);
      }
    }
    std::sort(decided.begin(), decided.end());
    return decided;
  }

 private:
  void take_register(const KeyHistory& key, const Flagged& stale, std::vector<OperationIndex>& decided) const {
    const KeyOrder order(history_, key, assumed_);
    const LaterReads later(history_, key, order, rules_.one_clock);
    const SessionViews views = view_sessions(history_, key, scoping_, everyone_);
    measure_register({history_, key, order, views, everyone_, exposure_, later}, only(Guarantee::read_your_writes),
                     stale, &decided);
  }

  void take_list(KeyHistory& key, SortedHistory& sorted, std::vector<OperationIndex>& decided) const {
    const ListKey list = sort_list(history_, key, rules_, sorted.deletes_in_flight, sorted);
    if (!key.doubt.empty()) return;
    const LaterLists later(history_, key, list, rules_.one_clock);
    const ListVerdicts found =
        judge_list({history_, key, list, scoping_, everyone_, exposure_, later}, only(Guarantee::read_your_writes));
    const auto& reads = found[static_cast<std::size_t>(Guarantee::read_your_writes)].decided;
    decided.insert(decided.end(), reads.begin(), reads.end());
  }

  const History& history_;
  Assumptions assumed_;
  SortingRules rules_;
  Exposure exposure_;
  Scoping scoping_;
  const std::vector<bool> everyone_;  // empty: all reads count
};

/// When the writes of each session to each key were acknowledged, in order of time.
class Acknowledgements {
 public:
  struct Acknowledged {
    Nanoseconds time = 0;
    OperationIndex write = 0;
    auto operator<=>(const Acknowledged&) const = default;
  };

  explicit Acknowledgements(const History& history) {
    for (OperationIndex index = 0; index < history.operations.size(); ++index) {
      const Operation& operation = history.operations[index];
      if (!operation.is_write() || operation.outcome != Outcome::ok) continue;
      times_[{operation.session, operation.key}].push_back({operation.complete, index});
    }
    for (auto& [whose, times] : times_)
      std::sort(times.begin(), times.end());
  }

  /// The newest before the read began.
  std::optional<Acknowledged> newest_before(const Operation& read) const {
    const auto found = times_.find({read.session, read.key});
    if (found == times_.end()) return std::nullopt;
    const auto after =
        std::upper_bound(found->second.begin(), found->second.end(), read.invoke,
                         [](Nanoseconds time, const Acknowledged& acknowledged) { return time < acknowledged.time; });
    if (after == found->second.begin()) return std::nullopt;
    return *std::prev(after);
  }

 private:
  std::map<std::pair<std::string_view, std::string_view>, std::vector<Acknowledged>> times_;
};

std::vector<OwnRead> find(const History& history, const Assumptions& assumed, const Flagged& stale,
                          const std::vector<OwnTimes>* own_times) {
  const Acknowledgements acknowledged(history);
  std::vector<OwnRead> reads;
  for (const OperationIndex index : DecidedReads(history, assumed, own_times).find(stale)) {
    const Operation& read = history.operations[index];
    const auto newest = acknowledged.newest_before(read);
    if (newest) reads.push_back({index, newest->write, read.invoke - newest->time, stale.contains(index)});
  }
  return reads;
}

}  // namespace

std::optional<std::vector<OwnRead>> find_own_reads(const History& history, const Question& question,
                                                   const Judgement& judgement) {
  if (times_of(history.header) != Times::measured) return std::nullopt;
  const std::optional<Flagged> stale = accused(judgement);
  if (!stale) return std::nullopt;
  const Assumptions assumed = assumptions_of(history, question);
  if (!has_transactions(history)) return find(history, assumed, *stale, nullptr);
  const Steps steps = make_steps(history);
  Flagged stale_steps;
  for (OperationIndex step = 0; step < steps.origin.size(); ++step) {
    if (stale->contains(steps.origin[step])) stale_steps.insert(step);
  }
  std::vector<OwnRead> reads = find(steps.history, assumed, stale_steps, &steps.own_times);
  for (OwnRead& read : reads) {
    read.operation = steps.origin[read.operation];
    read.write = steps.origin[read.write];
  }
  std::sort(reads.begin(), reads.end(), [](const OwnRead& a, const OwnRead& b) { return a.operation < b.operation; });
  return reads;
}

}  // namespace afterwrite
