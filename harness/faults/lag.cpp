#include "harness/faults/fault_kinds.hpp"
#include "harness/faults/link_fault.hpp"
#include "harness/session/duration.hpp"

namespace afterwrite {
namespace {

/// Everything that is replicated to a node arrives late; the way back is not delayed. On other links both
/// ways are, so that a round trip takes twice the delay longer.
class Lag : public LinkFault {
 public:
  Lag(FaultRequest request, std::string episode)
      : LinkFault(std::move(request), std::move(episode)),
        delay_(parse_duration(this->request().parameters.at("delay"), "delay")) {}

  FaultReport start(FaultScene& scene) override {
    FaultReport report = LinkFault::start(scene);
    report.detail["delay_ms"] = in_milliseconds(delay_);
    return report;
  }

 protected:
  LinkFaults effect(const Target& target) const override {
    LinkFaults faults;
    const bool both_ways = target.carries != Carries::replication;
    if (both_ways || target.flows_to_target) faults.to_target.delay = delay_;
    if (both_ways || !target.flows_to_target) faults.to_dialler.delay = delay_;
    return faults;
  }

 private:
  Duration delay_;
};

}  // namespace

FaultKind lag_fault() {
  return {"lag",
          "lag:TARGET,delay=DURATION[,links=replication|clients|both][@START[..END]]",
          "what is replicated to a node arrives that much later, in order",
          true,
          FaultTiming::span,
          {{"delay", ParameterForm::positive_duration, true}, {"links", ParameterForm::links, false}},
          make_fault<Lag>};
}

}  // namespace afterwrite
