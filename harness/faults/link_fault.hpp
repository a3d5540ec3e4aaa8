#pragma once

#include <string>
#include <vector>

#include "harness/faults/fault.hpp"

namespace afterwrite {

/// What the faults on links have in common: which links a target and `links=` mean, putting an effect on them, keeping
/// it there when a node takes up another link, and lifting it.
///
/// `links=replication` is the link that carries replication to the node, or, if it leads, all that carry it away;
/// `links=clients` the one that the run's sessions dial it through; `links=both` all of these. Unless it is said,
/// replication where the node has such a link at the start of the run, else clients.
class LinkFault : public Fault {
 public:
  using Fault::Fault;

  void check(FaultScene& scene) override;
  FaultReport start(FaultScene& scene) override;
  FaultReport heal(FaultScene& scene) override;
  void follow(FaultScene& scene) override;

 protected:
  struct Target {
    LinkName link;
    bool clients = false;
    /// Replication flows from who dials to who is dialled.
    bool flows_to_target = false;
  };

  /// What to put on such a link.
  virtual LinkFaults effect(const Target& target) const = 0;

 private:
  std::vector<Target> targets(FaultScene& scene) const;
  std::vector<Target> replication(const Deployment& deployment) const;

  std::string node_;
  bool leads_ = false;  ///< the node had no replication link of its own at the start of the run
  std::string kind_;    ///< `replication`, `clients` or `both`; settled by check()
  std::map<LinkName, LinkStatistics> before_;
};

}  // namespace afterwrite
