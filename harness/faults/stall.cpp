#include "harness/faults/fault_kinds.hpp"
#include "harness/faults/link_fault.hpp"

namespace afterwrite {
namespace {

/// The network falls silent, both ways: nothing arrives, no connection breaks, and all of it arrives in the end.
class Stall : public LinkFault {
 public:
  using LinkFault::LinkFault;

 protected:
  LinkFaults effect(const Target&) const override {
    LinkFaults faults;
    faults.to_target.stalled = true;
    faults.to_dialler.stalled = true;
    return faults;
  }
};

}  // namespace

FaultKind stall_fault() {
  return {"stall",
          "stall:TARGET[,links=replication|clients|both][@START[..END]]",
          "nothing gets through, connections stay open, everything arrives when it ends",
          true,
          FaultTiming::span,
          {{"links", ParameterForm::links, false}},
          make_fault<Stall>};
}

}  // namespace afterwrite
