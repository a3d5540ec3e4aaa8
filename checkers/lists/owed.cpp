#include "checkers/lists/owed.hpp"

#include <algorithm>
#include <limits>

namespace afterwrite {

LaterLists::LaterLists(const History& history, const KeyHistory& key, const ListKey& list, bool one_clock)
    : one_clock_(one_clock) {
  std::unordered_map<std::string_view, std::vector<std::size_t>> reads;
  const auto operation = [&](std::size_t i) -> const Operation& { return history.operations[key.operations[i]]; };
  for (std::size_t i = 0; i < key.operations.size(); ++i) {
    if (!list.judged[i] || operation(i).is_write()) continue;
    reads[one_clock ? std::string_view{} : std::string_view{operation(i).session}].push_back(i);
  }
  std::vector<std::size_t> stamps(list.values.size(), key.operations.size());
  for (auto& [session, places] : reads) {
    std::stable_sort(places.begin(), places.end(),
                     [&](std::size_t a, std::size_t b) { return operation(a).invoke > operation(b).invoke; });
    Track& track = tracks_[session];
    track.of_others = operation(places.front()).invoke;
    // The latest read without an element is the first one met here: each step looks only at what all later reads have.
    std::vector<ListKey::Element> in_all = list.contents[places.front()];
    for (std::size_t k = 1; k < places.size() && !in_all.empty(); ++k) {
      const std::size_t place = places[k];
      for (const ListKey::Element element : list.contents[place])
        stamps[element] = place;
      std::erase_if(in_all, [&](ListKey::Element element) {
        const bool lacking = stamps[element] != place;
        if (lacking) track.listed.emplace(element, operation(place).invoke);
        return lacking;
      });
    }
    for (const ListKey::Element element : in_all)
      track.listed.emplace(element, never);
  }
}

Nanoseconds LaterLists::latest_without(ListKey::Element element, std::string_view session) const {
  const auto track = tracks_.find(one_clock_ ? std::string_view{} : session);
  if (track == tracks_.end()) return never;
  const auto listed = track->second.listed.find(element);
  return listed == track->second.listed.end() ? track->second.of_others : listed->second;
}

std::optional<Nanoseconds> ListSubject::there_since(ListKey::Element element) const {
  const ListKey::Origin& origin = list.origins[element];
  const OperationIndex shown = origin.acknowledged ? origin.append : origin.first_read;
  if (shown == no_operation) return std::nullopt;
  return history.operations[shown].complete;
}

Nanoseconds ListSubject::not_there_before(ListKey::Element element) const {
  const ListKey::Origin& origin = list.origins[element];
  if (origin.append == no_operation) return std::numeric_limits<Nanoseconds>::min();
  const Operation& append = history.operations[origin.append];
  return origin.acknowledged ? append.complete : append.invoke;
}

void ListChain::add(const ListSubject& subject, const Event& event) {
  Worst worst = worst_.empty() ? Worst{} : worst_.back();
  const Nanoseconds since = subject.not_there_before(event.element);
  worst.since = std::max(worst.since, since);
  worst.lacking =
      std::max(worst.lacking, subject.later.latest_without(event.element, subject.operation(event.place).session));
  if (const auto lost = subject.exposure.lost_from(since)) worst.lost_from = std::min(worst.lost_from, *lost);
  events_.push_back(event);
  worst_.push_back(worst);
}

std::size_t ListChain::owed_to(const ListSubject& subject, std::size_t place) const {
  const Nanoseconds invoke = subject.operation(place).invoke;
  const auto after = std::partition_point(events_.begin(), events_.end(), [&](const Event& event) {
    return several ? subject.operation(event.place).complete < invoke : subject.precedes(event.place, place);
  });
  return static_cast<std::size_t>(after - events_.begin());
}

bool ListChain::at_risk(const Exposure& exposure, std::size_t owed, Nanoseconds invoke) const {
  if (owed == 0) return false;
  const Worst& worst = worst_[owed - 1];
  return worst.lacking > invoke || worst.lost_from < invoke || exposure.behind(invoke, worst.since);
}

namespace {

/// Fills the views one after the other.
class ViewFiller {
 public:
  explicit ViewFiller(const ListSubject& subject) : subject_(subject), shown_to_(subject.list.values.size(), 0) {}

  /// `places`: of the operations that are judged.
  void fill(ListView& view, const std::vector<std::size_t>& places) {
    ++number_;
    const std::vector<ListKey::Element>* longest = nullptr;
    for (const std::size_t i : places) {
      if (subject_.operation(i).is_write()) {
        const ListKey::Element element = subject_.list.appended[i];
        const bool owed = subject_.list.origins[element].append == subject_.key.operations[i];
        if (owed && subject_.list.origins[element].acknowledged) view.written.add(subject_, {element, i});
        continue;
      }
      if (!subject_.counts(i)) continue;
      view.reads.push_back(i);
      const auto& contents = subject_.list.contents[i];
      // As a rule a list begins with all that an earlier one showed.
      auto next = contents.begin();
      if (longest != nullptr) {
        next = std::mismatch(longest->begin(), longest->end(), contents.begin(), contents.end()).second;
      }
      for (; next != contents.end(); ++next) {
        if (shown_to_[*next] == number_) continue;
        shown_to_[*next] = number_;
        view.read.add(subject_, {*next, i});
      }
      if (longest == nullptr || contents.size() > longest->size()) longest = &contents;
    }
  }

 private:
  const ListSubject& subject_;
  std::vector<std::uint32_t> shown_to_;  // by element: the last view that a read of showed it
  std::uint32_t number_ = 0;             // of the view
};

}  // namespace

ListViews view_list_sessions(const ListSubject& subject) {
  ListViews all;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers;
  std::unordered_map<std::string_view, std::uint32_t> numbers_of_sessions;  // of those that are not their user's only one
  std::vector<std::vector<std::size_t>> places;                             // by view
  const auto view_of = [&](auto& known, const auto& name) {
    const auto [number, fresh] = known.emplace(name, static_cast<std::uint32_t>(places.size()));
    if (fresh) {
      places.emplace_back();
      all.views.emplace_back();
    }
    return number->second;
  };
  for (std::size_t i = 0; i < subject.key.operations.size(); ++i) {
    const std::uint32_t whose = subject.scoping.of[subject.key.operations[i]];
    const bool several = subject.scoping.several[whose];
    const std::uint32_t whole = view_of(numbers, whose);
    const std::uint32_t own = several ? view_of(numbers_of_sessions, std::string_view(subject.operation(i).session)) : whole;
    all.of.push_back(whole);
    all.own.push_back(own);
    all.views[whole].written.several = all.views[whole].read.several = several;
    all.views[own].part = several;
    if (!subject.list.judged[i]) continue;
    places[whole].push_back(i);
    if (several) places[own].push_back(i);
  }
  ViewFiller filler(subject);
  for (std::uint32_t number = 0; number < places.size(); ++number)
    filler.fill(all.views[number], places[number]);
  return all;
}

}  // namespace afterwrite
