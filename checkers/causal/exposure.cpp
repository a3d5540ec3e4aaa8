#include "checkers/causal/exposure.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "checkers/causal/reach.hpp"

namespace afterwrite {

namespace {

using Index = CausalInput::Index;
constexpr Index none = CausalInput::none;

class CausalRisk {
 public:
  CausalRisk(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes,
             const CausalFindings& findings, const Exposure& exposure, bool one_clock)
      : input_(input),
        order_(order),
        writes_(writes),
        findings_(findings),
        exposure_(exposure),
        one_clock_(one_clock) {}

  CausalMeasure run() {
    find_later();
    CausalMeasure measure;
    std::vector<bool> broken(input_.reads.size(), false);
    for (const CausalBreach& breach : findings_.breaches)
      broken[breach.arc.read] = true;
    std::vector<CausalQuestion> open;
    for (Index read = 0; read < input_.reads.size(); ++read) {
      if (!broken[read] && (findings_.owed[read] == none || is_unclear(read))) continue;
      ++measure.decided;
      if (broken[read] || for_sure(read)) {
        ++measure.at_risk;
      } else if (const Index shown = input_.reads[later_[read]].source; !is_list(read)) {
        open.push_back({input_.writes[shown].step, input_.writes[findings_.owed[read]].step});
      }
    }
    const std::vector<bool> older = lie_behind(input_, order_, open);
    measure.at_risk += static_cast<std::uint64_t>(std::count(older.begin(), older.end(), true));
    return measure;
  }

 private:
  const CausalInput::Step& step(Index read) const { return input_.steps[input_.reads[read].step]; }
  bool is_list(Index read) const { return input_.holds_list[input_.reads[read].key]; }
  bool is_unclear(Index read) const { return !is_list(read) && input_.reads[read].source == CausalInput::unclear; }

  /// As KeyOrder::not_there_before.
  Nanoseconds not_there_before(Index write) const {
    const CausalInput::Step& step = input_.steps[input_.writes[write].step];
    return step.unsure ? step.invoke : step.complete;
  }

  /// How little a read shows: a guess at how old it is.
  Index shown(Index read) const {
    if (!is_list(read)) return writes_.at(input_.reads[read].source);
    const CausalInput::Shown& list = input_.lists[input_.reads[read].source];
    return list.end - list.begin;
  }

  /// For each read the one invoked later, of its key, that shows least; without one clock, of its own session. Itself if there
  /// is none: what is owed to a read that keeps its promise is nothing that it misses.
  void find_later() {
    const Index groups = one_clock_ ? 1 : input_.owners;
    later_.resize(input_.reads.size());
    std::vector<Index> next(input_.keys() + 1, 0);  // by key: where its reads end so far
    for (Index read = 0; read < input_.reads.size(); ++read) {
      later_[read] = read;
      if (!is_unclear(read)) ++next[input_.reads[read].key + 1];
    }
    for (Index key = 0; key < input_.keys(); ++key)
      next[key + 1] += next[key];
    std::vector<Asked> of_keys(next.back());
    for (Index read = 0; read < input_.reads.size(); ++read) {
      if (is_unclear(read)) continue;
      const Index group = groups == 1 ? 0 : input_.session_of(step(read).owner);
      of_keys[next[input_.reads[read].key]++] = {step(read).invoke, group, read};
    }
    Index begin = 0;
    for (Index key = 0; key < input_.keys(); begin = next[key++])
      find_later_of_key(of_keys.begin() + begin, of_keys.begin() + next[key]);
  }

  /// A read, of one key, with what it is sorted by.
  struct Asked {
    Nanoseconds invoke = 0;
    Index group = 0;
    Index read = 0;
  };

  void find_later_of_key(std::vector<Asked>::iterator begin, std::vector<Asked>::iterator end) {
    // The latest of each group first.
    std::sort(begin, end, [](const Asked& a, const Asked& b) {
      return std::tie(a.group, b.invoke, a.read) < std::tie(b.group, a.invoke, b.read);
    });
    Index least = none;  // of those that were invoked later
    for (auto first = begin; first != end;) {
      if (first != begin && (first - 1)->group != first->group) least = none;
      Index with = least;
      const auto now = first;  // of those that were invoked at one moment
      for (; first != end && first->group == now->group && first->invoke == now->invoke; ++first) {
        if (least != none) later_[first->read] = least;
        if (with == none || shown(first->read) < shown(with)) with = first->read;
      }
      least = with;
    }
  }

  /// At risk by something that need not be asked about.
  bool for_sure(Index read) const {
    const Index owed = findings_.owed[read];
    const Nanoseconds invoke = step(read).invoke;
    const Nanoseconds since = not_there_before(owed);
    if (exposure_.behind(invoke, since) || exposure_.lost(invoke, since)) return true;
    const CausalInput::Read& later = input_.reads[later_[read]];
    if (!is_list(read)) return later.source == CausalInput::initial_state;
    const CausalInput::Shown& list = input_.lists[later.source];
    const auto all = input_.elements.begin();
    return std::find(all + list.begin, all + list.end, owed) == all + list.end;
  }

  const CausalInput& input_;
  const CausalOrder& order_;
  const CausalWrites& writes_;
  const CausalFindings& findings_;
  const Exposure& exposure_;
  bool one_clock_;
  std::vector<Index> later_;                           // by read
};

}  // namespace

CausalMeasure measure_causal(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes,
                             const CausalFindings& findings, const Exposure& exposure, bool one_clock) {
  return CausalRisk(input, order, writes, findings, exposure, one_clock).run();
}

}  // namespace afterwrite
