#pragma once

#include <optional>
#include <vector>

#include "checkers/judgement.hpp"

namespace afterwrite {

/// What the command ends with.
enum class ExitCode : int {
  held = 0,
  violated = 1,
  unknown = 2,
  bad_input = 3,           ///< bad input or usage
  environment_failed = 4,  ///< the system never started
};

ExitCode exit_code(Verdict verdict);

/// With an expectation: `held` (0) iff it was met; else the verdict's own code, or 1 where that would be 0.
ExitCode exit_code(Verdict verdict, const std::optional<Verdict>& expected);

/// Of several the worst counts, in the order 4, 3, 1, 2, 0.
ExitCode worst(const std::vector<ExitCode>& codes);

std::optional<Verdict> parse_verdict(std::string_view name);

}  // namespace afterwrite
