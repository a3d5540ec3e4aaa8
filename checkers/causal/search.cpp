#include "checkers/causal/search.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "checkers/causal/circles.hpp"
#include "checkers/causal/clocks.hpp"
#include "checkers/causal/latest.hpp"
#include "checkers/causal/reach.hpp"

namespace afterwrite {

namespace {

using Index = CausalInput::Index;
constexpr Index none = CausalInput::none;
constexpr std::size_t most_alike = 4;

class Search {
 public:
  Search(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes)
      : input_(input),
        order_(order),
        writes_(writes),
        in_list_(input.lists.empty() ? 0 : input.writes.size(), none),
        listed_(input.lists.empty() ? 0 : writes.tracks(), 0) {
    findings_.owed.assign(input.reads.size(), none);
  }

  CausalFindings run() {
    for (const Index read : order_.contradictions())
      add({CausalBreach::Kind::contradiction, {read, none, none}, {}, {}, {}});
    for (Index lane = 0; lane < order_.clocked_lanes(); lane += lanes_a_pass)
      look_behind(lane);
    if (order_.clocked_lanes() < order_.lanes()) look_at_other_tracks();
    find_moved();
    settle();
    settle_unclear();
    broken_.resize(input_.reads.size());
    for (const auto& [read, breach] : breaches_)
      broken_[read] = true;
    for (CausalBreach& breach : find_circles({input_, order_, writes_, broken_}, open_))
      add(std::move(breach));
    for (auto& [read, breach] : breaches_)
      findings_.breaches.push_back(std::move(breach));
    return std::move(findings_);
  }

 private:
  void add(CausalBreach breach) {
    const Index read = breach.arc.read;
    const auto [place, fresh] = breaches_.try_emplace(read, std::move(breach));
    if (fresh) return;  // else the argument was left alone
    CausalBreach& first = place->second;
    if (first.kind == CausalBreach::Kind::stale && breach.kind == first.kind && first.alike.size() < most_alike) {
      first.alike.push_back(breach.arc);
    }
  }

  /// One pass: what lies behind each step of these lanes.
  void look_behind(Index first_lane) {
    RecentTracks recent(input_, writes_);
    const Index end = std::min(first_lane + lanes_a_pass, order_.clocked_lanes());
    run_clocks(input_, order_, first_lane, [&](Index step, const CausalClock& so_far, const CausalClock& behind) {
      for (Index read = input_.step_read_begin[step]; read < input_.step_read_begin[step + 1]; ++read) {
        look_for_owed(read, recent, so_far);
        if (!order_.contradicts(read)) look_at(read, recent, behind);
      }
      advance(recent, step, first_lane, end);
    });
  }

  /// The step's writes on these lanes were met.
  void advance(RecentTracks& recent, Index step, Index first_lane, Index end) const {
    for (Index i = input_.step_write_begin[step]; i < input_.step_write_begin[step + 1]; ++i) {
      const Index write = input_.step_writes[i];
      const Index track = writes_.track(write);
      if (track == none || writes_.lane(track) < first_lane || writes_.lane(track) >= end) continue;
      recent.advance(input_.writes[write].key, track);
    }
  }

  /// The tracks that no clocks are kept for: asks for each that may matter to a read.
  void look_at_other_tracks() {
    constexpr std::size_t at_once = 1U << 20U;
    RecentTracks recent(input_, writes_);
    for (const Index step : order_.sequence()) {
      if (step >= order_.steps()) continue;
      for (Index read = input_.step_read_begin[step]; read < input_.step_read_begin[step + 1]; ++read) {
        ask_for_owed(read, recent);
        if (!order_.contradicts(read)) ask_about(read, recent);
      }
      if (asked_.size() + owed_asked_.size() + missing_asked_.size() >= at_once) hear();
      advance(recent, step, order_.clocked_lanes(), order_.lanes());
    }
    hear();
  }

  void ask_about(Index read, const RecentTracks& recent) {
    const CausalInput::Read& r = input_.reads[read];
    const bool list = input_.holds_list[r.key];
    const bool unclear = !list && r.source == CausalInput::unclear;
    const Index seen_at = list || unclear ? 0 : writes_.at(r.source);
    if (list) mark_list(read);
    for (Index track = recent.first(r.key); track != none; track = recent.next(track)) {
      if (recent.last_at(track) <= seen_at) break;
      if (list) {
        const Index missing = first_missing(read, track, recent.written(track));
        if (missing != none) missing_asked_.push_back({read, missing, none});
      } else {
        asked_.push_back({read, track, unclear ? 0 : writes_.upto_at(track, seen_at), recent.written(track)});
      }
    }
    if (list) unmark_list(read);
  }

  /// Of the last writes of the tracks written last, which did the owner know of before? With clocks for none, a few are
  /// enough.
  void ask_for_owed(Index read, const RecentTracks& recent) {
    const Index before = order_.before(input_.reads[read].step);
    if (findings_.owed[read] != none || before == none) return;
    Index left = order_.clocked_lanes() > 0 ? 8 : 2;
    for (Index track = recent.first(input_.reads[read].key); track != none && left > 0; track = recent.next(track)) {
      owed_asked_.push_back({read, writes_.member(track, recent.written(track) - 1), none});
      --left;
    }
  }

  void hear() {
    for (const TrackAnswer& answer : find_latest(input_, order_, writes_, std::move(asked_)))
      take(answer);
    asked_.clear();
    std::vector<CausalQuestion> questions;
    for (const CausalArc& asked : missing_asked_) {
      questions.push_back({input_.writes[asked.older].step, input_.reads[asked.read].step});
    }
    for (const CausalArc& asked : owed_asked_) {
      questions.push_back({input_.writes[asked.older].step, order_.before(input_.reads[asked.read].step)});
    }
    const std::vector<bool> answers = lie_behind(input_, order_, questions);
    for (std::size_t i = 0; i < missing_asked_.size(); ++i) {
      if (answers[i]) note_missing(missing_asked_[i].read, missing_asked_[i].older);
    }
    for (std::size_t i = 0; i < owed_asked_.size(); ++i) {
      const auto& [first, second] = questions[missing_asked_.size() + i];
      Index& owed = findings_.owed[owed_asked_[i].read];
      if (owed == none && (first == second || answers[missing_asked_.size() + i])) owed = owed_asked_[i].older;
    }
    missing_asked_.clear();
    owed_asked_.clear();
  }

  void take(const TrackAnswer& answer) {
    const Index source = input_.reads[answer.read].source;
    if (source == CausalInput::unclear) {
      unclear_.push_back(answer);
    } else {
      later_.push_back({answer.read, last(answer), source});
    }
  }

  void look_for_owed(Index read, const RecentTracks& recent, const CausalClock& so_far) {
    Index& owed = findings_.owed[read];
    for (Index track = recent.first(input_.reads[read].key); track != none; track = recent.next(track)) {
      if (owed != none && recent.last_at(track) < writes_.at(owed)) return;
      const Index count = writes_.upto(track, so_far[writes_.lane(track)], recent.written(track));
      if (count == 0) continue;
      const Index write = writes_.member(track, count - 1);
      if (owed == none || writes_.at(write) > writes_.at(owed)) owed = write;
      return;
    }
  }

  void look_at(Index read, const RecentTracks& recent, const CausalClock& behind) {
    const CausalInput::Read& r = input_.reads[read];
    if (input_.holds_list[r.key]) return look_at_list(read, recent, behind);
    const bool unclear = r.source == CausalInput::unclear;
    const Index seen_at = unclear ? 0 : writes_.at(r.source);
    for (Index track = recent.first(r.key); track != none; track = recent.next(track)) {
      if (recent.last_at(track) <= seen_at) return;
      const Index count = writes_.upto(track, behind[writes_.lane(track)], recent.written(track));
      if (count == 0) continue;
      const Index write = writes_.member(track, count - 1);
      if (unclear) {
        unclear_.push_back({read, track, count});
      } else if (writes_.at(write) > seen_at) {
        later_.push_back({read, write, r.source});
      }
    }
  }

  /// All that was appended behind the read must be there. What is there lies behind it, so that to count it is enough.
  void look_at_list(Index read, const RecentTracks& recent, const CausalClock& behind) {
    mark_list(read);
    for (Index track = recent.first(input_.reads[read].key); track != none; track = recent.next(track)) {
      const Index count = writes_.upto(track, behind[writes_.lane(track)], recent.written(track));
      const Index missing = first_missing(read, track, count);
      if (missing != none) note_missing(read, missing);
    }
    unmark_list(read);
  }

  void mark_list(Index read) {
    const CausalInput::Shown& shown = input_.lists[input_.reads[read].source];
    for (Index i = shown.begin; i < shown.end; ++i) {
      const Index write = input_.elements[i];
      in_list_[write] = read;
      if (writes_.track(write) != none) ++listed_[writes_.track(write)];
    }
  }

  void unmark_list(Index read) {
    const CausalInput::Shown& shown = input_.lists[input_.reads[read].source];
    for (Index i = shown.begin; i < shown.end; ++i) {
      if (writes_.track(input_.elements[i]) != none) listed_[writes_.track(input_.elements[i])] = 0;
    }
  }

  /// The first of the track's first `count` appends that the marked list lacks; none if it shows at least as many.
  Index first_missing(Index read, Index track, Index count) const {
    if (count <= listed_[track]) return none;
    for (Index i = 0; i < count; ++i) {
      const Index write = writes_.member(track, i);
      if (in_list_[write] != read) return write;
    }
    return none;
  }

  /// Of several, the one that was due longest.
  void note_missing(Index read, Index write) {
    const auto [place, fresh] =
        breaches_.emplace(read, CausalBreach{CausalBreach::Kind::missing, {read, write, none}, {}, {}, {}});
    Index& missing = place->second.arc.older;
    if (!fresh && writes_.at(write) < writes_.at(missing)) missing = write;
  }

  /// Lists that show an element before another one that stands before it in the sequence.
  void find_moved() {
    for (Index read = 0; read < input_.reads.size(); ++read) {
      if (!input_.holds_list[input_.reads[read].key] || order_.contradicts(read)) continue;
      const CausalInput::Shown& shown = input_.lists[input_.reads[read].source];
      for (Index i = shown.begin; i + 1 < shown.end; ++i) {
        const Index older = input_.elements[i];
        const Index newer = input_.elements[i + 1];
        if (writes_.at(newer) < writes_.at(older)) later_.push_back({read, older, newer});
      }
    }
  }

  /// Where what was seen lies behind what lies behind the read, that is a circle of its own; the other arcs stay open.
  void settle() {
    std::vector<CausalQuestion> questions;
    for (const CausalArc& arc : later_) {
      if (arc.newer == CausalInput::initial_state) continue;
      questions.push_back({input_.writes[arc.newer].step, input_.writes[arc.older].step});
    }
    const std::vector<bool> answers = lie_behind(input_, order_, questions);
    std::size_t next = 0;
    for (const CausalArc& arc : later_) {
      if (arc.newer == CausalInput::initial_state || answers[next++]) {
        add({CausalBreach::Kind::stale, arc, {}, {}, {}});
      } else {
        open_.push_back(arc);
      }
    }
  }

  /// A read that found nothing where something lies behind it is excused by a delete that it may have seen, unless that
  /// too lies behind it and was written over since. Judged by what lies behind what alone.
  void settle_unclear() {
    std::stable_sort(unclear_.begin(), unclear_.end(),
                     [](const TrackAnswer& a, const TrackAnswer& b) { return a.read < b.read; });
    std::vector<NothingThere> runs;
    Index number = 0;  // of unclear reads so far
    std::size_t at = 0;
    for (Index read = 0; read < input_.reads.size(); ++read) {
      if (input_.reads[read].source != CausalInput::unclear || input_.holds_list[input_.reads[read].key]) continue;
      const std::size_t begin = at;
      Index behind = 0;
      for (; at < unclear_.size() && unclear_[at].read == read; ++at) {
        behind += writes_.removals(unclear_[at].track, unclear_[at].count) - not_seen(number, unclear_[at]);
      }
      if (at > begin && behind >= input_.unclear_deletes[number]) runs.push_back({begin, at, number});
      ++number;
    }
    ask_what_was_overwritten(runs);
  }

  /// The answers about one read that found nothing, and its number among those that are unclear.
  struct NothingThere {
    std::size_t begin;
    std::size_t end;
    Index number;
  };

  /// Deletes among what lies behind on one track that the read had ended before.
  Index not_seen(Index number, const TrackAnswer& answer) const {
    Index count = 0;
    const auto& all = input_.unclear_not_seen;
    for (auto late = std::lower_bound(all.begin(), all.end(), std::pair(number, Index{0}));
         late != all.end() && late->first == number; ++late) {
      const Index upto = writes_.upto_at(answer.track, writes_.at(late->second));
      count += upto > 0 && upto <= answer.count && writes_.member(answer.track, upto - 1) == late->second ? 1U : 0U;
    }
    return count;
  }

  bool may_have_seen(Index number, Index write) const {
    const auto& all = input_.unclear_not_seen;
    return input_.writes[write].removal && !std::binary_search(all.begin(), all.end(), std::pair(number, write));
  }

  Index last(const TrackAnswer& one) const { return writes_.member(one.track, one.count - 1); }

  void ask_what_was_overwritten(const std::vector<NothingThere>& runs) {
    std::vector<CausalQuestion> questions;
    for (const NothingThere& run : runs) {
      for_each_pair(run, [&](Index removal, Index write) {
        questions.push_back({input_.writes[removal].step, input_.writes[write].step});
      });
    }
    const std::vector<bool> answers = lie_behind(input_, order_, questions);
    std::size_t next = 0;
    for (const NothingThere& run : runs) {
      std::map<Index, Index> over;  // delete -> what was written later
      for_each_pair(run, [&](Index removal, Index write) {
        if (answers[next++]) over.emplace(removal, write);
      });
      settle_nothing_there(run, over);
    }
  }

  /// Calls for each delete that is the last of its track and each last write of another one.
  template <typename Take>
  void for_each_pair(const NothingThere& run, const Take& take) const {
    for (std::size_t i = run.begin; i < run.end; ++i) {
      if (!may_have_seen(run.number, last(unclear_[i]))) continue;
      for (std::size_t k = run.begin; k < run.end; ++k) {
        if (k != i) take(last(unclear_[i]), last(unclear_[k]));
      }
    }
  }

  void settle_nothing_there(const NothingThere& run, const std::map<Index, Index>& over) {
    CausalBreach breach{
        CausalBreach::Kind::stale, {unclear_[run.begin].read, none, CausalInput::initial_state}, {}, {}, {}};
    for (std::size_t i = run.begin; i < run.end; ++i) {
      const Index write = last(unclear_[i]);
      if (!may_have_seen(run.number, write)) {
        Index& older = breach.arc.older;
        if (older == none || writes_.at(write) > writes_.at(older)) older = write;
        // The last delete before it on its track was written over by what came next there.
        for (Index k = unclear_[i].count - 1; k > 0 && writes_.removals(unclear_[i].track, k) > 0; --k) {
          const Index removal = writes_.member(unclear_[i].track, k - 1);
          if (!may_have_seen(run.number, removal)) continue;
          breach.overwritten.push_back({breach.arc.read, removal, writes_.member(unclear_[i].track, k)});
          break;
        }
        continue;
      }
      const auto found = over.find(write);
      if (found == over.end()) return;  // the read may have seen this delete
      breach.overwritten.push_back({breach.arc.read, write, found->second});
    }
    if (breach.arc.older != none) add(std::move(breach));
  }

  const CausalInput& input_;
  const CausalOrder& order_;
  const CausalWrites& writes_;
  CausalFindings findings_;
  std::map<Index, CausalBreach> breaches_;  // by read
  std::vector<CausalArc> later_;            // arcs against the sequence
  std::vector<CausalArc> open_;             // those of them that are no circle of their own
  std::vector<TrackAnswer> unclear_;        // of reads that found nothing where there are deletes
  std::vector<TrackQuestion> asked_;        // of tracks without clocks: what is yet to be answered
  std::vector<CausalArc> missing_asked_;    // likewise: whether a list's missing element lies behind it
  std::vector<CausalArc> owed_asked_;       // likewise: whether a write lies behind what the owner did before
  std::vector<bool> broken_;
  std::vector<Index> in_list_;  // by write: the list read that showed it last; empty where there are no lists
  std::vector<Index> listed_;   // by track: how much of it the list at hand shows; likewise
};

}  // namespace

CausalFindings find_causal_breaches(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes) {
  return Search(input, order, writes).run();
}

}  // namespace afterwrite
