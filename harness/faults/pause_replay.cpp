#include "harness/faults/fault_kinds.hpp"

namespace afterwrite {
namespace {

/// A follower goes on receiving and serving reads, and applies nothing.
class PauseReplay : public Fault {
 public:
  using Fault::Fault;

  void check(FaultScene& scene) override {
    const std::string node = scene.targets.node(request(), scene.deployment.topology());
    if (const auto why = scene.deployment.refusal(Ability::pause_replay, node)) refuse(*why);
  }

  FaultReport start(FaultScene& scene) override {
    FaultReport report;
    node_ = scene.targets.node(request(), scene.deployment.topology());
    report.targets = {node_};
    asked_ = true;
    scene.deployment.pause_replay(node_);
    return report;
  }

  FaultReport heal(FaultScene& scene) override {
    FaultReport report;
    if (!asked_) return report;
    // A process that was killed since and is still down takes its pause with it.
    if (scene.down.contains(node_)) {
      report.detail["down"] = true;
    } else {
      scene.deployment.resume_replay(node_);
    }
    asked_ = false;
    return report;
  }

 private:
  std::string node_;
  bool asked_ = false;
};

}  // namespace

FaultKind pause_replay_fault() {
  return {"pause-replay",
          "pause-replay:TARGET[@START[..END]]",
          "a follower receives and serves reads, but applies nothing",
          true,
          FaultTiming::span,
          {},
          make_fault<PauseReplay>};
}

}  // namespace afterwrite
