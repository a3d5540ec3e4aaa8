#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/faults/fault_request.hpp"
#include "harness/faults/link_effects.hpp"
#include "harness/faults/targets.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite {

/// What faults work on. Owned by the nemesis.
struct FaultScene {
  Deployment& deployment;
  LinkEffects& links;
  const Targets& targets;
  std::set<std::string>& down;  ///< nodes that were killed and not started again
};

/// What came of a step of a fault, for the record.
struct FaultReport {
  std::vector<std::string> targets;  ///< the nodes it is aimed at; asked of start() alone
  nlohmann::json detail = nlohmann::json::object();
  /// What shows at once that it bit, or did not: an object with `bit`. Null if only the lag samples can tell.
  nlohmann::json proof;
  bool leader_changed = false;
  bool links_changed = false;  ///< nodes may have opened their links anew
};

/// One fault of a run. All members are called by one thread, in the order check, start, finish or heal; all but check()
/// may throw EnvironmentError.
class Fault {
 public:
  Fault(FaultRequest request, std::string episode) : request_(std::move(request)), episode_(std::move(episode)) {}
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;
  virtual ~Fault() = default;

  const FaultRequest& request() const { return request_; }
  const std::string& episode() const { return episode_; }

  /// Throws UsageError if the system at hand cannot give it, saying what would make it possible.
  virtual void check(FaultScene& scene) = 0;

  /// Puts it in force.
  virtual FaultReport start(FaultScene& scene) = 0;

  /// When finish() is due, reckoned from the start of the schedule, given when it began; nothing: at the end of the
  /// run.
  virtual std::optional<Duration> finish_at(Duration /*began*/) const { return request_.end; }

  /// What is to be done at that time.
  virtual FaultReport finish(FaultScene& scene) { return heal(scene); }

  /// Undoes whatever is on. Also called after a start() that threw half-way, and again after a finish() or heal() that
  /// threw.
  virtual FaultReport heal(FaultScene& scene) = 0;

  /// While it is on: who leads, or a node's links, may have changed.
  virtual void follow(FaultScene& /*scene*/) {}

 protected:
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  FaultRequest request_;
  std::string episode_;
};

}  // namespace afterwrite
