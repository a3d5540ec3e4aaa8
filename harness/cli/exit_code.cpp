#include "harness/cli/exit_code.hpp"

#include <algorithm>
#include <array>

namespace afterwrite {

ExitCode exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::held:
      return ExitCode::held;
    case Verdict::violated:
      return ExitCode::violated;
    case Verdict::unknown:
      break;
  }
  return ExitCode::unknown;
}

ExitCode exit_code(Verdict verdict, const std::optional<Verdict>& expected) {
  if (!expected) return exit_code(verdict);
  if (verdict == *expected) return ExitCode::held;
  return verdict == Verdict::unknown ? ExitCode::unknown : ExitCode::violated;
}

ExitCode worst(const std::vector<ExitCode>& codes) {
  for (const ExitCode code : {ExitCode::environment_failed, ExitCode::bad_input, ExitCode::violated,
                              ExitCode::unknown}) {
    if (std::find(codes.begin(), codes.end(), code) != codes.end()) return code;
  }
  return ExitCode::held;
}

std::optional<Verdict> parse_verdict(std::string_view name) {
  for (const Verdict verdict : {Verdict::held, Verdict::violated, Verdict::unknown}) {
    if (to_string(verdict) == name) return verdict;
  }
  return std::nullopt;
}

}  // namespace afterwrite
