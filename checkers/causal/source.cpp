#include "checkers/causal/source.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace afterwrite {

namespace {

using Index = CausalInput::Index;

/// Where the members of each step begin, from their steps: a counting sort.
template <typename StepOf>
std::vector<Index> begins(std::size_t steps, std::size_t members, const StepOf& step_of) {
  std::vector<Index> begin(steps + 1, 0);
  for (std::size_t i = 0; i < members; ++i)
    ++begin[step_of(i) + 1];
  for (std::size_t step = 0; step < steps; ++step)
    begin[step + 1] += begin[step];
  return begin;
}

}  // namespace

CausalSource::CausalSource(const History& history, const SortingRules& rules) : history_(history), rules_(rules) {
  const auto& all = history.operations;
  step_of_.reserve(all.size());
  base_.steps.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i == 0 || !of_one_transaction(all[i - 1], all[i])) {
      base_.steps.push_back({all[i].invoke, all[i].complete, 0, false});
    }
    step_of_.push_back(static_cast<Index>(base_.steps.size() - 1));
    CausalInput::Step& step = base_.steps.back();
    step.unsure = step.unsure || all[i].outcome == Outcome::info;
  }
  write_of_.assign(all.size(), CausalInput::none);
  base_.key_writes.push_back(0);
}

void CausalSource::add_write(OperationIndex operation, bool removal) {
  write_of_[operation] = static_cast<Index>(base_.writes.size());
  base_.writes.push_back({operation, step_of_[operation], base_.keys() - 1, removal});
}

void CausalSource::take_register(const KeyHistory& key) {
  base_.holds_list.push_back(false);
  for (std::size_t i = 0; i < key.operations.size(); ++i) {
    const Operation& op = history_.operations[key.operations[i]];
    if (op.is_write() && key.sights[i] == Sight::version) {
      add_write(key.operations[i], op.function == Function::remove);
    }
  }
  for (std::size_t i = 0; i < key.operations.size(); ++i) {
    const OperationIndex index = key.operations[i];
    const Operation& op = history_.operations[index];
    if (op.is_write() || key.sights[i] == Sight::none) continue;
    CausalInput::Read read{index, step_of_[index], base_.keys() - 1, CausalInput::initial_state};
    Index deletes = 0;
    if (key.sights[i] == Sight::ambiguous_null) {
      read.source = CausalInput::unclear;
      deletes = static_cast<Index>(seen_removals(history_, key, i, rules_).count());
      if (auto late = not_seen(key, index); !late.empty()) not_seen_.emplace(base_.reads.size(), std::move(late));
    } else if (key.seen[i] != initial_version) {
      read.source = write_of_[key.versions[key.seen[i]].write];
    }
    base_.reads.push_back(read);
    deletes_of_.push_back(deletes);
  }
  base_.key_writes.push_back(static_cast<Index>(base_.writes.size()));
}

/// Only within a transaction may a delete lie behind the step of a read that had ended before it began.
std::vector<CausalSource::Index> CausalSource::not_seen(const KeyHistory& key, OperationIndex read) const {
  std::vector<Index> late;
  const Operation& op = history_.operations[read];
  if (op.txn.empty() || !rules_.one_clock) return late;
  const Nanoseconds ended = own_times(history_, read, rules_).complete;
  for (const Version& version : key.versions) {
    if (!version.removal || version.write == no_operation) continue;
    const Operation& removal = history_.operations[version.write];
    const bool may_lie_behind = removal.invoke <= op.complete && removal.session != op.session;
    if (may_lie_behind && own_times(history_, version.write, rules_).invoke > ended) late.push_back(write_of_[version.write]);
  }
  return late;
}

void CausalSource::take_list(const KeyHistory& key, const ListKey& list) {
  base_.holds_list.push_back(true);
  for (std::size_t i = 0; i < key.operations.size(); ++i) {
    if (!list.judged[i] || !history_.operations[key.operations[i]].is_write()) continue;
    if (list.origins[list.appended[i]].append == key.operations[i]) add_write(key.operations[i], false);
  }
  for (std::size_t i = 0; i < key.operations.size(); ++i) {
    const OperationIndex index = key.operations[i];
    if (!list.judged[i] || history_.operations[index].is_write()) continue;
    // What it shows too early may lie behind its transaction, and is not missing.
    if (list.early[i]) continue;
    const auto begin = static_cast<Index>(base_.elements.size());
    for (const ListKey::Element element : list.contents[i]) {
      base_.elements.push_back(write_of_[list.origins[element].append]);
    }
    base_.reads.push_back({index, step_of_[index], base_.keys() - 1, static_cast<Index>(base_.lists.size())});
    base_.lists.push_back({begin, static_cast<Index>(base_.elements.size()), begin});
    deletes_of_.push_back(0);
  }
  base_.key_writes.push_back(static_cast<Index>(base_.writes.size()));
}

CausalInput CausalSource::input(const Scoping& scoping, const std::vector<bool>& in_group) const {
  CausalInput input = base_;
  input.owners = static_cast<Index>(scoping.names.size());
  // A step is whose its first operation is.
  for (std::size_t i = step_of_.size(); i-- > 0;)
    input.steps[step_of_[i]].owner = scoping.of[i];
  const std::size_t steps = input.steps.size();
  if (scoping.scope != Scope::session) name_sessions(input, scoping);
  if (steps != step_of_.size()) input.operation_step = step_of_;

  input.step_write_begin = begins(steps, input.writes.size(), [&](std::size_t i) { return input.writes[i].step; });
  std::vector<Index> next(input.step_write_begin.begin(), input.step_write_begin.end() - 1);
  input.step_writes.resize(input.writes.size());
  for (std::size_t i = 0; i < input.writes.size(); ++i) {
    input.step_writes[next[input.writes[i].step]++] = static_cast<Index>(i);
  }

  std::vector<std::size_t> counted;
  for (std::size_t i = 0; i < base_.reads.size(); ++i) {
    if (!in_group.empty() && !in_group[base_.reads[i].operation]) continue;
    counted.push_back(i);
  }
  // Within a step in the order of the file.
  std::sort(counted.begin(), counted.end(),
            [&](std::size_t a, std::size_t b) { return base_.reads[a].operation < base_.reads[b].operation; });
  input.reads.clear();
  for (const std::size_t i : counted) {
    input.reads.push_back(base_.reads[i]);
    if (base_.reads[i].source != CausalInput::unclear) continue;
    if (const auto late = not_seen_.find(i); late != not_seen_.end()) {
      for (const Index write : late->second)
        input.unclear_not_seen.emplace_back(static_cast<Index>(input.unclear_deletes.size()), write);
    }
    input.unclear_deletes.push_back(deletes_of_[i]);
  }
  input.step_read_begin = begins(steps, input.reads.size(), [&](std::size_t i) { return input.reads[i].step; });
  find_fresh(input);
  return input;
}

/// Where times of sessions do not compare, no owner has operations of two of them (make_scoping); where they do, nobody
/// asks.
void CausalSource::name_sessions(CausalInput& input, const Scoping& scoping) const {
  std::unordered_map<std::string_view, Index> numbers;
  input.owner_session.resize(input.owners);
  for (std::size_t i = 0; i < scoping.of.size(); ++i) {
    const std::string_view session = history_.operations[i].session;
    input.owner_session[scoping.of[i]] = numbers.emplace(session, static_cast<Index>(numbers.size())).first->second;
  }
  if (std::find(scoping.several.begin(), scoping.several.end(), true) == scoping.several.end()) return;
  input.step_session.resize(input.steps.size());
  for (std::size_t i = 0; i < step_of_.size(); ++i)
    input.step_session[step_of_[i]] = numbers.at(history_.operations[i].session);
}

/// As a rule a list begins with all that its owner saw last.
void CausalSource::find_fresh(CausalInput& input) {
  std::map<std::pair<Index, Index>, const CausalInput::Read*> last;  // by owner and key
  for (const CausalInput::Read& read : input.reads) {
    if (!input.holds_list[read.key]) continue;
    const CausalInput::Step& step = input.steps[read.step];
    const CausalInput::Read*& before = last[{step.owner, read.key}];
    if (before != nullptr && before->step != read.step && !input.steps[before->step].unsure &&
        input.in_session_order(before->step, read.step)) {
      CausalInput::Shown& shown = input.lists[read.source];
      const CausalInput::Shown& known = input.lists[before->source];
      const auto all = input.elements.begin();
      shown.fresh = static_cast<Index>(
          std::mismatch(all + shown.begin, all + shown.end, all + known.begin, all + known.end).first - all);
    }
    before = &read;
  }
}

}  // namespace afterwrite
