#include "harness/faults/fault_kinds.hpp"

namespace afterwrite {
namespace {

/// Does nothing, and marks its time in the history: a control for what the other faults do, and the template for a new
/// one.
///
/// To add a fault, copy this file and
///  - check(): refuse what the system cannot give, by its `refusal(...)` or for want of a link, with refuse("why; what
///  would
///    make it possible"). Nothing may be changed yet.
///  - start(): put it in force. Name the nodes in `targets`, since the lag at these nodes is what shows that it bit;
///  put what was
///    asked into `detail`, times in ms; if it is known at once whether it bit, say so in `proof`.
///  - heal(): undo exactly what start() did, also if start() threw half-way, also when called again after it threw
///  itself.
///  - follow(): only if it works on links, which change with the leader; LinkFault does all of that.
///  - give it a row in the table of fault_kinds.cpp.
class None : public Fault {
 public:
  using Fault::Fault;

  void check(FaultScene&) override {}

  FaultReport start(FaultScene&) override {
    FaultReport report;
    report.proof = {{"bit", true}};
    return report;
  }

  FaultReport heal(FaultScene&) override { return {}; }
};

}  // namespace

FaultKind no_fault() {
  return {"none", "none[@START[..END]]", "nothing happens; marks a time in the history", false, FaultTiming::span,
          {},     make_fault<None>};
}

}  // namespace afterwrite
