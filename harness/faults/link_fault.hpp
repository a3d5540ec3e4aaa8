#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/faults/fault.hpp"

namespace afterwrite {

/// What the faults on links have in common: which links a target and `links=` mean, putting an effect on them, keeping
/// it there when a node takes up another link, and lifting it.
///
/// `links=replication` is the link that carries replication to the node, or, if it leads, all that carry it away;
/// `links=clients` the one that the run's sessions dial it through; `links=both` all of these. Unless it is said,
/// replication where the node has such a link at the start of the run, else clients. A target that is the name of a link means
/// that link alone.
class LinkFault : public Fault {
 public:
  using Fault::Fault;

  void check(FaultScene& scene) override;
  FaultReport start(FaultScene& scene) override;
  FaultReport heal(FaultScene& scene) override;
  void follow(FaultScene& scene) override;

 protected:
  enum class Carries { replication, clients, service };  ///< `service`: a link that the scenario names, carrying whatever it does
  struct Target {
    LinkName link;
    Carries carries = Carries::replication;
    /// Replication flows from who dials to who is dialled; else the other way.
    bool flows_to_target = false;
  };

  /// What to put on such a link.
  virtual LinkFaults effect(const Target& target) const = 0;

  /// What the proxy saw of an episode, on all its links.
  struct Seen {
    std::uint64_t bytes = 0;   ///< that were held
    std::uint64_t frames = 0;  ///< websocket data frames among them
    std::uint64_t reset = 0;   ///< connections
    Duration longest{0};       ///< how long the longest of the bytes was held
  };
  /// Whether that proves that it bit; null if only the lag samples can tell.
  virtual nlohmann::json proof(const Seen& seen) const;

 private:
  static const char* word(Carries carries);
  std::vector<Target> targets(FaultScene& scene) const;
  std::vector<Target> replication(const Deployment& deployment) const;
  Seen lift_and_see(FaultScene& scene);

  std::optional<LinkName> named_;  ///< the target is this link; then the next three say nothing
  std::string node_;
  bool leads_ = false;  ///< the node had no replication link of its own at the start of the run
  std::string kind_;    ///< `replication`, `clients` or `both`; settled by check()
  std::map<LinkName, LinkStatistics> before_;
};

}  // namespace afterwrite
