#include "harness/faults/fault_kinds.hpp"

namespace afterwrite {
namespace {

/// A node ends at once and is started again at the end, unless another one leads in its place by then.
class Kill : public Fault {
 public:
  using Fault::Fault;

  void check(FaultScene& scene) override {
    const std::string node = scene.targets.node(request(), scene.deployment.topology());
    if (const auto why = scene.deployment.refusal(Ability::kill, node)) refuse(*why);
    if (!request().end) return;
    if (const auto why = scene.deployment.refusal(Ability::restart, node)) {
      refuse(*why + " (without an end it is not started again)");
    }
  }

  FaultReport start(FaultScene& scene) override {
    FaultReport report;
    node_ = scene.targets.node(request(), scene.deployment.topology());
    report.targets = {node_};
    report.proof = scene.deployment.kill(node_);
    killed_ = true;
    scene.down.insert(node_);
    if (!report.proof.contains("bit")) report.proof["bit"] = report.proof.value("reaped", true);
    return report;
  }

  FaultReport heal(FaultScene& scene) override {
    FaultReport report;
    if (!killed_) return report;
    const auto why = scene.deployment.refusal(Ability::restart, node_);
    report.detail["restarted"] = !why;
    if (why) {
      report.detail["reason"] = *why;
    } else {
      scene.deployment.restart(node_);
      scene.down.erase(node_);
      report.links_changed = true;
    }
    killed_ = false;
    return report;
  }

 private:
  std::string node_;
  bool killed_ = false;
};

}  // namespace

FaultKind kill_fault() {
  return {"kill",
          "kill:TARGET@START[..END]",
          "a node's process ends at once; it is started again at END, or after the run's load",
          true,
          FaultTiming::moment_or_span,
          {},
          make_fault<Kill>};
}

}  // namespace afterwrite
