#include "harness/faults/fault_kinds.hpp"

#include <fmt/format.h>

#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {

FaultKind lag_fault();
FaultKind stall_fault();
FaultKind hold_fault();
FaultKind partition_fault();
FaultKind pause_replay_fault();
FaultKind kill_fault();
FaultKind failover_fault();
FaultKind no_fault();

std::span<const FaultKind> fault_kinds() {
  static const std::vector<FaultKind> kinds{lag_fault(),  stall_fault(),    hold_fault(),      partition_fault(), pause_replay_fault(),
                                            kill_fault(), failover_fault(), no_fault()};
  return kinds;
}

const FaultKind& fault_kind(std::string_view name, std::string_view where) {
  std::vector<std::string> known;
  for (const FaultKind& kind : fault_kinds()) {
    if (kind.name == name) return kind;
    known.emplace_back(kind.name);
  }
  throw UsageError(fmt::format("{}: no fault is called '{}'{}", where, name, known_names_hint(name, known)));
}

void Fault::refuse(const std::string& why) const {
  throw UsageError(fmt::format("{}: {}", spelled(request_), why));
}

double in_milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace afterwrite
