#include "checkers/causal_search.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "checkers/causal_circles.hpp"
#include "checkers/causal_clocks.hpp"
#include "checkers/causal_reach.hpp"

namespace afterwrite {

namespace {

using Index = CausalInput::Index;
constexpr Index none = CausalInput::none;
constexpr std::size_t most_alike = 4;

/// The last write of a track that lies behind a read which found nothing.
struct Latest {
  Index read;
  Index track;
  Index count;  // so many of the track's writes lie behind it
};

class Search {
 public:
  Search(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes)
      : input_(input), order_(order), writes_(writes), in_list_(input.writes.size(), none), listed_(writes.tracks(), 0) {
    findings_.owed.assign(input.reads.size(), none);
  }

  CausalFindings run() {
    for (const Index read : order_.contradictions()) add({CausalBreach::Kind::contradiction, {read, none, none}, {}, {}, {}});
    for (Index lane = 0; lane < order_.lanes(); lane += lanes_a_pass) look_behind(lane);
    find_moved();
    settle();
    settle_unclear();
    broken_.resize(input_.reads.size());
    for (const auto& [read, breach] : breaches_) broken_[read] = true;
    for (CausalBreach& breach : find_circles({input_, order_, writes_, broken_}, open_)) add(std::move(breach));
    for (auto& [read, breach] : breaches_) findings_.breaches.push_back(std::move(breach));
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
    CausalClocks(input_, order_, first_lane)
        .run([&](Index step, const CausalClock& so_far, const CausalClock& behind) {
          for (Index read = input_.step_read_begin[step]; read < input_.step_read_begin[step + 1]; ++read) {
            look_for_owed(read, recent, so_far);
            if (!order_.contradicts(read)) look_at(read, recent, behind);
          }
          for (Index i = input_.step_write_begin[step]; i < input_.step_write_begin[step + 1]; ++i) {
            const Index write = input_.step_writes[i];
            const Index track = writes_.track(write);
            if (track != none && behind.covers(writes_.lane(track))) recent.advance(input_.writes[write].key, track);
          }
        });
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
    const CausalInput::Shown& shown = input_.lists[input_.reads[read].source];
    for (Index i = shown.begin; i < shown.end; ++i) {
      const Index write = input_.elements[i];
      in_list_[write] = read;
      if (writes_.track(write) != none) ++listed_[writes_.track(write)];
    }
    for (Index track = recent.first(input_.reads[read].key); track != none; track = recent.next(track)) {
      const Index count = writes_.upto(track, behind[writes_.lane(track)], recent.written(track));
      if (count <= listed_[track]) continue;
      for (Index i = 0; i < count; ++i) {
        const Index write = writes_.member(track, i);
        if (in_list_[write] == read) continue;
        note_missing(read, write);
        break;
      }
    }
    for (Index i = shown.begin; i < shown.end; ++i) {
      if (writes_.track(input_.elements[i]) != none) listed_[writes_.track(input_.elements[i])] = 0;
    }
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
    std::stable_sort(unclear_.begin(), unclear_.end(), [](const Latest& a, const Latest& b) { return a.read < b.read; });
    std::vector<std::pair<std::size_t, std::size_t>> runs;  // of one read each
    Index number = 0;                                       // of unclear reads so far
    std::size_t at = 0;
    for (Index read = 0; read < input_.reads.size(); ++read) {
      if (input_.reads[read].source != CausalInput::unclear || input_.holds_list[input_.reads[read].key]) continue;
      const Index candidates = input_.unclear_deletes[number++];
      const std::size_t begin = at;
      Index behind = 0;
      for (; at < unclear_.size() && unclear_[at].read == read; ++at) {
        behind += writes_.removals(unclear_[at].track, unclear_[at].count);
      }
      if (at > begin && behind >= candidates) runs.emplace_back(begin, at);
    }
    ask_what_was_overwritten(runs);
  }

  Index last(const Latest& one) const { return writes_.member(one.track, one.count - 1); }

  void ask_what_was_overwritten(const std::vector<std::pair<std::size_t, std::size_t>>& runs) {
    std::vector<CausalQuestion> questions;
    for (const auto& [begin, end] : runs) {
      for_each_pair(begin, end, [&](Index removal, Index write) {
        questions.push_back({input_.writes[removal].step, input_.writes[write].step});
      });
    }
    const std::vector<bool> answers = lie_behind(input_, order_, questions);
    std::size_t next = 0;
    for (const auto& [begin, end] : runs) {
      std::map<Index, Index> over;  // delete -> what was written later
      for_each_pair(begin, end, [&](Index removal, Index write) {
        if (answers[next++]) over.emplace(removal, write);
      });
      settle_nothing_there(begin, end, over);
    }
  }

  /// Calls for each delete that is the last of its track and each last write of another one.
  template <typename Take>
  void for_each_pair(std::size_t begin, std::size_t end, const Take& take) const {
    for (std::size_t i = begin; i < end; ++i) {
      if (!input_.writes[last(unclear_[i])].removal) continue;
      for (std::size_t k = begin; k < end; ++k) {
        if (k != i) take(last(unclear_[i]), last(unclear_[k]));
      }
    }
  }

  void settle_nothing_there(std::size_t begin, std::size_t end, const std::map<Index, Index>& over) {
    CausalBreach breach{CausalBreach::Kind::stale, {unclear_[begin].read, none, CausalInput::initial_state}, {}, {}, {}};
    for (std::size_t i = begin; i < end; ++i) {
      const Index write = last(unclear_[i]);
      if (!input_.writes[write].removal) {
        Index& older = breach.arc.older;
        if (older == none || writes_.at(write) > writes_.at(older)) older = write;
        // The last delete before it on its track was written over by what came next there.
        for (Index k = unclear_[i].count - 1; k > 0 && writes_.removals(unclear_[i].track, k) > 0; --k) {
          const Index removal = writes_.member(unclear_[i].track, k - 1);
          if (!input_.writes[removal].removal) continue;
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
  std::vector<Latest> unclear_;
  std::vector<bool> broken_;
  std::vector<Index> in_list_;  // by write: the list read that showed it last
  std::vector<Index> listed_;   // by track: how much of it the list at hand shows
};

}  // namespace

CausalFindings find_causal_breaches(const CausalInput& input, const CausalOrder& order, const CausalWrites& writes) {
  return Search(input, order, writes).run();
}

}  // namespace afterwrite
