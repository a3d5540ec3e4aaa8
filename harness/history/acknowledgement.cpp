#include "harness/history/acknowledgement.hpp"

namespace afterwrite {

Acknowledgement::Acknowledgement(const History& history) {
  for (const Operation& op : history.operations) {
    if (!op.txn.empty() && op.outcome != Outcome::ok) not_as_a_whole_.emplace(op.session, op.txn);
  }
}

Outcome Acknowledgement::outcome(const Operation& op) const {
  if (op.outcome != Outcome::ok || op.txn.empty()) return op.outcome;
  return not_as_a_whole_.contains({op.session, op.txn}) ? Outcome::info : Outcome::ok;
}

}  // namespace afterwrite
