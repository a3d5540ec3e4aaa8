#include "checkers/causal_exposure.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "checkers/causal_reach.hpp"

namespace afterwrite {

namespace {

using Index = CausalInput::Index;
constexpr Index none = CausalInput::none;

class CausalRisk {
 public:
  CausalRisk(const History& history, const CausalInput& input, const CausalOrder& order, const CausalWrites& writes,
             const CausalFindings& findings, const Exposure& exposure, bool one_clock)
      : history_(history),
        input_(input),
        order_(order),
        writes_(writes),
        findings_(findings),
        exposure_(exposure),
        one_clock_(one_clock) {}

  CausalMeasure run() {
    find_first_seen();
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
  const Operation& operation(Index read) const { return history_.operations[input_.reads[read].operation]; }
  bool is_list(Index read) const { return input_.holds_list[input_.reads[read].key]; }
  bool is_unclear(Index read) const { return !is_list(read) && input_.reads[read].source == CausalInput::unclear; }

  /// What nobody acknowledged was there once it was read.
  void find_first_seen() {
    for (Index read = 0; read < input_.reads.size(); ++read) {
      order_.for_each_source(read, [&](Index write) {
        const CausalInput::Write& w = input_.writes[write];
        if (!input_.steps[w.step].unsure) return;
        const Nanoseconds complete = operation(read).complete;
        const auto [place, fresh] = first_seen_.emplace(write, complete);
        if (!fresh) place->second = std::min(place->second, complete);
      });
    }
  }

  Nanoseconds there_since(Index write) const {
    const auto seen = first_seen_.find(write);
    return seen == first_seen_.end() ? input_.steps[input_.writes[write].step].complete : seen->second;
  }

  /// How little a read shows: a guess at how old it is.
  Index shown(Index read) const {
    if (!is_list(read)) return writes_.at(input_.reads[read].source);
    const CausalInput::Shown& list = input_.lists[input_.reads[read].source];
    return list.end - list.begin;
  }

  /// For each read the one invoked no earlier, of its key, that shows least; without one clock, of its own session.
  void find_later() {
    later_.resize(input_.reads.size());
    std::unordered_map<std::string_view, Index> sessions;
    std::vector<std::pair<Index, Index>> whose(input_.reads.size());  // key, session
    std::vector<Index> latest_first;
    for (Index read = 0; read < input_.reads.size(); ++read) {
      later_[read] = read;
      if (is_unclear(read)) continue;
      const std::string_view session = one_clock_ ? std::string_view{} : operation(read).session;
      whose[read] = {input_.reads[read].key,
                     sessions.emplace(session, static_cast<Index>(sessions.size())).first->second};
      latest_first.push_back(read);
    }
    std::sort(latest_first.begin(), latest_first.end(), [&](Index a, Index b) {
      return std::tuple(whose[a], operation(b).invoke, a) < std::tuple(whose[b], operation(a).invoke, b);
    });
    for (std::size_t begin = 0; begin < latest_first.size();) {
      std::size_t end = begin;  // of those that were invoked at one moment
      Index least = latest_first[begin];
      if (begin > 0 && whose[latest_first[begin - 1]] == whose[least]) least = later_[latest_first[begin - 1]];
      for (; end < latest_first.size() && same_moment(latest_first[begin], latest_first[end], whose); ++end) {
        if (shown(latest_first[end]) < shown(least)) least = latest_first[end];
      }
      for (; begin < end; ++begin)
        later_[latest_first[begin]] = least;
    }
  }

  bool same_moment(Index a, Index b, const std::vector<std::pair<Index, Index>>& whose) const {
    return whose[a] == whose[b] && operation(a).invoke == operation(b).invoke;
  }

  /// At risk by something that need not be asked about.
  bool for_sure(Index read) const {
    const Index owed = findings_.owed[read];
    const Nanoseconds invoke = operation(read).invoke;
    const Nanoseconds since = there_since(owed);
    if (exposure_.behind(invoke, since) || exposure_.lost(invoke, since)) return true;
    const CausalInput::Read& later = input_.reads[later_[read]];
    if (!is_list(read)) return later.source == CausalInput::initial_state;
    const CausalInput::Shown& list = input_.lists[later.source];
    const auto all = input_.elements.begin();
    return std::find(all + list.begin, all + list.end, owed) == all + list.end;
  }

  const History& history_;
  const CausalInput& input_;
  const CausalOrder& order_;
  const CausalWrites& writes_;
  const CausalFindings& findings_;
  const Exposure& exposure_;
  bool one_clock_;
  std::unordered_map<Index, Nanoseconds> first_seen_;  // by write
  std::vector<Index> later_;                           // by read
};

}  // namespace

CausalMeasure measure_causal(const History& history, const CausalInput& input, const CausalOrder& order,
                             const CausalWrites& writes, const CausalFindings& findings, const Exposure& exposure,
                             bool one_clock) {
  return CausalRisk(history, input, order, writes, findings, exposure, one_clock).run();
}

}  // namespace afterwrite
