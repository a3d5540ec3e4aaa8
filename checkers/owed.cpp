#include "checkers/owed.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace afterwrite {

namespace {

/// Whom an operation belongs to. Two names make one owner: sessions may call their processes alike, and a session that
/// belongs to no user may bear the name of one.
using Owner = std::pair<std::string_view, std::string_view>;

Owner owner_of(const Operation& op, Scope scope, bool one_clock) {
  switch (scope) {
    case Scope::session:
      return {op.session, {}};
    case Scope::user:
      return {op.user, one_clock && !op.user.empty() ? std::string_view{} : std::string_view{op.session}};
    case Scope::process:
      return {op.process, op.session};
  }
  return {};
}

/// The name to show, longer where others bear the short one.
std::string shown_name(const Operation& op, Scope scope, bool alone) {
  switch (scope) {
    case Scope::session:
      return op.session;
    case Scope::user:
      if (!op.user.empty()) return op.user;
      return alone ? op.session : "session " + op.session;
    case Scope::process:
      return alone ? op.process : op.process + " of session " + op.session;
  }
  return {};
}

}  // namespace

Scoping make_scoping(const History& history, Scope scope, bool one_clock) {
  Scoping scoping;
  scoping.scope = scope;
  scoping.of.reserve(history.operations.size());
  std::map<Owner, std::uint32_t> numbers;
  std::vector<const Operation*> firsts;  // by number
  for (const Operation& op : history.operations) {
    const auto [place, fresh] =
        numbers.emplace(owner_of(op, scope, one_clock), static_cast<std::uint32_t>(firsts.size()));
    if (fresh) {
      firsts.push_back(&op);
      scoping.several.push_back(false);
    }
    scoping.of.push_back(place->second);
    if (!scoping.several[place->second]) scoping.several[place->second] = op.session != firsts[place->second]->session;
  }
  std::map<std::string, std::size_t> bearers;
  for (const Operation* first : firsts) ++bearers[shown_name(*first, scope, true)];
  for (const Operation* first : firsts) {
    scoping.names.push_back(shown_name(*first, scope, bearers.at(shown_name(*first, scope, true)) == 1));
  }
  return scoping;
}

std::size_t OwedChain::owed_to(const History& history, OperationIndex operation) const {
  const Nanoseconds invoke = history.operations[operation].invoke;
  if (several) {
    const auto after = std::partition_point(events.begin(), events.end(),
                                            [&](const Owed& owed) { return owed.complete < invoke; });
    return static_cast<std::size_t>(after - events.begin());
  }
  const auto after = std::upper_bound(events.begin(), events.end(), invoke,
                                      [](Nanoseconds time, const Owed& owed) { return time < owed.complete; });
  auto count = static_cast<std::size_t>(after - events.begin());
  const auto too_late = [&](const Owed& owed) {
    return owed.operation >= operation ||
           of_one_transaction(history.operations[owed.operation], history.operations[operation]);
  };
  while (count > 0 && too_late(events[count - 1])) --count;
  return count;
}

SessionViews view_sessions(const History& history, const KeyHistory& key, const Scoping& scoping,
                           const std::vector<bool>& in_group) {
  SessionViews all;
  all.of.reserve(key.operations.size());
  std::unordered_map<std::uint32_t, std::uint32_t> places;
  std::unordered_map<std::string_view, std::uint32_t> places_of_sessions;  // of those that are not their user's only one
  const auto view_of = [&](auto& known, const auto& name, std::uint32_t owner) {
    const auto [place, fresh] = known.emplace(name, static_cast<std::uint32_t>(all.views.size()));
    if (fresh) all.views.emplace_back().name = owner;
    return place->second;
  };
  for (std::size_t i = 0; i < key.operations.size(); ++i) {
    const OperationIndex index = key.operations[i];
    const Operation& op = history.operations[index];
    const std::uint32_t owner = scoping.of[index];
    const std::uint32_t whole = view_of(places, owner, owner);
    const bool several = scoping.several[owner];
    const std::uint32_t own = several ? view_of(places_of_sessions, std::string_view(op.session), owner) : whole;
    all.of.push_back(whole);
    all.own.push_back(own);
    all.views[whole].written.several = all.views[whole].read.several = several;
    if (key.sights[i] != Sight::version || key.seen[i] == initial_version || op.outcome != Outcome::ok) continue;
    if (!op.is_write() && !in_group.empty() && !in_group[index]) continue;
    const auto add = [&](OwedChain& chain) {
      // Meeting the same version again right away adds nothing that was not owed since the first time.
      if (!chain.events.empty() && chain.events.back().version == key.seen[i]) return;
      chain.events.push_back({index, key.seen[i], op.complete});
    };
    add(op.is_write() ? all.views[whole].written : all.views[whole].read);
    if (several) add(op.is_write() ? all.views[own].written : all.views[own].read);
  }
  return all;
}

}  // namespace afterwrite
