#include "checkers/owed.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace afterwrite {

Scoping make_scoping(const History& history, Scope scope, bool one_clock) {
  Scoping scoping;
  scoping.scope = scope;
  scoping.of.reserve(history.operations.size());
  std::map<std::pair<std::string_view, std::string_view>, std::uint32_t> numbers;
  for (const Operation& op : history.operations) {
    const std::string& name = scope == Scope::user ? op.user : scope == Scope::process ? op.process : op.session;
    const std::string_view part = scope == Scope::user && !one_clock ? std::string_view{op.session} : "";
    const auto [place, fresh] = numbers.emplace(std::pair{std::string_view{name}, part},
                                                static_cast<std::uint32_t>(scoping.names.size()));
    if (fresh) scoping.names.push_back(name);
    scoping.of.push_back(place->second);
  }
  return scoping;
}

std::size_t OwedChain::owed_to(const History& history, OperationIndex operation) const {
  const Nanoseconds invoke = history.operations[operation].invoke;
  const auto after = std::upper_bound(events.begin(), events.end(), invoke,
                                      [](Nanoseconds time, const Owed& owed) { return time < owed.complete; });
  auto count = static_cast<std::size_t>(after - events.begin());
  while (count > 0 && events[count - 1].operation >= operation) --count;
  return count;
}

SessionViews view_sessions(const History& history, const KeyHistory& key, const Scoping& scoping,
                           const std::vector<bool>& in_group) {
  SessionViews all;
  all.of.reserve(key.operations.size());
  std::unordered_map<std::uint32_t, std::uint32_t> places;
  for (std::size_t i = 0; i < key.operations.size(); ++i) {
    const OperationIndex index = key.operations[i];
    const Operation& op = history.operations[index];
    const auto [place, fresh] = places.emplace(scoping.of[index], static_cast<std::uint32_t>(all.views.size()));
    if (fresh) all.views.emplace_back().name = scoping.of[index];
    all.of.push_back(place->second);
    if (key.sights[i] != Sight::version || key.seen[i] == initial_version || op.outcome != Outcome::ok) continue;
    SessionView& view = all.views[place->second];
    if (!op.is_write() && !in_group.empty() && !in_group[index]) continue;
    OwedChain& chain = op.is_write() ? view.written : view.read;
    // Meeting the same version again right away adds nothing that was not owed since the first time.
    if (!chain.events.empty() && chain.events.back().version == key.seen[i]) continue;
    chain.events.push_back({index, key.seen[i], op.complete});
  }
  return all;
}

}  // namespace afterwrite
