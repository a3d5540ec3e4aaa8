#include "checkers/exposure.hpp"

#include <algorithm>
#include <functional>

namespace afterwrite {

Exposure::Exposure(const History& history) {
  for (const LagSample& sample : history.lags) {
    samples_[sample.node].push_back(
        {sample.time, sample.reachable ? sample.beat_acknowledged : std::optional<Nanoseconds>{}});
  }
  for (auto& [node, samples] : samples_) {
    std::stable_sort(samples.begin(), samples.end(),
                     [](const Sample& a, const Sample& b) { return a.time < b.time; });
  }
  for (const FaultEvent& event : history.faults) {
    const auto beat = event.detail.find("beat_acknowledged");
    if (event.fault == "failover" && beat != event.detail.end() && beat->is_number_integer()) {
      promotions_.push_back({event.time, beat->get<Nanoseconds>()});
    }
  }
}

bool Exposure::behind(Nanoseconds invoke, Nanoseconds owed_since) const {
  for (const auto& [node, samples] : samples_) {
    const auto lacks = [&](const Sample& sample) {
      return sample.beat_acknowledged && *sample.beat_acknowledged < owed_since;
    };
    auto one = std::lower_bound(samples.begin(), samples.end(), invoke,
                                [](const Sample& sample, Nanoseconds time) { return sample.time < time; });
    while (one != samples.end() && one->time == invoke && lacks(*one)) ++one;
    if (one != samples.end() && one->time > invoke && lacks(*one)) return true;
  }
  return false;
}

bool Exposure::lost(Nanoseconds invoke, Nanoseconds owed_since) const {
  return std::any_of(promotions_.begin(), promotions_.end(), [&](const Promotion& promotion) {
    return owed_since > promotion.newest_beat && owed_since < promotion.time && invoke > promotion.time;
  });
}

std::optional<Nanoseconds> Exposure::lost_from(Nanoseconds owed_since) const {
  std::optional<Nanoseconds> first;
  for (const Promotion& promotion : promotions_) {
    const bool lost = owed_since > promotion.newest_beat && owed_since < promotion.time;
    if (lost && (!first || promotion.time < *first)) first = promotion.time;
  }
  return first;
}

LaterReads::LaterReads(const History& history, const KeyHistory& key, const KeyOrder& order, bool one_clock)
    : key_(key), history_(history), order_(order), one_clock_(one_clock) {
  std::vector<std::size_t> reads;
  for (std::size_t i = 0; i < key.operations.size(); ++i) {
    if (!history.operations[key.operations[i]].is_write() && key.sights[i] == Sight::version) reads.push_back(i);
  }
  const auto invoke = [&](std::size_t i) { return history.operations[key.operations[i]].invoke; };
  // Latest invocation first, so that each track can keep the oldest version from a moment on; turned round at the end.
  std::sort(reads.begin(), reads.end(), [&](std::size_t a, std::size_t b) { return invoke(a) > invoke(b); });
  const auto extend = [&](Track& track, std::size_t i, std::uint32_t oldest, const auto& older) {
    if (!track.oldest.empty() && !older(oldest, track.oldest.back())) oldest = track.oldest.back();
    track.invokes.push_back(invoke(i));
    track.oldest.push_back(oldest);
  };
  const auto lower_number = [&](VersionIndex a, VersionIndex b) {
    return *key.versions[a].recorded < *key.versions[b].recorded;
  };
  const std::less<> earlier;
  for (const std::size_t i : reads) {
    const Operation& op = history.operations[key.operations[i]];
    Tracks& tracks = tracks_[one_clock ? std::string_view{} : std::string_view{op.session}];
    const VersionIndex seen = key.seen[i];
    const Version& version = key.versions[seen];
    if (seen == initial_version) {
      extend(tracks.initial, i, seen, earlier);
      continue;
    }
    if (version.recorded) extend(tracks.recorded, i, seen, lower_number);
    tracks.all_recorded = tracks.all_recorded && version.recorded.has_value();
    if (version.write == no_operation) continue;
    extend(tracks.by_writer[history.operations[version.write].session], i, order.effect(seen, EdgeKind::writer_order),
           earlier);
    extend(tracks.in_effect, i, order.effect(seen, EdgeKind::realtime_writes), earlier);
  }
  const auto turn = [](Track& track) {
    std::reverse(track.invokes.begin(), track.invokes.end());
    std::reverse(track.oldest.begin(), track.oldest.end());
  };
  for (auto& [session, tracks] : tracks_) {
    turn(tracks.initial);
    turn(tracks.recorded);
    turn(tracks.in_effect);
    for (auto& [writer, track] : tracks.by_writer) turn(track);
  }
}

std::optional<std::uint32_t> LaterReads::oldest_since(const Track& track, Nanoseconds invoke) {
  const auto first = std::upper_bound(track.invokes.begin(), track.invokes.end(), invoke);
  if (first == track.invokes.end()) return std::nullopt;
  return track.oldest[static_cast<std::size_t>(first - track.invokes.begin())];
}

LaterReads::Since LaterReads::since(const std::string& session, Nanoseconds invoke) const {
  Since since;
  since.later_ = this;
  since.invoke_ = invoke;
  const auto found = tracks_.find(one_clock_ ? std::string_view{} : std::string_view{session});
  if (found == tracks_.end()) return since;
  since.tracks_ = &found->second;
  since.initial_ = oldest_since(found->second.initial, invoke);
  since.recorded_ = oldest_since(found->second.recorded, invoke);
  since.in_effect_ = oldest_since(found->second.in_effect, invoke);
  return since;
}

bool LaterReads::Since::show_older_than(VersionIndex version, const Assumptions& tier) const {
  if (tracks_ == nullptr) return false;
  const KeyOrder& order = later_->order_;
  const auto older = [&](const std::optional<VersionIndex>& oldest) {
    return oldest && order.directly_older(*oldest, version, tier).has_value();
  };
  if (older(initial_) || older(recorded_)) return true;
  // Where both versions are recorded, that was the answer; else what was in effect before this one's write may tell.
  const Version& asked = later_->key_.versions[version];
  if (asked.write == no_operation || (asked.recorded && tracks_->all_recorded)) return false;
  const auto before = [&](const std::optional<OperationIndex>& effect, EdgeKind kind) {
    return effect && order.in_effect_before(*effect, version, kind);
  };
  if (has(tier, Assumption::realtime_writes) && before(in_effect_, EdgeKind::realtime_writes)) return true;
  if (!has(tier, Assumption::writer_order)) return false;
  const auto own = tracks_->by_writer.find(later_->history_.operations[asked.write].session);
  return own != tracks_->by_writer.end() && before(oldest_since(own->second, invoke_), EdgeKind::writer_order);
}

namespace {

/// Puts one chain of owed versions into the shape that many reads can be asked about: running maxima and the like.
struct ChainMaxima {
  std::vector<Nanoseconds> since;      // the latest of KeyOrder::not_there_before of events 0 .. i
  std::vector<std::size_t> newest;     // event with the greatest recorded version among 0 .. i
  std::vector<Nanoseconds> all_since;  // of each event
  std::vector<bool> recorded;          // whether all of 0 .. i bear a recorded version
  std::vector<bool> in_order;          // whether each of 0 .. i is known to be older than the next
  std::vector<bool> in_order_for_sure; // the same by facts alone

  ChainMaxima(const KeyHistory& key, const KeyOrder& order, const OwedChain& chain, const Assumptions& tier) {
    for (std::size_t i = 0; i < chain.events.size(); ++i) {
      const Owed& owed = chain.events[i];
      const auto& candidate = key.versions[owed.version].recorded;
      const Nanoseconds there = order.not_there_before(owed.version);
      all_since.push_back(there);
      since.push_back(i == 0 ? there : std::max(there, since.back()));
      std::size_t best = i == 0 ? 0 : newest.back();
      const auto& champion = key.versions[chain.events[best].version].recorded;
      if (candidate && (!champion || *champion < *candidate)) best = i;
      newest.push_back(best);
      recorded.push_back(candidate.has_value() && (i == 0 || recorded.back()));
      const auto follows = [&](const Assumptions& by) {
        return i == 0 || order.directly_older(chain.events[i - 1].version, owed.version, by).has_value();
      };
      in_order.push_back((i == 0 || in_order.back()) && follows(tier));
      in_order_for_sure.push_back((i == 0 || in_order_for_sure.back()) && follows({}));
    }
  }
};

class RegisterMeasure {
 public:
  RegisterMeasure(const MeasureSubject& subject, Guarantees set, const Flagged& broken,
                  std::vector<OperationIndex>* decided)
      : subject_(subject), set_(set), broken_(broken), tier_(subject.order.tiers().back()), decided_(decided) {
    for (const SessionView& view : subject.views.views) {
      written_.emplace_back(subject.key, subject.order, view.written, tier_);
      read_.emplace_back(subject.key, subject.order, view.read, tier_);
    }
  }

  Measure run() {
    for (std::size_t i = 0; i < subject_.key.operations.size(); ++i) take(i);
    return measure_;
  }

 private:
  void take(std::size_t place) {
    const OperationIndex index = subject_.key.operations[place];
    if (subject_.key.sights[place] == Sight::none) return;
    if (!subject_.in_group.empty() && !subject_.in_group[index]) return;
    if (broken_.contains(index)) {
      count_decided(index);
      ++measure_.at_risk;
      return;
    }
    if (subject_.key.sights[place] == Sight::ambiguous_null) return;
    const bool writes = subject_.history.operations[index].is_write();
    Found found;
    const auto look_at = [&](std::uint32_t whose) {
      const SessionView& view = subject_.views.views[whose];
      if (has(set_, writes ? Guarantee::monotonic_writes : Guarantee::read_your_writes)) {
        look(place, view.written, written_[whose], found);
      }
      if (has(set_, writes ? Guarantee::writes_follow_reads : Guarantee::monotonic_reads)) {
        look(place, view.read, read_[whose], found);
      }
    };
    look_at(subject_.views.of[place]);
    if (subject_.views.own[place] != subject_.views.of[place]) look_at(subject_.views.own[place]);
    if (!found.owed || found.undecided) return;
    count_decided(index);
    measure_.at_risk += found.at_risk ? 1 : 0;
    measure_.assumptions |= found.assumptions;
  }

  void count_decided(OperationIndex index) {
    ++measure_.decided;
    if (decided_ != nullptr) decided_->push_back(index);
  }

  struct Found {
    bool owed = false;
    bool undecided = false;
    bool at_risk = false;
    Assumptions assumptions;
  };

  void look(std::size_t place, const OwedChain& chain, const ChainMaxima& maxima, Found& found) const {
    const OperationIndex index = subject_.key.operations[place];
    const std::size_t owed = chain.owed_to(subject_.history, index);
    if (owed == 0) return;
    const Operation& op = subject_.history.operations[index];
    const VersionIndex met = subject_.key.seen[place];
    const VersionIndex newest = chain.events[maxima.newest[owed - 1]].version;
    // What orders writes for the sake of writes is the recorded versions alone.
    const Assumptions tier = op.is_write() ? Assumptions{} : tier_;
    found.owed = true;
    if (!all_known(chain, maxima, owed, met, {})) {
      found.undecided = found.undecided || !all_known(chain, maxima, owed, met, tier);
      found.assumptions |= tier;
    }
    if (found.undecided || found.at_risk) return;
    const LaterReads::Since later = subject_.later.since(op.session, op.invoke);
    const auto shown = [&](VersionIndex mark) { return later.show_older_than(mark, tier); };
    found.at_risk = subject_.exposure.behind(op.invoke, maxima.since[owed - 1]) || shown(newest) ||
                    any_recent(chain, owed, shown) || lost(op, maxima, owed);
  }

  /// Whether what was met stands in a known relation to everything owed: one that is unknown might be what a stale read misses.
  bool all_known(const OwedChain& chain, const ChainMaxima& maxima, std::size_t owed, VersionIndex met,
                 const Assumptions& assumptions) const {
    const auto older = [&](VersionIndex a, VersionIndex b) {
      return subject_.order.directly_older(a, b, assumptions).has_value();
    };
    const VersionIndex last = chain.events[owed - 1].version;
    const bool in_order = assumptions.none() ? maxima.in_order_for_sure[owed - 1] : maxima.in_order[owed - 1];
    if (in_order && (last == met || older(last, met))) return true;
    // Equal numbers order nothing.
    const auto known = [&](std::size_t i) {
      const VersionIndex mark = chain.events[i].version;
      return mark == met || older(mark, met) || older(met, mark);
    };
    constexpr std::size_t looked_at = 256;
    if (owed > looked_at) return maxima.recorded[owed - 1] && known(owed - 1) && known(maxima.newest[owed - 1]);
    for (std::size_t i = owed; i > 0; --i) {
      if (!known(i - 1)) return false;
    }
    return true;
  }

  /// Asks of the latest events only: further back a chain holds what everything since is newer than.
  template <typename Predicate>
  static bool any_recent(const OwedChain& chain, std::size_t owed, const Predicate& predicate) {
    constexpr std::size_t recent = 16;
    for (std::size_t i = owed; i > 0 && i + recent > owed; --i) {
      if (predicate(chain.events[i - 1].version)) return true;
    }
    return false;
  }

  bool lost(const Operation& op, const ChainMaxima& maxima, std::size_t owed) const {
    if (!subject_.exposure.any_failover()) return false;
    return std::any_of(maxima.all_since.begin(), maxima.all_since.begin() + static_cast<std::ptrdiff_t>(owed),
                       [&](Nanoseconds since) { return subject_.exposure.lost(op.invoke, since); });
  }

  const MeasureSubject& subject_;
  Guarantees set_;
  const Flagged& broken_;
  Assumptions tier_;
  std::vector<ChainMaxima> written_;
  std::vector<ChainMaxima> read_;
  std::vector<OperationIndex>* decided_;
  Measure measure_;
};

}  // namespace

Measure measure_register(const MeasureSubject& subject, Guarantees set, const Flagged& broken,
                         std::vector<OperationIndex>* decided) {
  return RegisterMeasure(subject, set, broken, decided).run();
}

}  // namespace afterwrite
