#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/faults/proxy.hpp"

namespace afterwrite {

/// Who wants what of which link. Several faults may be on at one link: it is cut, stalled or held if any of them says
/// so, and delayed by the longest of their delays; when one ends the others stay. For one thread.
class LinkEffects {
 public:
  explicit LinkEffects(FaultProxy& proxy) : proxy_(proxy) {}

  bool is_open(const LinkName& link) const;

  /// Puts `faults` on a link for an episode, instead of what the episode had on there. Throws EnvironmentError if the
  /// link is not open.
  void put(const std::string& episode, const LinkName& link, const LinkFaults& faults);
  /// Lifts what an episode has on at a link, or at all. Closed links are passed over. Throws EnvironmentError if a link
  /// cannot be brought back, after having lifted the rest.
  void lift(const std::string& episode, const LinkName& link);
  void lift(const std::string& episode);

  /// Lifts whatever is left of anyone's, as far as that can be done.
  void lift_everything() noexcept;

  /// The links where the episode has something on.
  std::vector<LinkName> links_of(const std::string& episode) const;

  LinkStatistics statistics(const LinkName& link) const { return proxy_.link(link).statistics(); }

 private:
  void apply(const LinkName& link);

  FaultProxy& proxy_;
  std::map<LinkName, std::map<std::string, LinkFaults>> on_;
};

}  // namespace afterwrite
