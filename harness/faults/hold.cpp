#include "harness/faults/fault_kinds.hpp"
#include "harness/faults/link_fault.hpp"

namespace afterwrite {
namespace {

/// What is streamed to a node over websocket stays away, while its heartbeats go on, so that nobody takes the
/// connection for dead; all of it arrives in the end. On links that do not carry replication both ways are held.
class Hold : public LinkFault {
 public:
  using LinkFault::LinkFault;

 protected:
  LinkFaults effect(const Target& target) const override {
    LinkFaults faults;
    const bool both_ways = target.carries != Carries::replication;
    faults.to_target.held = both_ways || target.flows_to_target;
    faults.to_dialler.held = both_ways || !target.flows_to_target;
    return faults;
  }

  nlohmann::json proof(const Seen& seen) const override {
    if (seen.frames > 0) return {{"bit", true}, {"held_frames", seen.frames}};
    return {{"bit", false}, {"held_frames", 0}, {"error", "no websocket data frame was sent on the link meanwhile"}};
  }
};

}  // namespace

FaultKind hold_fault() {
  return {"hold",
          "hold:TARGET[,links=replication|clients|both][@START[..END]]",
          "websocket data frames stay away, heartbeats pass, everything arrives in order when it ends",
          true,
          FaultTiming::span,
          {{"links", ParameterForm::links, false}},
          make_fault<Hold>};
}

}  // namespace afterwrite
