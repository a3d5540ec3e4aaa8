#include "harness/faults/link_effects.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "harness/session/errors.hpp"

namespace afterwrite {
namespace {

void lay_over(DirectionFaults& faults, const DirectionFaults& more) {
  faults.delay = std::max(faults.delay, more.delay);
  faults.stalled = faults.stalled || more.stalled;
  faults.held = faults.held || more.held;
}

}  // namespace

bool LinkEffects::is_open(const LinkName& link) const {
  const std::vector<LinkName> open = proxy_.links();
  return std::find(open.begin(), open.end(), link) != open.end();
}

void LinkEffects::put(const std::string& episode, const LinkName& link, const LinkFaults& faults) {
  proxy_.link(link);  // throws before anything is noted
  on_[link][episode] = faults;
  apply(link);
}

void LinkEffects::lift(const std::string& episode, const LinkName& link) {
  const auto found = on_.find(link);
  if (found == on_.end()) return;
  auto lifted = found->second.extract(episode);
  if (lifted.empty()) return;
  try {
    if (is_open(link)) apply(link);
  } catch (const EnvironmentError&) {
    found->second.insert(std::move(lifted));  // still on, to be lifted again later
    throw;
  }
  if (found->second.empty()) on_.erase(found);
}

void LinkEffects::lift(const std::string& episode) {
  std::exception_ptr first;
  for (const LinkName& link : links_of(episode)) {
    try {
      lift(episode, link);
    } catch (const EnvironmentError&) {
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

void LinkEffects::lift_everything() noexcept {
  for (const auto& [link, episodes] : on_) {
    try {
      if (is_open(link)) proxy_.link(link).heal();
    } catch (const std::exception&) {
      // the next one may do better
    }
  }
  on_.clear();
}

std::vector<LinkName> LinkEffects::links_of(const std::string& episode) const {
  std::vector<LinkName> links;
  for (const auto& [link, episodes] : on_) {
    if (episodes.contains(episode)) links.push_back(link);
  }
  return links;
}

void LinkEffects::apply(const LinkName& link) {
  LinkFaults together;
  for (const auto& [episode, faults] : on_[link]) {
    lay_over(together.to_target, faults.to_target);
    lay_over(together.to_dialler, faults.to_dialler);
    together.cut = together.cut || faults.cut;
  }
  proxy_.link(link).set(together);
}

}  // namespace afterwrite
