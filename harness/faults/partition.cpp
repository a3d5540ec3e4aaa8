#include "harness/faults/fault_kinds.hpp"
#include "harness/faults/link_fault.hpp"

namespace afterwrite {
namespace {

/// Connections are reset, losing what was under way, and new ones are refused.
class Partition : public LinkFault {
 public:
  using LinkFault::LinkFault;

 protected:
  LinkFaults effect(const Target&) const override {
    LinkFaults faults;
    faults.cut = true;
    return faults;
  }
};

}  // namespace

FaultKind partition_fault() {
  return {"partition",
          "partition:TARGET[,links=replication|clients|both][@START[..END]]",
          "connections are reset and new ones refused",
          true,
          FaultTiming::span,
          {{"links", ParameterForm::links, false}},
          make_fault<Partition>};
}

}  // namespace afterwrite
