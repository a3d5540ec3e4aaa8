#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/faults/fault.hpp"

namespace afterwrite {

/// Which times a request may give.
enum class FaultTiming {
  span,            ///< START and END, or START to the end of the run, or neither: the whole run
  moment_or_span,  ///< START is needed
  moment,          ///< START is needed, there is no END
};

enum class ParameterForm { duration, positive_duration, links };

struct FaultParameter {
  std::string_view name;
  ParameterForm form = ParameterForm::duration;
  bool needed = false;
};

/// A row of the table of faults.
struct FaultKind {
  std::string_view name;
  std::string_view form;     ///< how it is asked for: `kill:TARGET@START[..END]`
  std::string_view summary;  ///< what it does, in half a line
  bool takes_target = false;
  FaultTiming timing = FaultTiming::span;
  std::vector<FaultParameter> parameters;
  std::unique_ptr<Fault> (*make)(FaultRequest request, std::string episode) = nullptr;
};

/// All faults, in the order in which `afterwrite list faults` shows them.
std::span<const FaultKind> fault_kinds();

/// The row of a name. Throws UsageError with the nearest known name.
const FaultKind& fault_kind(std::string_view name, std::string_view where);

template <class Kind>
std::unique_ptr<Fault> make_fault(FaultRequest request, std::string episode) {
  return std::make_unique<Kind>(std::move(request), std::move(episode));
}

double in_milliseconds(Duration duration);

}  // namespace afterwrite
