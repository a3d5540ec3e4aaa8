#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/faults/fault_request.hpp"
#include "harness/session/link.hpp"
#include "harness/session/topology.hpp"

namespace afterwrite {

/// `--fault 'lag:follower-1'`: how messages name a request.
std::string spelled(const FaultRequest& request);

/// What the targets of requests mean. `follower-2` is the second follower as of the start of the run and stays that
/// node whatever it becomes; `leader` is the leader of the moment. A plain value.
class Targets {
 public:
  Targets() = default;
  explicit Targets(const Topology& at_start, std::vector<LinkName> links = {});

  /// The link, if the target is the name of one. Throws UsageError if it names a link that is not there.
  std::optional<LinkName> link(const FaultRequest& request) const;

  /// The node's name. Throws UsageError for a target that nothing is called, or a leader that is not there.
  std::string node(const FaultRequest& request, const Topology& now) const;

  /// What the target is called in reports: the link as it was named, else node().
  std::string name(const FaultRequest& request, const Topology& now) const;

 private:
  std::vector<std::string> nodes_;
  std::vector<std::string> followers_;
  std::vector<LinkName> links_;
};

}  // namespace afterwrite
